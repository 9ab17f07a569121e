package flow

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Option sets one thing for a flow. One that is given twice counts as given
// last.
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
	for i, opt := range opts {
		if opt == nil {
			return c, fmt.Errorf("flow: option %d: must not be nil", i+1)
		}
		if err := opt(&c); err != nil {
			return c, fmt.Errorf("flow: %w", err)
		}
	}
	return c, nil
}

// WithPatience sets how long a request whose response was lost is waited for to
// show in a callback, within the context of the step. Default 30 s.
func WithPatience(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return errors.New("WithPatience: must be above 0")
		}
		c.patience = d
		return nil
	}
}

// WithLease sets how long a step keeps other machines from beginning one after
// its own machine died; while that lives, it renews the lease three times as
// often. Default 15 s, at least 1 s. The clocks of the machines may differ by
// two thirds of it. That complete is sent once does not depend on clocks.
func WithLease(d time.Duration) Option {
	return func(c *config) error {
		if d < time.Second {
			return errors.New("WithLease: must be at least 1 s")
		}
		c.lease = d
		return nil
	}
}

// WithTakeOver makes [Resume] take a step that is under way elsewhere for left
// behind, without waiting for its lease to end. Use it when the other machine
// is known to be gone. Should it live after all, its step ends with
// [ErrTakenOver] when this flow begins one.
func WithTakeOver() Option {
	return func(c *config) error {
		c.takeOver = true
		return nil
	}
}

// WithStatusCallback sets where the callbacks of a resumed session go from now
// on. Default: where [Start] said, which the bus remembers. It is needed for a
// session that the bus has no record of. Of such a session nobody knows whether
// a complete was sent: only Complete, which waits for the callback, and Cancel
// can follow, see [WithRiskOfSecondCharge].
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

// WithRiskOfSecondCharge makes [Resume] take a session whose record the bus has
// lost, or never had, for one that no complete was sent for. If one was, and
// Twilio does not recognize its idempotency key, the caller is charged twice:
// give it only for a session that surely was never completed, such as one that
// was just created without a flow. A complete that stands in the record is never
// sent again, with this option neither.
func WithRiskOfSecondCharge() Option {
	return func(c *config) error {
		c.risk = true
		return nil
	}
}

// WithCallOptions hands options to every call of the client, such as
// payments.WithAccount for a subaccount. A flow completes without the client's
// own retries whatever is given here: see the package documentation.
func WithCallOptions(opts ...payments.Option) Option {
	return func(c *config) error {
		c.calls = slices.Clone(opts)
		return nil
	}
}
