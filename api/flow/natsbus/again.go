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

// How long a request is tried in all, and once, and the first and the most of
// the exponential backoff between. A cluster chooses a new leader within a few
// seconds.
const (
	totalTime   = 10 * time.Second
	attemptTime = 3 * time.Second
	firstPause  = 200 * time.Millisecond
	longPause   = 2 * time.Second
)

// codeStoreFailed is JetStream's code for a message that the stream has no
// room for.
const codeStoreFailed jetstream.ErrorCode = 10077

// again makes a request until its outcome is final, for ten seconds at most. It
// returns as soon as ctx ends, whatever the connection is at.
func again[T any](ctx context.Context, b *Bus, request func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, totalTime)
	defer cancel()
	for most := firstPause; ; most = min(2*most, longPause) {
		value, err := attempt(ctx, b, request)
		if err == nil || isFinal(err) {
			return value, err
		}
		if pause(ctx, most) != nil {
			return value, fmt.Errorf("%w: %w", err, ctx.Err())
		}
	}
}

// pause waits between half of most and most: exponential backoff with jitter, so
// that those whom an outage stopped together do not come back together.
func pause(ctx context.Context, most time.Duration) error {
	timer := time.NewTimer(most/2 + rand.N(most/2)) // #nosec G404 -- jitter is no secret
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt makes a request once. It does so on a goroutine of its own: the
// client holds its lock while it dials, so that a call may take as long as the
// dial, whatever its context. Without a connection no request is made: the
// client would buffer it and send it when there is one.
func attempt[T any](ctx context.Context, b *Bus, request func(context.Context) (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	done, changed := make(chan outcome, 1), b.link.next()
	go func() {
		var o outcome
		if status := b.js.Conn().Status(); status == nats.RECONNECTING || status == nats.CONNECTING {
			o.err = nats.ErrDisconnected
		} else if o.err = ctx.Err(); o.err == nil {
			o.value, o.err = request(ctx)
		}
		done <- o
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-changed:
		return outcome{}.value, nats.ErrDisconnected
	case <-ctx.Done():
		return outcome{}.value, ctx.Err()
	}
}

// isFinal reports whether the outcome would be the same again: the server has
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
