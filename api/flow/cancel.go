package flow

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Cancel ends the session without a payment, and with it a waiting capture,
// here or on another machine. It returns nil when the session is over and
// nothing was charged, also when the caller ended it first. If the session had
// already succeeded, it returns an [*EndedError] that matches [ErrSucceeded];
// while the session is being completed, [ErrBusy].
//
// After a complete whose outcome is unknown, Twilio's response to a cancel does
// not prove that nothing was charged, and neither does its refusal: the session
// may be over because the complete succeeded. Cancel then waits for the callback;
// if none arrives within [WithPatience], the error is [ErrOutcomeUnknown]. The
// error is the same if the bus cannot record the cancel, or has forgotten the
// session. Cancelling again is always safe.
func (f *Flow) Cancel(ctx context.Context) error {
	op := operation{Status: payments.StatusCancel}
	_, err := observed(ctx, &f.config.hooks, f.info(op, "cancel"), func(ctx context.Context) (struct{}, error) {
		return struct{}{}, f.cancelSession(ctx, op)
	})
	return err
}

func (f *Flow) cancelSession(ctx context.Context, op operation) error {
	s, ctx, err := f.begin(ctx, op)
	if err == nil {
		defer s.finish(ctx)
		err = s.cancel(ctx)
	} else if errors.Is(err, ErrOutcomeUnknown) {
		return err // which was waited for
	}
	switch ended := f.ended(ctx); {
	case errors.Is(ended, ErrSucceeded), errors.Is(ended, ErrOutcomeUnknown):
		return ended
	case ended != nil:
		return nil
	}
	return f.stillUnknown(op, err)
}

func (s *step) cancel(ctx context.Context) error {
	f, began := s.f, time.Now()
	err := s.update(ctx)
	if !s.completing {
		if err != nil && !mayHaveActed(err) {
			return err
		}
		if err != nil { // a callback may show that Twilio accepted
			confirmed := func() bool { return slices.Contains(f.confirmed, s.number) || f.end != nil }
			if waitErr := f.waitForCallback(ctx, confirmed); waitErr != nil {
				return unknown(s.op, join(err, s.waited("a callback of the request", began, waitErr)))
			}
		}
		if f.over() {
			return nil
		}
		if err = s.recordCancel(ctx); err == nil {
			return nil
		}
	}
	if waitErr := f.waitForCallback(ctx, func() bool { return f.end != nil }); waitErr != nil {
		return unknown(s.op, join(err, s.waited("the end of the session", began, waitErr)))
	}
	return nil
}

// recordCancel records for all machines that the session is cancelled, because
// Twilio does not document a callback for it. It fails if the record cannot be
// written: another machine may have completed the session meanwhile.
func (s *step) recordCancel(ctx context.Context) error {
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

// publishEnd publishes the end that the record states, cancelled or settled, to
// all machines. Every machine that reads it publishes it, because the one that
// wrote it may have died first; the message is the same whoever publishes it.
// The channel is closed when the message is published or the attempt is
// abandoned.
func (f *Flow) publishEnd() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.published == nil {
		f.published = make(chan struct{})
		m := f.seen.endNote(f.session)
		go func() {
			defer close(f.published)
			ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
			defer cancel()
			_ = shielded(func() error { return f.bus.Publish(ctx, m) })
		}()
	}
	return f.published
}
