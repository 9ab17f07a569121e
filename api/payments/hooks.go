package payments

import (
	"context"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Hooks are functions that a client calls before and after each call and each
// attempt, for traces and metrics. Each may be nil. They run in the goroutine of
// the call, so they must return quickly; many goroutines may call them at once.
// Package otelpay provides hooks for OpenTelemetry.
type Hooks struct {
	// Operation is called when a call starts, before its parameters are checked.
	// The call continues with the context it returns, which must be derived from
	// ctx. The function it returns, which may be nil, is called with the outcome;
	// after a panic, for example of the transport, that is an error too.
	Operation func(ctx context.Context, op Operation) (context.Context, func(Outcome))
	// Attempt is called before each attempt; the first has number 1. The request
	// is sent with the context it returns, which must be derived from ctx. The
	// function it returns, which may be nil, is called when the response has been
	// read or the attempt has failed.
	Attempt func(ctx context.Context, op Operation, number int) (context.Context, func(AttemptOutcome))
}

// Operation describes a call to hooks.
type Operation struct {
	Name       string // as in [Error.Op]
	AccountSID string
	CallSID    string // as given; valid in the Attempt hook, unchecked in the Operation hook
	SID        string // of the session, as CallSID; empty for a create
	Capture    Capture
	// StatusCallback is the URL as given; Reveal reads it. Its query may hold a
	// token. The callbacks of the operation have it as their SignedURL.
	StatusCallback wire.Hidden[string]
	Server         string // scheme and host, such as "https://api.twilio.com"
	Template       string // the request's path, with parameter names in place of SIDs
}

// Outcome is how a call ended.
type Outcome struct {
	Session   *Session // nil when the call failed
	Err       *Error   // nil when it succeeded
	Attempts  int
	Status    int    // of the last attempt's response, 0 when it got none
	RequestID string // of that response
}

// AttemptOutcome is how an attempt ended.
type AttemptOutcome struct {
	Status    int // 0 when there was no response
	Code      int // Twilio's error code, 0 when the response had none
	RequestID string
	Err       error // of the transport, redacted; nil when there was a response
}

// WithHooks calls hooks around the work of a client or a call. Default: none.
func WithHooks(hooks Hooks) Option {
	return func(c *config) error {
		c.hooks = hooks
		return nil
	}
}

// The paths of the two operations, as the contract writes them.
const (
	createTemplate = "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json"
	updateTemplate = "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments/{Sid}.json"
)

// describe is called only for hooks, so a client without hooks pays nothing.
func (c *call) describe() Operation {
	op := Operation{Name: c.name, AccountSID: c.accountSID(), CallSID: c.callSID, SID: c.sid, Template: createTemplate}
	if c.update {
		op.Template = updateTemplate
	}
	switch p := c.params.(type) {
	case *createForm:
		op.StatusCallback = wire.Hide(p.StatusCallback)
	case *updateForm:
		op.StatusCallback, op.Capture = wire.Hide(p.StatusCallback), p.Capture
	}
	if c.endpoints != nil {
		u := c.endpoints.create.request.URL
		op.Server = u.Scheme + "://" + u.Host
	}
	return op
}

// begin calls the hook of the operation.
func (c *call) begin(ctx context.Context) (context.Context, func(*Session, *Error)) {
	ended := func(*Session, *Error) {}
	if c.hooks.Operation == nil {
		return ctx, ended
	}
	ctx, end := c.hooks.Operation(ctx, c.describe())
	if end != nil {
		ended = func(s *Session, e *Error) {
			o := Outcome{Session: s, Err: e, Attempts: c.made}
			if c.last != nil {
				o.Status, o.RequestID = c.last.status, c.last.requestID
			}
			end(o)
		}
	}
	return ctx, ended
}

// outcome describes the last attempt to its hook.
func (c *call) outcome() AttemptOutcome {
	if c.last == nil {
		return AttemptOutcome{Err: errPanicked}
	}
	o := AttemptOutcome{Status: c.last.status, Code: c.last.code(), RequestID: c.last.requestID}
	if c.last.err != nil {
		o.Err = redactCause(c.last.err, c.secrets())
	}
	return o
}

// observed makes an attempt and calls the Attempt hook around it.
func (c *call) observed(ctx context.Context, number int, renew bool) *attemptResult {
	c.made = number
	if c.hooks.Attempt == nil {
		c.last = c.attempt(ctx, renew)
		return c.last
	}
	of, end := c.hooks.Attempt(ctx, c.describe(), number)
	c.last = nil // in case of a panic
	if end != nil {
		defer func() { end(c.outcome()) }()
	}
	c.last = c.attempt(of, renew)
	return c.last
}
