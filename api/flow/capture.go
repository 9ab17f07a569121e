package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Capture asks the caller for a field. It returns when the entry was accepted,
// with what the screen may show of it, or refused, with an [*EntryError] that
// reports whether to ask again.
// If the session ends, Capture returns an [*EndedError]. If the context ends,
// the caller is still being asked: capture again, cancel, or move on. If
// Twilio's response was lost, the callbacks show whether it acted; if none
// arrives within [WithPatience], the error is [ErrOutcomeUnknown], and asking
// again is safe.
//
// After [Resume], Capture continues a capture that was under way on the other
// machine instead of asking the caller again.
func (f *Flow) Capture(ctx context.Context, field payments.Capture) (Progress, error) {
	if field == "" {
		return Progress{}, invalid("Capture", "is required")
	}
	op := operation{Capture: field}
	return observed(ctx, &f.config.hooks, f.info(op, "capture"), func(ctx context.Context) (Progress, error) {
		s, ctx, err := f.begin(ctx, op)
		if err != nil {
			return Progress{}, err
		}
		defer s.finish(ctx)
		entry, err := s.capture(ctx)
		if err != nil {
			return Progress{}, err
		}
		if entry.Error != "" {
			return Progress{}, &EntryError{SID: f.session.SID, Capture: field, Type: entry.Error, Again: entry.Again}
		}
		return entry, nil
	})
}

// capture returns what ended the entry.
func (s *step) capture(ctx context.Context) (entry Progress, err error) {
	f, began := s.f, time.Now()
	if !s.abandoned || !f.hasCallback(s.number) {
		err = s.update(ctx)
	}
	switch {
	case err == nil:
	case !mayHaveActed(err):
		if ended := f.ended(ctx); ended != nil {
			return entry, ended // the request was refused because the session ended
		}
		return entry, err
	default:
		confirmed := func() bool { return slices.Contains(f.confirmed, s.number) || f.end != nil }
		if waitErr := f.waitForCallback(ctx, confirmed); waitErr != nil {
			return entry, unknown(s.op, join(err, s.waited("a callback of the request", began, waitErr)))
		}
	}
	var taken bool
	waitErr := f.until(ctx, func() bool {
		entry, taken = f.finalOf(s.number)
		return taken || f.end != nil || s.lost
	})
	if taken {
		return entry, nil
	}
	switch ended := f.ended(ctx); {
	case ended != nil:
		return entry, ended
	case waitErr != nil:
		return entry, fmt.Errorf("flow: %s: %w", s.op, s.waited("the entry", began, waitErr))
	}
	return entry, ErrTakenOver
}

// update sends the step's request, its tag on the StatusCallback.
func (s *step) update(ctx context.Context, opts ...payments.Option) error {
	f := s.f
	p := payments.UpdateParams{
		Capture: s.op.Capture, Status: s.op.Status, IdempotencyKey: s.key,
		StatusCallback: tag{f.session.CallSID, f.flowID(), s.number}.on(f.callbackURL()),
	}
	_, err := bounded(ctx, func(ctx context.Context) (*payments.Session, error) {
		return f.client.Update(ctx, f.session.CallSID, f.session.SID, p, append(f.config.calls[:len(f.config.calls):len(f.config.calls)], opts...)...)
	}, nil)
	return err
}

// waitForCallback waits like until, but no longer than WithPatience allows
// after a lost response.
func (f *Flow) waitForCallback(ctx context.Context, done func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, f.config.patience, errNoCallback)
	defer cancel()
	return f.until(ctx, done)
}

func (f *Flow) hasCallback(step int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.confirmed, step)
}

func (f *Flow) flowID() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.Flow
}

// callbackURL is the StatusCallback without a tag.
func (f *Flow) callbackURL() string {
	if f.config.callback != "" {
		return f.config.callback
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.Callback
}
