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
func (e *end) isDefinite() bool { return !e.cancelled && isDefinite(e.event) }

// isDefinite reports whether a callback that ends a session determines whether
// the caller was charged. A hang-up after a complete was sent does not: the
// success may only be late. Nor does an unknown result, unless it comes with an
// error code of the payment. The error texts do not count: whoever recorded a
// delivery can fill an empty text with the parameter after it, under the same
// signature.
func isDefinite(e callback.Event) bool {
	switch e.Result {
	case ResultNotCharged, callback.ResultSuccess, callback.ResultPaymentConnectorError, callback.ResultValidationError:
		return true
	}
	return codeOf(e) != 0
}

// isFinalEnd reports whether no other outcome is expected after a callback that
// ends a session: it is definite, or Twilio cancelled the session, which it does
// not do after a charge.
func isFinalEnd(e callback.Event) bool {
	return isDefinite(e) || e.Result == callback.ResultTransactionCancelled
}

// yieldsTo reports whether another callback replaces this end: a success always
// does, and a final one if this end is not final.
func (e *end) yieldsTo(other callback.Event) bool {
	return other.Result == callback.ResultSuccess || !e.cancelled && !isFinalEnd(e.event) && isFinalEnd(other)
}

// lateSuccessWait is how long a flow waits for a success after another end.
const lateSuccessWait = 5 * time.Second

// watchEnd keeps reading after the end of the session, because a success counts
// whenever it arrives. If a complete may have been sent, callers that ask how
// the session ended wait for it. If the end does not determine the outcome of
// that complete, such as a hang-up, reading continues until something does.
func (f *Flow) watchEnd(ctx context.Context, live Subscription) {
	for {
		final := f.isEndFinal()
		if f.isSettled() || f.cannotSucceed(ctx) {
			f.settle()
		}
		err := f.readUntil(ctx, live, time.Now().Add(lateSuccessWait))
		switch {
		case ctx.Err() != nil:
			return // the flow is closed
		case err != nil:
			f.failUnsettled(err)
			return
		case final || f.isSettled():
			f.settle()
			return
		}
	}
}

// readUntil applies messages until the given time, or a success.
func (f *Flow) readUntil(ctx context.Context, live Subscription, until time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	for !f.hasSucceeded() {
		m, err := live.Next(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		f.apply(m)
	}
	return nil
}

// isEndFinal reports whether the end of the session is final.
func (f *Flow) isEndFinal() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.end.cancelled || isFinalEnd(f.end.event)
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
// complete was ever sent. After an end that would not stop a payment in progress,
// a write proves this: a read may be older than another machine's claim.
func (f *Flow) cannotSucceed(ctx context.Context) bool {
	f.mu.Lock()
	definite := f.end.isDefinite()
	f.mu.Unlock()
	if definite {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, lateSuccessWait)
	defer cancel()
	none := func(r *record) error {
		if f.isBehind(r) || f.mayComplete(r) {
			return errCompleting(r)
		}
		return nil
	}
	return shielded(func() error {
		if !f.isEndFinal() {
			return f.change(ctx, none)
		}
		unlock, err := f.lock(ctx)
		if err != nil {
			return err
		}
		defer unlock()
		known, err := f.read(ctx)
		if err != nil {
			return err
		}
		r := known.Content()
		return none(&r)
	}) == nil
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
	ctx, cancel := context.WithTimeoutCause(ctx, lateSuccessWait+f.config.patience, errNoCallback)
	defer cancel()
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
	if err != nil || f.end != nil && (f.end.succeeded() || !f.end.yieldsTo(e) || f.settled && e.Result != callback.ResultSuccess) {
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
