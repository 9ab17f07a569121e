package natsbus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// How long a request is tried in all, and once, and the most that is waited
// before it is tried again. A cluster chooses a new leader within a few seconds.
const (
	totalTime   = 10 * time.Second
	attemptTime = 3 * time.Second
	pause       = 200 * time.Millisecond
)

// codeStoreFailed is JetStream's code for a message that the stream has no
// room for.
const codeStoreFailed jetstream.ErrorCode = 10077

// again tries a request until it is answered for good. Without a connection none
// is made: the client would keep all of them and send them when there is one.
func (b *Bus) again(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, totalTime)
	defer cancel()
	for {
		err := nats.ErrDisconnected
		if status := b.js.Conn().Status(); status != nats.RECONNECTING && status != nats.CONNECTING {
			err = attempt(ctx, request)
		}
		if err == nil || isFinal(err) {
			return err
		}
		select {
		case <-time.After(pause/2 + rand.N(pause/2)): // #nosec G404 -- jitter is no secret
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", err, ctx.Err())
		}
	}
}

func attempt(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	return request(ctx)
}

// isFinal reports whether the answer would be the same again: the server has
// decided, or there is no connection any more.
func isFinal(err error) bool {
	for _, final := range []error{nats.ErrConnectionClosed, nats.ErrMaxPayload, flow.ErrConflict, flow.ErrExpired} {
		if errors.Is(err, final) {
			return true
		}
	}
	e, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (e.Code < http.StatusInternalServerError || e.ErrorCode == codeStoreFailed)
}
