package flow

import (
	"context"
	"errors"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// finish records that the step is over, and returns once that is written. If
// the step's context has ended, it waits only stepGrace; if the bus cannot be
// written, the lease expires.
func (s *step) finish(ctx context.Context) {
	s.stopRenewing()
	s.f.leave(s)
	_ = outlive(ctx, s.late, func(ctx context.Context) error { return s.f.shieldedChange(ctx, s.release) })
	s.stopLate()
	s.stopLimit()
}

// withdraw removes from the record, in the background, what may have been written
// of a step that does not begin. Otherwise other machines would wait for its
// lease, or forever for the outcome of a complete that was never sent. It writes
// the record even if the step is not in it, so that a write that is still in
// flight conflicts.
func (s *step) withdraw(ctx context.Context) {
	if s.op.Status == payments.StatusComplete {
		s.f.retract(s.fresh)
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		defer cancel()
		_ = s.f.shieldedChange(ctx, func(r *record) error {
			if err := s.release(r); err != nil && r.isOver() {
				return err
			}
			return nil
		})
	}()
}

// release edits the record to say that the step is over. A claim that was retracted
// is removed whoever has the session now: no other machine can know that Twilio never
// acted, and all would wait for an outcome.
func (s *step) release(r *record) error {
	held, changed := r.held(s.f.owner, s.number), false
	if r.isOver() { // after the end no step needs a turn
		return errNotHeld
	}
	if held != nil && !s.f.hasOther(s) {
		held.Owner, held.Until, changed = "", time.Time{}, true
	}
	if s.f.isRetracted(r.Complete) {
		r.Complete, r.Claimed, changed = "", time.Time{}, true
	}
	if !changed {
		return errNotHeld
	}
	return nil
}

// outlive runs do even if ctx has ended. It returns when do has finished or
// late is closed; do then continues in the background.
func outlive(ctx context.Context, late <-chan struct{}, do func(context.Context) error) error {
	done := begin(func() (struct{}, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		defer cancel()
		return struct{}{}, do(ctx)
	})
	select {
	case r := <-done:
		_, err := r.get()
		return err
	case <-late:
		return endOf(ctx)
	}
}

// releaseTime bounds the attempts to release a step or record a session. A
// cluster of NATS servers may take nine seconds to elect a new leader.
const releaseTime = 15 * time.Second

var errNotHeld = errors.New("flow: another step has the session")

// renew renews the step's lease while it runs, and detects that another machine
// has taken the session over. If the bus is unreachable, the lease expires but
// the step continues, since its outcome arrives through the bus.
func (s *step) renew() {
	ctx, stop := context.WithCancel(context.Background())
	s.stopRenewing = stop
	every := s.f.config.lease / 3
	go func() {
		for sleep.For(ctx, every) == nil {
			again, cancel := context.WithTimeout(ctx, every)
			err := s.f.shieldedChange(again, s.prolong)
			cancel()
			if errors.Is(err, ErrTakenOver) {
				s.f.lose(s)
				return
			}
		}
	}()
}

// prolong edits the record to extend the lease.
func (s *step) prolong(r *record) error {
	held := r.held(s.f.owner, s.number)
	if held == nil {
		return ErrTakenOver
	}
	held.Until = s.f.config.now().Add(s.f.config.lease)
	return nil
}

func (f *Flow) lose(s *step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.lost = true
	f.wake()
}
