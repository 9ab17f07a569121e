package load

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// fate is how a session is meant to end. It depends on its call SID.
type fate string

const (
	paid         fate = "paid"
	declined     fate = "declined"
	cancelled    fate = "cancelled"     // while the caller is being asked
	star         fate = "star"          // the caller presses star
	hungUp       fate = "hung up"       // the caller hangs up
	lostComplete fate = "lost complete" // complete never reaches Twilio; then cancelled
)

func fateOf(callSID string) fate {
	switch n := share(callSID, "fate"); {
	case n < 8:
		return declined
	case n < 14:
		return cancelled
	case n < 17:
		return star
	case n < 20:
		return hungUp
	case n < 22:
		return lostComplete
	}
	return paid
}

var fields = []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate}

// session runs session i from start to end.
func (r *run) session(i int) {
	ctx, cancel := r.context()
	defer cancel()
	call := r.srv.Call(fmt.Sprintf("CA%032x", i))
	meant := fateOf(call.SID)
	call.AnswerWith(caller(meant))
	for r.attempt(ctx, i, meant, call) {
	}
}

// attempt runs session i, and reports whether another must be started in its
// place: Start could not record it, and its cancel, whose response was lost, had
// succeeded.
func (r *run) attempt(ctx context.Context, i int, meant fate, call *paymentstest.Call) (again bool) {
	f, repeated, err := r.start(ctx, r.machine(i), call.SID)
	if err != nil {
		r.lost(i, meant, fmt.Errorf("start: %w", err))
		return false
	}
	defer func() { _ = f.Close() }()
	watch, watching := r.watch(ctx, i, f)
	defer watching.Wait()
	err = r.steps(ctx, i, meant, f, call)
	if repeated && meant != cancelled && errors.Is(err, flow.ErrCancelled) {
		return true
	}
	r.count(func(c *Counts) { c.Started++ })
	if err != nil {
		r.lost(i, meant, err)
		watch()
	}
	return false
}

// start starts a session, and repeats that with the same key while the outcome
// is unknown. If the bus is down and no session is left open, it tries again a
// few times, as resume does.
func (r *run) start(ctx context.Context, bus flow.Bus, callSID string) (_ *flow.Flow, repeated bool, err error) {
	p := payments.CreateParams{
		ChargeAmount: "49.90", PostalCode: new(false), SecurityCode: new(false), StatusCallback: "https://pay.example.com/status#rc=5&rp=5xx",
	}
	for tries := 3; ; {
		f, err := flow.Start(ctx, r.client, bus, callSID, p, flow.WithPatience(r.config.Patience))
		if err == nil || ctx.Err() != nil {
			return f, repeated, err
		}
		if e, ok := errors.AsType[*flow.StartError](err); ok {
			r.count(func(c *Counts) { c.Unreported++ })
			repeated, p.IdempotencyKey = true, e.IdempotencyKey
			continue
		}
		if tries--; tries == 0 || errors.As(err, new(*payments.Error)) {
			return nil, repeated, err
		}
		r.count(func(c *Counts) { c.Retried++ })
	}
}

func (r *run) machine(i int) flow.Bus { return r.config.Machines[i%len(r.config.Machines)] }

// watch follows the session on the next machine and checks what it sees.
func (r *run) watch(ctx context.Context, i int, f *flow.Flow) (stop context.CancelFunc, done *sync.WaitGroup) {
	ctx, stop = context.WithCancel(ctx)
	done = new(sync.WaitGroup)
	s := f.Session()
	done.Go(func() {
		g, err := r.resume(ctx, i, s)
		if err != nil {
			if ctx.Err() == nil {
				r.lost(i, "watched", err)
			}
			return
		}
		defer func() { _ = g.Close() }()
		last := flow.Progress{}
		events := 0
		for p := range g.Events(ctx) {
			if p.SID != s.SID {
				r.count(func(c *Counts) { c.Crossed++ })
			}
			if events++; p.Number != last.Number+1 || !p.At.IsZero() && p.At.Before(last.At) {
				r.lost(i, "watched", fmt.Errorf("%+v follows %+v", p, last))
			}
			last = p
		}
		r.count(func(c *Counts) { c.Events += events })
		if last.Kind != callback.Completed && ctx.Err() == nil {
			r.lost(i, "watched", errors.New("the end was not seen"))
		}
	})
	return stop, done
}

// steps runs the steps; every fourth session moves to another machine in the
// middle of a capture.
func (r *run) steps(ctx context.Context, i int, meant fate, f *flow.Flow, call *paymentstest.Call) error {
	for n, field := range fields {
		if n == 1 && i%4 == 0 {
			moved, err := r.move(ctx, i, f, field, meant)
			if err != nil {
				return fmt.Errorf("resume: %w", err)
			}
			defer func() { _ = moved.Close() }()
			f = moved
		}
		if n == 1 && meant == cancelled {
			return r.cancel(ctx, f, field, call)
		}
		err := r.capture(ctx, f, field)
		switch {
		case n == 1 && (meant == star && errors.Is(err, flow.ErrStar) || meant == hungUp && errors.Is(err, flow.ErrHungUp)):
			r.count(func(c *Counts) { c.Interrupted++ })
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", field, err)
		}
	}
	return r.complete(ctx, meant, f)
}

// capture asks until the entry is accepted, as an agent would.
func (r *run) capture(ctx context.Context, f *flow.Flow, field payments.Capture) error {
	for {
		_, err := f.Capture(ctx, field)
		entry, refused := errors.AsType[*flow.EntryError](err)
		unreported := errors.Is(err, flow.ErrOutcomeUnknown) && ctx.Err() == nil
		if unreported {
			r.count(func(c *Counts) { c.Unreported++ })
		}
		if again := refused && entry.Again || unreported; !again {
			return err
		}
	}
}

// move lets a machine die while it captures, and returns the flow of another
// machine that continues the session.
func (r *run) move(ctx context.Context, i int, f *flow.Flow, field payments.Capture, meant fate) (*flow.Flow, error) {
	if meant == paid || meant == declined {
		dying, die := context.WithCancel(ctx)
		die() // before or after its request was sent, at random
		_, _ = f.Capture(dying, field)
	}
	_ = f.Close()
	s := f.Session()
	r.count(func(c *Counts) { c.Resumed++ })
	return r.resume(ctx, i, s, flow.WithTakeOver(), flow.WithPatience(r.config.Patience))
}

// resume resumes session i on the next machine. It tries again a few times, as
// an agent would: a bus may be down for longer than it retries by itself.
func (r *run) resume(ctx context.Context, i int, s flow.Session, opts ...flow.Option) (f *flow.Flow, err error) {
	for range 3 {
		if f, err = flow.Resume(ctx, r.client, r.machine(i+1), s.AccountSID, s.CallSID, s.SID, opts...); err == nil || ctx.Err() != nil {
			return f, err
		}
		r.count(func(c *Counts) { c.Retried++ })
	}
	return nil, err
}

// cancel cancels while the caller is being asked.
func (r *run) cancel(ctx context.Context, f *flow.Flow, field payments.Capture, call *paymentstest.Call) error {
	captured := make(chan error, 1)
	go func() {
		_, err := f.Capture(ctx, field)
		captured <- err
	}()
	if err := call.Await(ctx, field); err != nil {
		return err
	}
	if err := f.Cancel(ctx); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	if err := <-captured; !errors.Is(err, flow.ErrCancelled) {
		return fmt.Errorf("the cancelled capture: %w", err)
	}
	r.count(func(c *Counts) { c.Cancelled++ })
	return nil
}

func (r *run) complete(ctx context.Context, meant fate, f *flow.Flow) error {
	result, err := f.Complete(ctx)
	for meant != lostComplete && errors.Is(err, flow.ErrOutcomeUnknown) && ctx.Err() == nil {
		r.count(func(c *Counts) { c.Unreported++ })
		result, err = f.Complete(ctx) // a callback is late, and nothing is sent
	}
	switch {
	case meant == paid && err == nil:
		r.count(func(c *Counts) { c.Completed++; r.charged[f.Session().SID] = result.ConfirmationCode.Reveal() })
		return nil
	case meant == declined && errors.Is(err, payments.ErrDeclined):
		r.count(func(c *Counts) { c.Declined++ })
		return nil
	case meant == lostComplete && errors.Is(err, flow.ErrOutcomeUnknown):
		if err := f.Cancel(ctx); err != nil {
			return fmt.Errorf("cancel: %w", err)
		}
		r.count(func(c *Counts) { c.Cancelled++ })
		return nil
	}
	return fmt.Errorf("complete: %w: %w", errUnexpected, err)
}

// caller is the customer: some get their number wrong at first, and some end
// the call or the payment when asked for the expiry date.
func caller(meant fate) paymentstest.Caller {
	return func(c *paymentstest.Call, p paymentstest.Prompt) {
		switch {
		case p.Capture == payments.CapturePaymentCardNumber && p.Times == 1 && share(c.SID, "wrong") < 10:
			_ = c.Enter("4111 1111 1111 1112")
		case p.Capture == payments.CapturePaymentCardNumber:
			_ = c.Enter("4111 1111 1111 1111")
		case meant == star:
			_ = c.Star()
		case meant == hungUp:
			c.HangUp()
		case meant != cancelled:
			_ = c.Enter("1299")
		}
	}
}
