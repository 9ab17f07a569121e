package payments

import (
	"context"
	"fmt"
)

// Client calls the Payments resource of one account. It is safe for any number
// of goroutines; make one and keep it.
type Client struct{ config config }

// NewClient returns a Client configured by the environment and opts; an option
// overrides the environment. Credentials are TWILIO_ACCOUNT_SID with, in this
// order of precedence, TWILIO_API_KEY and TWILIO_API_SECRET, TWILIO_CLIENT_ID
// and TWILIO_CLIENT_SECRET, or TWILIO_AUTH_TOKEN. TWILIO_REGION and TWILIO_EDGE
// choose the server; TWILIO_BASE_URL names a simulator on this machine, see
// [WithBaseURL]. NewClient fails if credentials are missing or a value is
// invalid, and names it.
func NewClient(opts ...Option) (*Client, error) {
	c, err := fromEnvironment().with(opts)
	if err != nil {
		return nil, err
	}
	if c.info != nil {
		return nil, optionError("WithResponseInfo", "must be given to one call, not to a client")
	}
	return &Client{config: c}, nil
}

// Create starts a payment session on a call in progress and returns its SID.
// The caller is not asked for anything yet. A call has at most one open session;
// a second one fails with [ErrSessionInProgress].
//
// An empty IdempotencyKey is replaced by a random one. Every failure is an
// [*Error]; when its OutcomeUnknown is true, a session may have started: create
// again with its IdempotencyKey, or wait for the first status callback.
//
// See https://www.twilio.com/docs/voice/api/payment-resource#create-a-payments-resource
func (c *Client) Create(ctx context.Context, callSID string, params CreateParams, opts ...Option) (*Session, error) {
	return c.do(ctx, operation{
		name: opCreate, callSID: callSID,
		key: &params.IdempotencyKey, params: (*createForm)(&params),
	}, opts)
}

// Update asks the caller for one field (Capture), or completes or cancels the
// session (Status). A nil error means only that Twilio accepted the request:
// what the caller entered and how the gateway decided arrive at StatusCallback.
//
// An empty IdempotencyKey is replaced by a random one. Every failure is an
// [*Error]. The client does not retry a StatusComplete whose outcome is unknown
// (see [WithRetryComplete]): wait for the status callback, which reports it.
//
// See https://www.twilio.com/docs/voice/api/payment-resource#update-a-payments-resource
func (c *Client) Update(ctx context.Context, callSID, sid string, params UpdateParams, opts ...Option) (*Session, error) {
	return c.do(ctx, operation{
		name: updateName(&params), callSID: callSID, sid: sid, update: true,
		key: &params.IdempotencyKey, params: (*updateForm)(&params),
	}, opts)
}

// CloseIdleConnections closes the connections of the client's transport that are
// not in use, when the transport can do so. Clients without [WithHTTPClient]
// share one transport.
func (c *Client) CloseIdleConnections() {
	if c != nil && c.config.http != nil {
		c.config.http.CloseIdleConnections()
	}
}

// Format prints only the account, for every verb: never a secret.
func (c Client) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "payments.Client(%s)", c.config.accountSID())
}

// createForm and updateForm are the forms of the two operations.
type (
	createForm CreateParams
	updateForm UpdateParams
)

func (p *createForm) check() violations {
	var v violations
	checkCreate(&v, (*CreateParams)(p))
	return v
}

func (p *updateForm) check() violations {
	var v violations
	checkUpdate(&v, (*UpdateParams)(p))
	return v
}
