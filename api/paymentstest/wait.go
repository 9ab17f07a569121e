package paymentstest

import "context"

// Wait returns when the server has nothing left to do: requests are answered,
// scripted callers have pressed their keys, callbacks are delivered or given up.
// A request that is never answered does not count, nor does a key that a caller
// has yet to press. When ctx is done first, Wait returns its error.
func (s *Server) Wait(ctx context.Context) error { return s.work.settle(ctx) }
