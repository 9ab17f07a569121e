package pgbus

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// How often a process deletes expired calls, and how many per statement.
const (
	forgetEvery = time.Minute
	forgetSize  = 100
)

// Forget deletes expired calls with everything stored for them. Every process
// does this once a minute; each call is deleted by one of them. Forget deletes
// a hundred calls per transaction and skips those that are being written to. It
// returns how many calls it deleted.
func (b *Bus) Forget(ctx context.Context) (calls int, err error) {
	if err := b.ready(ctx); err != nil {
		return 0, err
	}
	for {
		n, err := again(ctx, b, func(ctx context.Context, conn *pgx.Conn) (n int, err error) {
			err = conn.QueryRow(ctx, b.sql.forget, forgetSize).Scan(&n)
			return n, err
		})
		calls += n
		if err != nil || n < forgetSize {
			return calls, err
		}
		if err := sleep.Jittered(ctx, firstPause); err != nil { // lets others in
			return calls, err
		}
	}
}

func (b *Bus) keepForgetting() {
	for {
		timer := time.NewTimer(forgetEvery/2 + rand.N(forgetEvery)) // #nosec G404 -- jitter is no secret
		select {
		case <-timer.C:
			_, _ = b.Forget(b.ctx) // if it fails, the next run deletes them
		case <-b.ctx.Done():
			timer.Stop()
			return
		}
	}
}
