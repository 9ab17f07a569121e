package flow

import (
	"context"
	"errors"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
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
	switch {
	case r.Owner == s.f.owner && r.Step == s.number:
		r.Until = time.Now().Add(s.f.config.lease)
		return nil
	case r.Owner == s.f.owner, r.Owner == "", r.Op.Status == payments.StatusCancel:
		return errNotOurs // a cancel is about to end it, or has failed to
	}
	return ErrTakenOver
}

func (f *Flow) lose(s *step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.lost = true
	f.wake()
}
