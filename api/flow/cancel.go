package flow

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Cancel ends the session without a payment, and with it the capture that
// waits, here or on another machine. It returns nil when the session is over
// and nothing was charged, also when the caller ended it before; an
// [*EndedError] that is [ErrSucceeded] when it had succeeded; and [ErrBusy]
// while it is being completed.
//
// After a complete whose outcome is unknown, Twilio's response to a cancel does
// not prove that nothing was charged: Cancel waits for the callback, and when none
// comes within [WithPatience] the error is [ErrOutcomeUnknown]; so it is when the
// bus cannot record that the session was cancelled. To cancel again is always
// safe.
func (f *Flow) Cancel(ctx context.Context) (err error) {
	op := operation{Status: payments.StatusCancel}
	ctx, end := f.beginStep(ctx, op, "cancel")
	defer func() { end(&err) }()
	s, ctx, err := f.begin(ctx, op)
	if err == nil {
		err = s.cancel(ctx)
		defer s.finish(ctx)
	}
	switch ended := f.ended(ctx); {
	case errors.Is(ended, ErrSucceeded), errors.Is(ended, ErrOutcomeUnknown):
		return ended
	case ended != nil:
		return nil
	}
	return err
}

func (s *step) cancel(ctx context.Context) error {
	f, began := s.f, time.Now()
	err := s.update(ctx)
	if err != nil && !mayHaveActed(err) {
		return err
	}
	if !s.completing {
		if err != nil { // a callback may show that Twilio accepted
			heard := func() bool { return slices.Contains(f.heard, s.number) || f.end != nil }
			if waitErr := f.patiently(ctx, heard); waitErr != nil {
				return unknown(s.op, join(err, s.waited("a callback of the request", began, waitErr)))
			}
		}
		if f.over() {
			return nil
		}
		if err = s.tell(ctx); err == nil {
			return nil
		}
	}
	if waitErr := f.patiently(ctx, func() bool { return f.end != nil }); waitErr != nil {
		return unknown(s.op, join(err, s.waited("the end of the session", began, waitErr)))
	}
	return nil
}

// tell records for all machines that the session is cancelled, for Twilio
// is not known to post a callback for it. It fails when that cannot be written
// to the record, for another machine may have completed the session meanwhile.
func (s *step) tell(ctx context.Context) error {
	f := s.f
	return outlive(ctx, s.late, func(ctx context.Context) error {
		err := f.change(ctx, func(r *record) error {
			if f.isBehind(r) || f.mayComplete(r) {
				return errCompleting(r)
			}
			r.Cancelled = true
			return nil
		})
		if err == nil {
			<-f.publishEnd()
		}
		return err
	})
}

// publishEnd publishes to all machines what the record says: the session is
// cancelled or settled. Whoever reads it there does so, for the machine that wrote it may
// have died before it could; it is the same message whoever publishes it. The
// channel is closed when that is done, or was given up.
func (f *Flow) publishEnd() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.told == nil {
		f.told = make(chan struct{})
		m := f.seen.endNote(f.session)
		go func() {
			defer close(f.told)
			ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
			defer cancel()
			_ = f.bus.Publish(ctx, m)
		}()
	}
	return f.told
}
