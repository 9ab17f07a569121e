package flow

import (
	"context"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Hooks are functions that flows call around steps, for traces and metrics.
// Each may be nil. They may be called from many goroutines at once, and a step
// waits for them: they must not block. Package otelpay implements them for
// OpenTelemetry.
type Hooks struct {
	// Step is called when a step starts. The step runs with the context it
	// returns, which must be derived from ctx. The function it returns, which
	// may be nil, is called with the step's error when the step ends; after a
	// panic, for example of the client's transport, that is an error too.
	Step func(ctx context.Context, s StepInfo) (context.Context, func(err error))
	// Carrier is called once for each session, by [Start], with the step's
	// context. Its result, such as a W3C traceparent, is stored in the
	// session's record for every machine: at most 256 printable ASCII
	// characters. Anything else is left out.
	Carrier func(ctx context.Context) string
	// Open is called with 1 when Start or [Resume] returns a flow of an open session,
	// and with -1 when that flow is closed or its session over.
	Open func(delta int)
}

// StepInfo describes a step.
type StepInfo struct {
	// Name is start, resume, capture, complete or cancel.
	Name string
	// Capture is the field of a capture.
	Capture payments.Capture
	// Session is the session; for start, only the call is known.
	Session Session
	// Carrier is what the machine that started the session wrote, on whichever
	// machine the step runs. It is empty for start and resume.
	Carrier string
}

// WithHooks calls hooks around the steps of a flow. Default: none.
func WithHooks(hooks Hooks) Option {
	return func(c *config) error {
		c.hooks = hooks
		return nil
	}
}

// observed runs a step and calls the Step hook around it.
func observed[T any](ctx context.Context, h *Hooks, s StepInfo, step func(context.Context) (T, error)) (result T, err error) {
	if h.Step == nil {
		return step(ctx)
	}
	ctx, end := h.Step(ctx, s)
	if end == nil {
		return step(ctx)
	}
	err = errNotReturned // unless it does
	defer func() { end(err) }()
	result, err = step(ctx)
	return result, err
}

// info describes a step of the flow.
func (f *Flow) info(op operation, name string) StepInfo {
	f.mu.Lock()
	defer f.mu.Unlock()
	return StepInfo{Name: name, Capture: op.Capture, Session: f.session, Carrier: f.seen.Carrier}
}

const maxCarrier = 256

// carrier returns what is stored for the machines that continue the session.
func (h *Hooks) carrier(ctx context.Context) string {
	if h.Carrier == nil {
		return ""
	}
	text := h.Carrier(ctx)
	if len(text) > maxCarrier || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return text
}

// count counts the flow as open until it is closed or over.
func (f *Flow) count() {
	if f.config.hooks.Open == nil {
		return
	}
	f.mu.Lock()
	f.counted = f.end == nil && f.failed != ErrClosed
	counted := f.counted
	f.mu.Unlock()
	if counted {
		f.config.hooks.open(1)
	}
}

// open calls the hook. A panic in it must neither end the process nor lose a
// session that was just started.
func (h *Hooks) open(delta int) {
	defer func() { _ = recover() }()
	h.Open(delta)
}

// uncount ends that. The caller holds mu, so the hook runs in a goroutine.
func (f *Flow) uncount() {
	if f.counted {
		f.counted = false
		go f.config.hooks.open(-1)
	}
}
