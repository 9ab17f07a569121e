package callback

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// settleTimeout is how long a deduplicator may take to settle a claim.
const settleTimeout = 5 * time.Second

var (
	errRunning = errors.New("another delivery of this event is being handled")
	errTimeout = errors.New("timed out before the function was called")
	errGoexit  = errors.New("function called runtime.Goexit")
)

// outcome is how a delivery ended.
type outcome struct {
	err   error     // nil when the response is 204
	in    *received // nil when it was not read
	event Event     // the zero Event when it could not be parsed
	again bool      // handled before, so the function was not called
}

// delivery is one verified event. It is handled in its own goroutine, so that the
// sender gets a response whatever the user's function does.
type delivery struct {
	h     *Handler
	in    *received
	event Event
	done  chan outcome
	over  atomic.Bool // abandon or run, whichever sets it first, decides the response
}

// run handles the delivery and reports the outcome: to the sender if it still
// waits, otherwise to the log. It catches every panic and Goexit of the user's
// code.
func (d *delivery) run(ctx context.Context, cancel context.CancelFunc) {
	start := time.Now()
	out := outcome{in: d.in, event: d.event, err: errGoexit}
	end := func(*outcome) {}
	defer func() {
		if v := recover(); v != nil {
			out.err = newPanicError("", v)
		}
		defer cancel() // last, because the end of ctx makes the response a timeout
		defer func() { // also when the hook ends the goroutine
			if d.over.CompareAndSwap(false, true) {
				d.done <- out
				return
			}
			d.h.late.Add(-1)
			d.h.log(ctx, nil, out, start)
		}()
		d.h.hook(ctx, func() { end(&out) })
	}()
	ctx, end = d.h.begin(ctx, d.event)
	d.deliver(ctx, &out)
}

// abandon returns the outcome of a delivery that timed out, unless it has just
// finished.
func (d *delivery) abandon() outcome {
	if d.over.CompareAndSwap(false, true) {
		d.h.late.Add(1)
		return outcome{in: d.in, event: d.event, err: errLate}
	}
	return <-d.done
}

// deliver claims the event and calls the function. It replaces out.err, which
// initially says that the goroutine was ended by runtime.Goexit.
func (d *delivery) deliver(ctx context.Context, out *outcome) {
	var claim Claim
	err := guard("deduplicator: ", func() (err error) {
		claim, err = d.h.deduplicator.Claim(ctx, d.event.DeliveryID())
		return err
	})
	switch {
	case err != nil:
		out.err = err
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

// call calls the user's function and settles the claim, however the call ends.
func (d *delivery) call(ctx context.Context, out *outcome, claim Claim) {
	defer d.settle(ctx, out, claim)
	if ctx.Err() != nil { // the claim used up the time
		out.err = errTimeout
		return
	}
	out.err = guard("", func() error { return d.h.handle(ctx, d.event) })
}

// settle ends the claim. It does not change the response.
func (d *delivery) settle(ctx context.Context, out *outcome, claim Claim) {
	if _, local := d.h.deduplicator.(*MemoryDeduplicator); !local { // in memory it takes no time
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
		defer cancel()
	}
	err := guard("", func() error { return d.h.deduplicator.Settle(ctx, claim, out.err == nil) })
	if err != nil {
		d.h.logUnsettled(ctx, err, d.event)
	}
}
