package flow

import (
	"context"
	"errors"
	"time"
)

// renew keeps the step's lease while it runs, and notices when another machine
// takes the session over. A lease that cannot be renewed, because the bus is
// out of reach, runs out; the step goes on, since its outcome comes by the bus.
func (s *step) renew() {
	ctx, stop := context.WithCancel(context.Background())
	s.renewing = stop
	every := s.f.config.lease / 3
	go func() {
		for sleep(ctx, every) == nil {
			again, cancel := context.WithTimeout(ctx, every)
			err := s.f.change(again, s.prolong)
			cancel()
			if errors.Is(err, ErrTakenOver) {
				s.f.lose(s)
			}
			if errors.Is(err, ErrTakenOver) || errors.Is(err, errNotOurs) {
				return
			}
		}
	}()
}

// prolong edits the record to say that the step goes on.
func (s *step) prolong(r *record) error {
	held := r.held(s.f.owner, s.number)
	switch {
	case held != nil:
		held.Until = time.Now().Add(s.f.config.lease)
		r.settle(s.f.isDead(r.turn))
		return nil
	case r.Cancelled, r.Step == s.number && r.Owner == "":
		return errNotOurs
	}
	return ErrTakenOver
}

// hasLease reports whether the lease, as it was last written, still holds.
func (s *step) hasLease() bool {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	held := s.f.seen.held(s.f.owner, s.number)
	return held != nil && time.Now().Before(held.Until)
}

func (f *Flow) lose(s *step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.lost = true
	f.wake()
}
