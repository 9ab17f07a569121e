package callback

import (
	"context"
	"time"
)

// Hooks are functions that a [Handler] calls around deliveries, for traces and
// metrics. Each may be nil. They may be called from many goroutines at once. A
// panic in Delivery makes the response 500; other panics are only logged. Package
// otelpay provides hooks for OpenTelemetry.
type Hooks struct {
	// Delivery is called for a verified delivery, before the handler's function.
	// That function gets the context that Delivery returns, which must be derived
	// from ctx. The function that Delivery returns, which may be nil, is called
	// when the delivery ends. again reports whether the event was handled before,
	// and err is the error of the handler's function or of the deduplicator.
	Delivery func(ctx context.Context, e Event) (context.Context, func(again bool, err error))
	// Responded is called for every request with the status of the response and
	// how long the sender waited for it.
	Responded func(ctx context.Context, status int, took time.Duration)
}

// WithHooks calls hooks around deliveries. Default: none. [Verify] refuses this
// option.
func WithHooks(hooks Hooks) Option {
	return func(c *config) error {
		c.hooks = hooks
		return nil
	}
}

// begin calls the Delivery hook.
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
