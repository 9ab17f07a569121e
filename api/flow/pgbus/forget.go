package pgbus

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

// How often a process forgets calls whose time is over, and how many by one
// statement.
const (
	forgetEvery = time.Minute
	forgetSize  = 100
)

// Forget deletes what is over: calls at rest for their expiry, with all that is
// stored of them. Every process does so once a minute; a call is deleted by one
// of them. It deletes a hundred calls at a time, each time in a transaction of its
// own, and passes over those that are being written to. It returns how many calls
// it has deleted.
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
		if err := pause(ctx, firstPause); err != nil { // for the others
			return calls, err
		}
	}
}

func (b *Bus) keepForgetting() {
	for {
		timer := time.NewTimer(forgetEvery/2 + rand.N(forgetEvery)) // #nosec G404 -- jitter is no secret
		select {
		case <-timer.C:
			_, _ = b.Forget(b.ctx) // or the next time
		case <-b.ctx.Done():
			timer.Stop()
			return
		}
	}
}
