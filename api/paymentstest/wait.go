package paymentstest

import (
	"context"
	"errors"
)

// ErrClosed is the error of [Server.Wait] for a server that was closed with
// work left to do.
var ErrClosed = errors.New("paymentstest: server closed")

// Wait returns when the server has nothing left to do: requests are answered,
// scripted callers have pressed their keys, callbacks are delivered or given up.
// A request that is never answered does not count, nor does a key that a caller
// has yet to press, nor what an application does after it has answered a
// callback. When ctx is done first, Wait returns its error; when the
// server is closed first, [ErrClosed].
func (s *Server) Wait(ctx context.Context) error { return s.work.settle(ctx, s.ctx) }
