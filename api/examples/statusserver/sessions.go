package main

import (
	"context"
	"log/slog"
	"sync"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// maxSessions limits the sessions in memory; the oldest is dropped first. A real
// application keeps the states in its database.
const maxSessions = 10_000

// sessions has the state of every recent payment session.
type sessions struct {
	log *slog.Logger

	mu     sync.Mutex
	states map[string]callback.State
	order  []string // SIDs, oldest first
}

func newSessions(log *slog.Logger) *sessions {
	return &sessions{log: log, states: make(map[string]callback.State)}
}

// receive handles an event.
func (s *sessions) receive(ctx context.Context, e callback.Event) error {
	state, err := s.apply(e)
	if err != nil {
		return err
	}
	log := s.log.With("session", e.SID)
	switch problem, field := state.LastError(); {
	case state.Succeeded():
		log.InfoContext(ctx, "paid")
	case state.Completed():
		log.WarnContext(ctx, "not paid", "failure", state.Err())
	case state.CanComplete():
		log.InfoContext(ctx, "ready to complete", "captured", state.Captured())
	case problem != "":
		log.InfoContext(ctx, "ask again", "field", field, "problem", problem, "retryable", e.Retryable())
	default:
		log.DebugContext(ctx, "progress", "captured", state.Captured(), "missing", state.Missing())
	}
	return nil
}

// apply applies an event to the state of its session and returns the state.
func (s *sessions) apply(e callback.Event) (callback.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state, known := s.states[e.SID]
	if err := state.Apply(e); err != nil {
		return state, err
	}
	if !known {
		if len(s.order) == maxSessions {
			delete(s.states, s.order[0])
			s.order = s.order[1:]
		}
		s.order = append(s.order, e.SID)
	}
	s.states[e.SID] = state
	return state, nil
}
