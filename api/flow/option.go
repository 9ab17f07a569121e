package flow

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/option"
)

// Option configures a flow. If an option is given twice, the last one counts.
type Option func(*config) error

type config struct {
	patience time.Duration
	lease    time.Duration
	takeOver bool
	callback string
	risk     bool // of a second charge
	refers   reference
	hooks    Hooks
	calls    []payments.Option
	now      func() time.Time
}

const (
	defaultPatience = 30 * time.Second
	defaultLease    = 15 * time.Second
)

func newConfig(opts []Option) (config, error) {
	c := config{patience: defaultPatience, lease: defaultLease, now: time.Now}
	err := option.Apply("flow", &c, opts)
	return c, err
}

// WithPatience sets how long a step whose response was lost waits, within its
// context, for a callback that shows the request. Default 30 s.
func WithPatience(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return errors.New("WithPatience: must be above 0")
		}
		c.patience = d
		return nil
	}
}

// WithLease sets how long a step keeps other machines from starting one after
// its own machine has died; while that machine lives, it renews the lease three
// times per period. Default 15 s, at least 1 s. The machines' clocks may differ
// by two thirds of it. That complete is sent only once does not depend on
// clocks.
func WithLease(d time.Duration) Option {
	return func(c *config) error {
		if d < time.Second {
			return errors.New("WithLease: must be at least 1 s")
		}
		c.lease = d
		return nil
	}
}

// WithTakeOver makes [Resume] treat a step that is in progress elsewhere as
// abandoned, without waiting for its lease to end. Use it when the other
// machine is known to be gone. If that machine is still alive, its step ends
// with [ErrTakenOver] when this flow starts one.
func WithTakeOver() Option {
	return func(c *config) error {
		c.takeOver = true
		return nil
	}
}

// WithStatusCallback sets the StatusCallback of a resumed session from now on.
// Default: the URL given to [Start], which the bus has recorded. It is required
// for a session that the bus has no record of. Nobody knows whether a complete
// was sent for such a session, so only Complete, which waits for the callback,
// and Cancel can follow; see [WithRiskOfSecondCharge].
func WithStatusCallback(absoluteURL string) Option {
	return func(c *config) error {
		u, err := url.Parse(absoluteURL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return fmt.Errorf("WithStatusCallback: %w", &payments.ValidationError{Field: "StatusCallback", Rule: "must be an absolute http or https URL"})
		}
		c.callback = absoluteURL
		return nil
	}
}

// WithRiskOfSecondCharge makes [Resume] assume that no complete was sent for a
// session whose record the bus has lost, or never had. If one was sent, and
// Twilio does not recognize its idempotency key, the caller is charged twice:
// use it only for a session that surely was never completed, such as one just
// created without a flow. A complete that is in the record is never sent again,
// even with this option.
func WithRiskOfSecondCharge() Option {
	return func(c *config) error {
		c.risk = true
		return nil
	}
}

// WithCallOptions passes options to every call of the client, such as
// payments.WithAccount for a subaccount. Whatever is given here, a flow sends
// complete without the client's own retries: see the package documentation.
func WithCallOptions(opts ...payments.Option) Option {
	return func(c *config) error {
		c.calls = slices.Clone(opts)
		return nil
	}
}
