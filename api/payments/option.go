package payments

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// An Option configures a client or, given to a call, that call only. Later
// options override earlier ones, and a call's options override the client's. A
// nil option, or one with an invalid value, is an error that names it.
type Option func(*config) error

// WithCredentials authenticates with an account SID and its auth token, for calls
// of that account. Default: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, unless an
// API key or an OAuth app is set too; see [NewClient].
func WithCredentials(accountSID, authToken string) Option {
	return func(c *config) error {
		if !sid.Account.Is(accountSID) {
			return optionError("WithCredentials", "the account SID "+ruleAccount)
		}
		if authToken == "" {
			return optionError("WithCredentials", "the auth token must not be empty")
		}
		c.auth, c.ownAuth = newAuth(accountSID, accountSID, authToken), true
		return nil
	}
}

// WithAPIKey authenticates on behalf of an account with an API key, whose SID
// starts with SK. Default: TWILIO_API_KEY and TWILIO_API_SECRET with
// TWILIO_ACCOUNT_SID.
func WithAPIKey(accountSID, keySID, secret string) Option {
	return func(c *config) error {
		switch {
		case !sid.Account.Is(accountSID):
			return optionError("WithAPIKey", "the account SID "+ruleAccount)
		case !sid.Key.Is(keySID):
			return optionError("WithAPIKey", "the key SID "+ruleKey)
		case secret == "":
			return optionError("WithAPIKey", "the secret must not be empty")
		}
		c.auth, c.ownAuth = newAuth(accountSID, keySID, secret), true
		return nil
	}
}

// WithAccount sets the account that owns the call when it is not the account of
// the credentials: a subaccount. Default: the account of the credentials. A
// call with its own credentials does not inherit the client's account.
func WithAccount(accountSID string) Option {
	return func(c *config) error {
		if !sid.Account.Is(accountSID) {
			return optionError("WithAccount", ruleAccount)
		}
		c.account = accountSID
		return nil
	}
}

// WithBaseURL sends requests to another server and overrides region and edge.
// The URL has a scheme and a host and may have a path; plain http is for
// loopback addresses only. Default: TWILIO_BASE_URL, which accepts loopback
// addresses only and also overrides region and edge; otherwise
// https://api.twilio.com, or the host for the region and edge.
func WithBaseURL(base string) Option {
	return func(c *config) error {
		u, broken := checkBaseURL(base)
		if broken != "" {
			return optionError("WithBaseURL", broken)
		}
		c.baseURL, c.envURL = u, nil
		return nil
	}
}

// WithRegion sends requests to a region, such as "ie1". A region without an
// edge uses the edge Twilio names for it. Each region has its own credentials.
// Default: TWILIO_REGION, or none. See
// https://www.twilio.com/docs/global-infrastructure
func WithRegion(region string) Option {
	return func(c *config) error {
		if !isLabel(region) {
			return optionError("WithRegion", ruleLabel)
		}
		c.region = region
		return nil
	}
}

// WithEdge enters Twilio's network at an edge, such as "dublin". An edge without
// a region means us1. Default: TWILIO_EDGE, or none.
func WithEdge(edge string) Option {
	return func(c *config) error {
		if !isLabel(edge) {
			return optionError("WithEdge", ruleLabel)
		}
		c.edge = edge
		return nil
	}
}

// WithHTTPClient sends requests through h, for a proxy, a timeout or tracing. The
// client copies h and never changes it; the copy follows no redirects. After an
// attempt times out, the client closes the transport's idle connections; see
// "Retries" in the package documentation. Default: a client with a transport from
// [NewTransport], shared by all clients without this option. Build your own
// transport from one too.
func WithHTTPClient(h *http.Client) Option {
	return func(c *config) error {
		if h == nil {
			return optionError("WithHTTPClient", "the client must not be nil")
		}
		if isEmpty(h.Transport) {
			return optionError("WithHTTPClient", "the client's transport is empty: make one with NewTransport")
		}
		c.http = wrap(h)
		return nil
	}
}

// WithUserAgent appends a product, such as "shop/2.1", to the SDK's own in the
// User-Agent header. Default: none.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		if product == "" || strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r > '~' }) {
			return optionError("WithUserAgent", "the product must be printable ASCII")
		}
		c.product = product
		return nil
	}
}

// WithMaxRetries sets how often a call is retried when the table in the package
// documentation allows it. Default 3; 0 turns retries off.
func WithMaxRetries(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return optionError("WithMaxRetries", "must be at least 0")
		}
		c.maxRetries = n
		return nil
	}
}

// WithAttemptTimeout limits one attempt, from dialling to the last byte of the
// response. The caller's context limits the whole call. Default 15 s; 0 means
// no limit.
func WithAttemptTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return optionError("WithAttemptTimeout", "must be at least 0")
		}
		c.attemptTimeout = d
		return nil
	}
}

// WithRetryComplete retries StatusComplete, with the same idempotency key, when
// the outcome of an attempt is unknown. Twilio does not document that a
// repeated key prevents a second charge, so this is off by default.
func WithRetryComplete() Option {
	return func(c *config) error {
		c.retryComplete = true
		return nil
	}
}

// WithoutSharedBackoff makes a 429 slow down only its own call. By default, a
// client's calls for the same account share a limit after a 429: see "Too many
// requests" in the package documentation.
func WithoutSharedBackoff() Option {
	return func(c *config) error {
		c.backoff = nil
		return nil
	}
}

// WithLogger logs one record per attempt at debug level and one per failed call
// at warn level: operation, SIDs, attempt, status, code, request id, durations;
// never credentials, form values, URLs or bodies. Default: no logging.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			return optionError("WithLogger", "the logger must not be nil")
		}
		c.logger = l
		return nil
	}
}

// WithoutValidation turns off the validation of parameters before sending. SIDs
// are still validated, so that no value changes the request's path. Values that
// cannot be encoded, such as text that is not UTF-8, are still refused.
func WithoutValidation() Option {
	return func(c *config) error {
		c.unchecked = true
		return nil
	}
}

// WithExtraParams sends form fields that the contract does not know yet, sorted
// by name, after the known ones; given to a call, they replace the client's.
// Default: none. A name that the contract knows, in upper or lower case, is
// refused. Values are not logged.
func WithExtraParams(params url.Values) Option {
	extra := make(url.Values, len(params))
	for name, values := range params {
		extra[name] = slices.Clone(values)
	}
	return func(c *config) error {
		c.extra = func() url.Values { return extra }
		return nil
	}
}

// WithResponseInfo fills info by the time the call returns, on success and on
// failure. It is for a single call: NewClient refuses it. Default: none.
func WithResponseInfo(info *ResponseInfo) Option {
	return func(c *config) error {
		if info == nil {
			return optionError("WithResponseInfo", "info must not be nil")
		}
		c.info = info
		return nil
	}
}
