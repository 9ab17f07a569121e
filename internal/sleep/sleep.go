// Package sleep has waits that end early when a context does.
package sleep

import (
	"context"
	"math/rand/v2"
	"time"
)

// For returns nil after d, or the context's error as soon as it has ended.
func For(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Jittered is [For] between half of most and most, at random: with a most that
// doubles it is exponential backoff with jitter, so that clients stopped by the
// same outage do not return at the same moment.
func Jittered(ctx context.Context, most time.Duration) error {
	return For(ctx, most/2+rand.N(most/2)) // #nosec G404 -- jitter is no secret
}
