package flow

import (
	"context"
	"errors"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Cancel ends the session without a payment, and with it the capture that
// waits, here or on another machine. It returns nil when the session is over
// and nothing was charged, also when the caller ended it before; an
// [*EndedError] that is [ErrSucceeded] when it had succeeded; and [ErrBusy]
// while it is being completed.
//
// After a complete whose outcome is unknown, Twilio's answer to a cancel does
// not prove that nothing was charged: the callback is waited for, and when none
// comes within [WithPatience] the error is [ErrOutcomeUnknown]. To cancel again
// is always safe.
func (f *Flow) Cancel(ctx context.Context) error {
	s, err := f.begin(ctx, operation{Status: payments.StatusCancel})
	if err == nil {
		err = s.cancel(ctx)
		s.finish(ctx)
	}
	switch ended := f.ended(); {
	case errors.Is(ended, ErrSucceeded):
		return ended
	case ended != nil:
		return nil
	}
	return err
}

func (s *step) cancel(ctx context.Context) error {
	f := s.f
	err := s.update(ctx)
	switch {
	case err == nil && !s.completing:
		s.tell(ctx)
		return nil
	case err != nil && !mayHaveActed(err):
		return err
	}
	accepted := func() bool { return f.end != nil || !s.completing && f.heard[s.number] }
	if waitErr := f.patiently(ctx, accepted); waitErr != nil {
		return unknown(s.op, errors.Join(err, waitErr))
	}
	if !f.over() {
		s.tell(ctx)
	}
	return nil
}

// tell says here and on all machines that the session is cancelled. Twilio is
// not known to post a callback for it. A bus that fails changes nothing about
// that, and who waits elsewhere waits until its context ends.
func (s *step) tell(ctx context.Context) {
	f := s.f
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer done()
	_ = f.change(ctx, func(r *record) error {
		r.Cancelled, r.Owner = true, ""
		return nil
	})
	_ = f.bus.Publish(ctx, Message{Session: f.session, ID: s.key, Flow: f.flowID(), Step: s.number, Note: NoteCancelled, Final: true})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cancel()
}
