package callback

import (
	"context"
	"time"
)

// Hooks are functions that a [Handler] calls around deliveries, for traces and
// metrics. Each may be nil. They may be called from many goroutines at once, and
// a panic of one counts as a failure of the delivery. Package otelpay has some for
// OpenTelemetry.
type Hooks struct {
	// Delivery is called for a delivery whose signature is verified, before the
	// handler's function. The function gets the context it returns, which must be
	// derived from ctx. What it returns, which may be nil, is called when the
	// delivery ends, with the error of the handler's function or of the
	// deduplicator, and whether the event was handled before.
	Delivery func(ctx context.Context, e Event) (context.Context, func(again bool, err error))
	// Responded is called for every request with the status of the response, and
	// how long the sender waited for it.
	Responded func(ctx context.Context, status int, took time.Duration)
}

// WithHooks calls hooks around deliveries. Default: none. [Verify] does not take
// it.
func WithHooks(hooks Hooks) Option {
	return func(c *config) error {
		c.hooks = hooks
		return nil
	}
}

// begin calls the hook of deliveries.
func (c *config) begin(ctx context.Context, e Event) (context.Context, func(*outcome)) {
	if c.hooks.Delivery == nil {
		return ctx, func(*outcome) {}
	}
	ctx, end := c.hooks.Delivery(ctx, e)
	if end == nil {
		return ctx, func(*outcome) {}
	}
	return ctx, func(out *outcome) { end(out.again, out.err) }
}
