package paymentstest

import (
	"context"
	"errors"
	"fmt"
)

// ErrClosed is the error of [Server.Wait] for a server that was closed with
// work left to do.
var ErrClosed = errors.New("paymentstest: server closed")

// Wait returns when the server has nothing left to do: requests are answered,
// scripted callers have pressed their keys, callbacks are delivered or given up.
// A request that is never answered does not count, nor does a key that a caller
// has yet to press, nor what an application does after it has answered a
// callback. When ctx is done first, Wait returns an error that wraps its error and
// says what is left; when the server is closed first, [ErrClosed].
func (s *Server) Wait(ctx context.Context) error {
	err := s.work.settle(ctx, s.ctx)
	if err == nil || errors.Is(err, ErrClosed) {
		return err
	}
	return fmt.Errorf("paymentstest: %s: %w", s.left(), err)
}

// left says in words what the server has yet to do.
func (s *Server) left() string {
	s.delivery.mu.Lock()
	defer s.delivery.mu.Unlock()
	var waiting []*outgoing
	for o := range s.delivery.made.all() {
		if len(o.attempts) == 0 && !o.delivery.never {
			waiting = append(waiting, o)
		}
	}
	if len(waiting) == 0 {
		return "a request, a caller or a callback is still at work"
	}
	first := waiting[0]
	return fmt.Sprintf("%d callbacks are not delivered, the first of them number %d to %s", len(waiting), first.number, withoutQuery(first.url))
}
