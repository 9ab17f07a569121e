package flow

import (
	"context"
	"fmt"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// end is how the session ended: by a callback, by a cancel that Twilio
// accepted, or by Reconcile, with the event that Twilio would have posted.
type end struct {
	event      callback.Event
	cancelled  bool
	reconciled bool
}

func (e *end) succeeded() bool { return !e.cancelled && e.event.Result == callback.ResultSuccess }

// isDefinite reports whether the end determines whether the caller was charged.
// A hang-up or a cancel after a complete was sent does not: the success may
// only be late.
func (e *end) isDefinite() bool {
	switch e.event.Result {
	case ResultNotCharged, callback.ResultSuccess, callback.ResultPaymentConnectorError, callback.ResultValidationError:
		return !e.cancelled
	}
	return false
}

// lateSuccessWait is how long a flow waits for a success after another end.
const lateSuccessWait = 5 * time.Second

// watchEnd keeps reading after the end of the session, because a success counts
// whenever it arrives. If a complete may have been sent, callers that ask how
// the session ended wait for it.
func (f *Flow) watchEnd(ctx context.Context, live Subscription) {
	ctx, cancel := context.WithTimeout(ctx, lateSuccessWait)
	defer cancel()
	if f.isSettled() || f.cannotSucceed(ctx) {
		f.settle()
	}
	for !f.hasSucceeded() {
		m, err := live.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				f.failUnsettled(err)
				return
			}
			break
		}
		f.apply(m)
	}
	f.settle()
}

// failUnsettled records that reading has stopped, so it stays unknown whether a
// success followed the end, unless the end was permanent.
func (f *Flow) failUnsettled(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.settled && f.failed == nil {
		f.failed = why
	}
	f.wake()
}

// cannotSucceed reports whether the end is permanent: it is definite, or no
// complete was ever sent.
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
// waits until no other end can follow; if the context ends first, the error is
// [ErrOutcomeUnknown].
func (f *Flow) ended(ctx context.Context) error {
	if err := f.until(ctx, func() bool { return f.end == nil || f.settled || f.end.succeeded() }); err != nil {
		return fmt.Errorf("%w: %v, and a success may follow: %w", ErrOutcomeUnknown, f.endedNow(), err)
	}
	return f.endedNow()
}

// endedNow returns the end of the session as currently known.
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

// endBySeen ends the session if the record says so, and reports whether that
// changed anything. The caller holds mu.
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

// settleBy ends the session with the outcome that Reconcile recorded, and
// reports whether that changed anything: a success counts whenever it arrives,
// another outcome only while the session is open. The caller holds mu.
func (f *Flow) settleBy(m Message) bool {
	e, err := m.Event()
	if err != nil || f.end != nil && (f.end.succeeded() || e.Result != callback.ResultSuccess) {
		return false
	}
	_ = f.state.Apply(e) // it is of this session, so this cannot fail
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
