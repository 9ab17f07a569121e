package flow

import (
	"context"
	"errors"
)

// renew keeps the step's lease while it runs, and notices when another machine
// takes the session over. A lease that cannot be renewed, because the bus is
// out of reach, runs out; the step goes on, since its outcome comes by the bus.
func (s *step) renew() {
	ctx, stop := context.WithCancel(context.Background())
	s.stopRenewing = stop
	every := s.f.config.lease / 3
	go func() {
		for sleep(ctx, every) == nil {
			again, cancel := context.WithTimeout(ctx, every)
			err := s.f.change(again, s.prolong)
			cancel()
			if errors.Is(err, ErrTakenOver) {
				s.f.lose(s)
				return
			}
		}
	}()
}

// prolong edits the record to say that the step goes on.
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
