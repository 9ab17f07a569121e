package natsbus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// Limits of a request: in total, per attempt, and the first and the longest
// pause of the exponential backoff. A cluster elects a new leader within a few
// seconds.
const (
	totalTime   = 10 * time.Second
	attemptTime = 3 * time.Second
	firstPause  = 200 * time.Millisecond
	longPause   = 2 * time.Second
	// offTime is how long New waits for a server that accepts JetStream
	// requests before it reports that there is none.
	offTime = 2 * time.Second
)

// again makes a request to subjects with the given prefixes until its outcome
// is final, for ten seconds at most. It returns as soon as ctx ends, whatever
// the state of the connection.
func again[T any](ctx context.Context, b *Bus, request func(context.Context) (T, error), subjects ...string) (T, error) {
	within, cancel := context.WithTimeout(ctx, totalTime)
	defer cancel()
	began := time.Now()
	for most := firstPause; ; most = min(2*most, longPause) {
		value, err := attempt(within, b, request, subjects)
		if err == nil || isFinal(err) || b.opening && isOff(err) && time.Since(began) > offTime {
			return value, explain(err)
		}
		if sleep.Jittered(within, most) != nil {
			return value, gaveUp(within, err)
		}
	}
}

// attempt makes a request once, in its own goroutine: the client holds its lock
// while it dials, so a call may take as long as the dial, whatever its context.
// Without a connection no request is made: the client would buffer it and send
// it later.
func attempt[T any](ctx context.Context, b *Bus, request func(context.Context) (T, error), subjects []string) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	done := make(chan outcome, 1)
	r, changed := b.link.begin(subjects)
	defer b.link.end(r)
	go func() {
		var o outcome
		if status := b.js.Conn().Status(); status == nats.RECONNECTING || status == nats.CONNECTING {
			o.err = nats.ErrDisconnected
		} else if o.err = ctx.Err(); o.err == nil {
			o.value, o.err = request(ctx)
		}
		done <- o
	}()
	var none T
	select {
	case o := <-done:
		return o.value, o.err
	case err := <-r.refused:
		return none, err
	case <-changed:
		return none, nats.ErrDisconnected
	case <-ctx.Done():
		return none, ctx.Err()
	}
}
