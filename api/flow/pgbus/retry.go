package pgbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// Limits of a request: in total, per attempt, and the first and the longest
// pause of the exponential backoff.
const (
	totalTime   = 10 * time.Second
	attemptTime = 3 * time.Second
	firstPause  = 100 * time.Millisecond
	longPause   = 2 * time.Second
	// pingTime is longer than a server takes to respond to the ping by which the pool
	// tests a connection that has been idle.
	pingTime = time.Second
)

// again makes a request until its outcome is final, for ten seconds at most. It
// returns as soon as ctx ends.
func again[T any](ctx context.Context, b *Bus, request func(context.Context, *pgx.Conn) (T, error)) (T, error) {
	within, cancel := context.WithTimeout(ctx, totalTime)
	defer cancel()
	defer context.AfterFunc(b.ctx, cancel)()
	var none T
	var last error
	for most := firstPause; ; most = min(2*most, longPause) {
		value, err := attempt(within, b, request)
		if err == nil {
			return value, nil
		}
		if isFinal(err) {
			return none, explain(err)
		}
		if last == nil || within.Err() == nil { // an attempt that was cut short says less than the one before
			last = err
		}
		if sleep.Jittered(within, most) != nil {
			if err := b.ready(ctx); err != nil && ctx.Err() == nil {
				return none, err
			}
			return none, gaveUp(within, last)
		}
	}
}

// attempt makes a request once, on a connection of the pool. It waits as long
// as necessary if all connections are in use, but only an attempt's time for
// one that does not respond or cannot be opened. It does not return a broken
// connection to the pool.
func attempt[T any](ctx context.Context, b *Bus, request func(context.Context, *pgx.Conn) (T, error)) (value T, err error) {
	waiting, began, stat := ctx, time.Now(), b.pool.Stat()
	if stat.AcquiredConns() < stat.MaxConns() {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, attemptTime)
		defer cancel()
	}
	conn, err := b.pool.Acquire(waiting)
	if err != nil {
		if stat.IdleConns() > 0 && time.Since(began) > pingTime {
			b.pool.Reset() // an idle connection is dead, so the others may be, too: they need not be tried one by one
		}
		if waiting.Err() != nil && ctx.Err() == nil || errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("%w: %w", errNoConn, err)
		}
		return value, err
	}
	defer conn.Release()
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	if value, err = request(ctx, conn.Conn()); isStale(err) {
		hangUp(conn.Conn())
	}
	return value, err
}

// hangUp closes a connection without waiting long for its server.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), firstPause)
	defer cancel()
	_ = conn.Close(ctx)
}
