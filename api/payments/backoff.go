package payments

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// backoff slows down all calls of a client for an account after a 429. Twilio
// limits concurrent requests, so backoff bounds the attempts in progress: a 429
// halves the bound, and each round of other responses raises it by one (additive
// increase, multiplicative decrease). An account without a 429 in the last minute
// has no bound and costs two atomic additions.
//
// Calls above the bound wait in order of arrival for at most maxTurn and then
// proceed regardless.
type backoff struct {
	underWay atomic.Int64 // attempts in progress, for all accounts
	slowed   atomic.Int32 // accounts with a bound
	mu       sync.Mutex
	bounds   map[string]*bound // by account
}

const (
	maxTurn = 8 * time.Second
	calm    = time.Minute // without a 429, after which the bound is removed
)

// bound limits the attempts that one account may have in progress.
type bound struct {
	limit    float64
	underWay int
	waiting  []chan struct{} // closed when it is their turn
	halved   int             // how many times
	last     time.Time       // of a 429
}

// turn is one attempt that enter let through.
type turn struct {
	bound  *bound // nil when there was none
	halved int    // the bound's, at that time
}

// enter waits until an attempt for the account may start, or ctx ends. A nil
// backoff lets everything through.
func (b *backoff) enter(ctx context.Context, account string) (turn, error) {
	if b == nil {
		return turn{}, nil
	}
	if b.slowed.Load() == 0 {
		b.underWay.Add(1)
		return turn{}, nil
	}
	b.mu.Lock()
	w := b.bounds[account]
	if w == nil {
		b.mu.Unlock()
		b.underWay.Add(1)
		return turn{}, nil
	}
	var err error
	if len(w.waiting) > 0 || w.underWay >= int(w.limit) {
		err = b.wait(ctx, w)
	} else {
		w.underWay++
	}
	t := turn{w, w.halved}
	b.mu.Unlock()
	if err == nil {
		b.underWay.Add(1)
	}
	return t, err
}

// wait queues for a turn of w. The caller holds the lock, and holds it again when
// wait returns.
func (b *backoff) wait(ctx context.Context, w *bound) error {
	mine := make(chan struct{})
	w.waiting = append(w.waiting, mine)
	b.mu.Unlock()
	timer := time.NewTimer(maxTurn)
	defer timer.Stop()
	var err error
	select {
	case <-mine:
	case <-timer.C:
	case <-ctx.Done():
		err = fmt.Errorf("waiting for a turn after a 429: %w", ctx.Err())
	}
	b.mu.Lock()
	if i := slices.Index(w.waiting, mine); i >= 0 { // not its turn yet
		w.waiting = slices.Delete(w.waiting, i, i+1)
		if err == nil {
			w.underWay++
		}
	} else if err != nil { // its turn came as ctx ended: pass the turn on
		w.underWay--
		w.next()
	}
	return err
}

// leave ends a turn. status is that of the response, 0 for none.
func (b *backoff) leave(t turn, account string, status int) {
	if b == nil {
		return
	}
	underWay := b.underWay.Add(-1) + 1
	limited := status == http.StatusTooManyRequests
	if t.bound == nil && !limited {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.bound != nil {
		t.bound.underWay--
	}
	switch w := b.bounds[account]; {
	case limited && w == nil:
		b.start(account, float64(underWay)/2)
	case limited:
		w.last = time.Now()
		if t.bound == w && t.halved == w.halved { // halve once per burst of 429s
			w.limit, w.halved = max(1, w.limit/2), w.halved+1
		}
	case status != 0:
		t.bound.limit += 1 / t.bound.limit
	}
	if t.bound != nil {
		t.bound.next()
	}
	b.forget()
}

// start bounds an account. The bound does not count attempts already in progress.
func (b *backoff) start(account string, limit float64) {
	if b.bounds == nil {
		b.bounds = make(map[string]*bound)
	}
	b.bounds[account] = &bound{limit: max(1, limit), last: time.Now()}
	b.slowed.Add(1)
}

// next lets waiting calls through, up to the limit.
func (w *bound) next() {
	for len(w.waiting) > 0 && w.underWay < int(w.limit) {
		close(w.waiting[0])
		w.waiting = w.waiting[1:]
		w.underWay++
	}
}

// forget removes the bound of accounts that had no 429 for the time calm.
func (b *backoff) forget() {
	for account, w := range b.bounds {
		if len(w.waiting) == 0 && time.Since(w.last) > calm {
			delete(b.bounds, account)
			b.slowed.Add(-1)
		}
	}
}
