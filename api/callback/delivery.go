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
	errTimeout = errors.New("time was over before the function was called")
	errGoexit  = errors.New("function ended its goroutine")
)

// outcome is what became of a delivery.
type outcome struct {
	err   error     // nil when the response is 204
	in    *received // nil when it was not read
	event Event     // the zero Event when it was not understood
	again bool      // handled before, so not handed on
}

// delivery is one event that was verified, worked on in a goroutine of its own,
// so that whatever a function of the user does, the sender gets a response.
type delivery struct {
	h     *Handler
	in    *received
	event Event
	done  chan outcome
	over  atomic.Bool // whoever sets it first, abandon or run, decides the response
}

// run works on the delivery and reports, to the sender when it still waits and
// to the log when not. Nothing the user's code does gets past it.
func (d *delivery) run(ctx context.Context, cancel context.CancelFunc) {
	start := time.Now()
	out := outcome{in: d.in, event: d.event, err: errGoexit}
	end := func(*outcome) {}
	defer func() {
		if v := recover(); v != nil {
			out.err = newPanicError("", v)
		}
		d.h.hook(ctx, func() { end(&out) })
		defer cancel() // last: an end of ctx makes the response a timeout
		if d.over.CompareAndSwap(false, true) {
			d.done <- out
			return
		}
		d.h.late.Add(-1)
		d.h.log(ctx, nil, out, start)
	}()
	ctx, end = d.h.begin(ctx, d.event)
	d.deliver(ctx, &out)
}

// abandon responds for a delivery whose time is over, unless it just finished.
func (d *delivery) abandon() outcome {
	if d.over.CompareAndSwap(false, true) {
		d.h.late.Add(1)
		return outcome{in: d.in, event: d.event, err: errLate}
	}
	return <-d.done
}

// deliver claims and hands on. out.err, which says that the goroutine was ended,
// is replaced when it is known better.
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

// call calls the user's function and settles the claim, however that ends.
func (d *delivery) call(ctx context.Context, out *outcome, claim Claim) {
	defer d.settle(ctx, out, claim)
	if ctx.Err() != nil { // the claim took all the time there was
		out.err = errTimeout
		return
	}
	out.err = guard("", func() error { return d.h.handle(ctx, d.event) })
}

// settle ends the claim. The response stays what it was.
func (d *delivery) settle(ctx context.Context, out *outcome, claim Claim) {
	if _, local := d.h.deduplicator.(*MemoryDeduplicator); !local { // memory needs no time
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
		defer cancel()
	}
	err := guard("", func() error { return d.h.deduplicator.Settle(ctx, claim, out.err == nil) })
	if err != nil {
		d.h.logUnsettled(ctx, err, d.event)
	}
}
