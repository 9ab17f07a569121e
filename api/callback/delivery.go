package callback

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// settleTimeout is how long a deduplicator may take to settle a claim.
const settleTimeout = 5 * time.Second

var (
	errRunning = errors.New("another delivery of this event is being handled")
	errTimeout = errors.New("time was over before the function was called")
	errGoexit  = errors.New("function ended its goroutine")
)

// outcome is what became of a delivery.
type outcome struct {
	err   error     // nil when it is answered 204
	in    *received // nil when it was not read
	event Event     // the zero Event when it was not understood
	again bool      // handled before, so not handed on
}

// delivery is one request that was read, worked on in a goroutine of its own,
// so that whatever a function of the user does, the sender gets an answer.
type delivery struct {
	h        *Handler
	in       *received
	verified bool
	done     chan outcome
	over     atomic.Bool // whoever sets it first, abandon or run, says what is answered
}

// run works on the delivery and reports, to the sender when it still waits and
// to the log when not. Nothing the user's code does gets past it.
func (d *delivery) run(ctx context.Context, cancel context.CancelFunc) {
	start := time.Now()
	out := outcome{in: d.in, err: errGoexit}
	defer func() {
		if v := recover(); v != nil {
			out.err = newPanicError(v)
		}
		defer cancel() // last: an end of ctx tells the sender that time is over
		if d.over.CompareAndSwap(false, true) {
			d.done <- out
			return
		}
		d.h.late.Add(-1)
		d.h.log(ctx, out, start)
	}()
	d.deliver(ctx, &out)
}

// abandon answers for a delivery whose time is over, unless it just finished.
func (d *delivery) abandon() outcome {
	if d.over.CompareAndSwap(false, true) {
		d.h.late.Add(1)
		return outcome{in: d.in, err: errLate}
	}
	return <-d.done
}

// deliver verifies, reads, claims and hands on. out.err, which says that the
// goroutine was ended, is replaced when it is known better.
func (d *delivery) deliver(ctx context.Context, out *outcome) {
	if !d.verified {
		if err := d.h.verifier.check(ctx, d.in); err != nil {
			out.err = err
			return
		}
	}
	event, err := parseEvent(d.in.form)
	if err != nil {
		out.err = refuse(badForm, err)
		return
	}
	event.signedURL = d.in.signedURL
	event.deliveryID = identity(d.in.signedURL, d.in.form)
	out.event = event
	claim, err := d.h.deduplicator.Claim(ctx, event.deliveryID)
	switch {
	case err != nil:
		out.err = fmt.Errorf("deduplicator: %w", err)
	case claim.State == ClaimHandled:
		out.err, out.again = nil, true
	case claim.State == ClaimRunning:
		out.err = refuse(unavailable, errRunning)
	case claim.State == ClaimGranted:
		d.call(ctx, out, claim)
	default:
		out.err = fmt.Errorf("deduplicator: claim has state %d", claim.State)
	}
}

// call calls the user's function and settles the claim, however that ends.
func (d *delivery) call(ctx context.Context, out *outcome, claim Claim) {
	defer func() {
		if v := recover(); v != nil {
			out.err = newPanicError(v)
		}
		if _, local := d.h.deduplicator.(*MemoryDeduplicator); !local { // memory needs no time
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
			defer cancel()
		}
		if err := d.h.deduplicator.Settle(ctx, claim, out.err == nil); err != nil {
			d.h.logger.ErrorContext(ctx, "status callback: claim not settled", "error", err.Error(), "event", out.event)
		}
	}()
	if ctx.Err() != nil { // the claim took all the time there was
		out.err = errTimeout
		return
	}
	out.err = d.h.handle(ctx, out.event)
}

// panicError is a panic of the user's code.
type panicError struct {
	value any
	stack []byte
}

func newPanicError(v any) *panicError { return &panicError{v, debug.Stack()} }

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }
