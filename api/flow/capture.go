package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Capture asks the caller for a field and returns when the entry was taken,
// with what the screen may show of it, or refused, with an [*EntryError] that
// says whether to ask again.
//
// The end of the session ends it with an [*EndedError]. When the context ends,
// the caller is still being asked: capture again, cancel, or go on. When
// Twilio's response was lost, the callbacks show whether it acted; if none comes within
// [WithPatience], the error is [ErrOutcomeUnknown], and to ask again is safe.
//
// After [Resume], Capture continues the capture that was under way on the other
// machine rather than ask the caller again.
func (f *Flow) Capture(ctx context.Context, field payments.Capture) (_ Progress, err error) {
	if field == "" {
		return Progress{}, invalid("Capture", "is required")
	}
	op := operation{Capture: field}
	ctx, end := f.beginStep(ctx, op, "capture")
	defer func() { end(&err) }()
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
}

// capture returns what ended the entry.
func (s *step) capture(ctx context.Context) (entry Progress, err error) {
	f, began := s.f, time.Now()
	if !s.left || !f.hasHeard(s.number) {
		err = s.update(ctx)
	}
	switch {
	case err == nil:
	case !mayHaveActed(err):
		if ended := f.ended(ctx); ended != nil {
			return entry, ended // which is why it was refused
		}
		return entry, err
	default:
		heard := func() bool { return slices.Contains(f.heard, s.number) || f.end != nil }
		if waitErr := f.patiently(ctx, heard); waitErr != nil {
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

// patiently waits like until, for as long as a lost response is worth waiting
// for.
func (f *Flow) patiently(ctx context.Context, done func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, f.config.patience, errNotTold)
	defer cancel()
	return f.until(ctx, done)
}

func (f *Flow) hasHeard(step int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.heard, step)
}

func (f *Flow) flowID() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.Flow
}

// callbackURL is where callbacks go, without a tag.
func (f *Flow) callbackURL() string {
	if f.config.callback != "" {
		return f.config.callback
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.Callback
}
