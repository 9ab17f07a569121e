package flow

import (
	"context"
	"fmt"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// end is how the session ended: by a callback, by a cancel that Twilio accepted,
// or as Reconcile has settled it, with the event that Twilio would have posted.
type end struct {
	event      callback.Event
	cancelled  bool
	reconciled bool
}

func (e *end) succeeded() bool { return !e.cancelled && e.event.Result == callback.ResultSuccess }

// isDefinite reports whether the end says what became of the money. That the
// caller hung up or the session was cancelled does not, where a complete was
// sent before: its success may only be late.
func (e *end) isDefinite() bool {
	switch e.event.Result {
	case ResultNotCharged, callback.ResultSuccess, callback.ResultPaymentConnectorError, callback.ResultValidationError:
		return !e.cancelled
	}
	return false
}

// secondEnd is for how long a success is waited for after another end.
const secondEnd = 5 * time.Second

// watchEnd reads on after the end of the session. A success counts whenever it
// comes. Who asks how the session ended waits for it where a complete may have
// been sent.
func (f *Flow) watchEnd(ctx context.Context, live Subscription) {
	ctx, cancel := context.WithTimeout(ctx, secondEnd)
	defer cancel()
	if f.isSettled() || f.cannotSucceed(ctx) {
		f.settle()
	}
	for !f.hasSucceeded() {
		m, err := live.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				f.unsettle(err)
				return
			}
			break
		}
		f.apply(m)
	}
	f.settle()
}

// unsettle notes that nothing more is read, so that it stays unknown whether a
// success has followed the end, unless that was for good.
func (f *Flow) unsettle(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.settled && f.failed == nil {
		f.failed = why
	}
	f.wake()
}

// cannotSucceed reports whether the end is for good: it says what became of the
// money, or nobody has asked for a payment.
func (f *Flow) cannotSucceed(ctx context.Context) bool {
	f.mu.Lock()
	definite := f.end.isDefinite()
	f.mu.Unlock()
	if definite {
		return true
	}
	unlock, err := f.lock(ctx)
	if err != nil {
		return false
	}
	defer unlock()
	known, err := f.read(ctx)
	if err != nil {
		return false
	}
	r := known.Content()
	return !f.isBehind(&r) && !f.mayComplete(&r)
}

func (f *Flow) settle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settled = true
	f.wake()
}

func (f *Flow) isSettled() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.settled
}

func (f *Flow) hasSucceeded() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.end.succeeded()
}

// over reports whether the session has ended.
func (f *Flow) over() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.end != nil
}

// ended returns the end of the session as an error, nil while it is open. It
// waits until no other end can follow, and is [ErrOutcomeUnknown] when the
// context ends before.
func (f *Flow) ended(ctx context.Context) error {
	if err := f.until(ctx, func() bool { return f.end == nil || f.settled || f.end.succeeded() }); err != nil {
		return fmt.Errorf("%w: %v, and a success may follow: %w", ErrOutcomeUnknown, f.endedNow(), err)
	}
	return f.endedNow()
}

// endedNow returns the end of the session as it is known.
func (f *Flow) endedNow() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.endedLocked()
}

func (f *Flow) endedLocked() error {
	switch {
	case f.end == nil:
		return nil
	case f.end.cancelled:
		return errCancelled(f.session)
	}
	return endedBy(f.end.event)
}

func endedBy(e callback.Event) error {
	return &EndedError{SID: e.SID, Result: e.Result, Code: codeOf(e), payment: e.Err()}
}

// ended returns the error of a step in a session that ended with the message.
func (m Message) ended() error {
	e, err := m.Event()
	if err != nil {
		return err
	}
	return endedBy(e)
}

// endBySeen ends the session as the record says that it ended, and reports
// whether that is news. The caller holds mu.
func (f *Flow) endBySeen() bool {
	switch {
	case f.seen.Settled.Kind != "":
		return f.settleBy(f.seen.settledNote(f.session))
	case f.seen.Cancelled && f.end == nil:
		f.cancel()
		return true
	}
	return false
}

// settleBy ends the session as Reconcile has settled it, and reports whether that
// is news: a success counts whenever it comes, another outcome only in a session
// that is open. The caller holds mu.
func (f *Flow) settleBy(m Message) bool {
	e, err := m.Event()
	if err != nil || f.end != nil && (f.end.succeeded() || e.Result != callback.ResultSuccess) {
		return false
	}
	_ = f.state.Apply(e) // which is of this session
	f.settled = true
	f.show(e, noStep)
	f.finishWith(end{event: e, reconciled: true})
	return true
}

// finishWith sets how the session ended. The caller holds mu.
func (f *Flow) finishWith(e end) {
	f.end = &e
	f.uncount()
	f.reading.sessionEnded()
	f.wake()
}

// cancel ends the session as cancelled: no complete was sent, and none will be.
// The caller holds mu.
func (f *Flow) cancel() {
	f.settled = true
	if f.end == nil {
		f.showCancelled()
		f.finishWith(end{cancelled: true})
	}
	f.wake()
}
