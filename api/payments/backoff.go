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

// backoff slows all calls of a client down when the response to one is 429. Its
// limit is on concurrent requests, so what is bounded is the number of attempts
// under way: halved by a 429, raised by one with each round of other responses
// (additive increase, multiplicative decrease). An account without a 429 in the
// last minute has no bound, and costs two atomic additions.
//
// Calls beyond the bound wait in the order they came, for maxTurn at most: a
// call that has waited so long goes on regardless.
type backoff struct {
	underWay atomic.Int64 // attempts, of all accounts
	slowed   atomic.Int32 // how many accounts have a bound
	mu       sync.Mutex
	bounds   map[string]*bound // by account
}

const (
	maxTurn = 8 * time.Second
	calm    = time.Minute // without a 429, after which there is no bound any more
)

// bound is the number of attempts that one account may have under way.
type bound struct {
	limit    float64
	underWay int
	waiting  []chan struct{} // closed when it is their turn
	halved   int             // how often
	last     time.Time       // 429
}

// turn is one attempt that was let through.
type turn struct {
	bound  *bound // nil when there was none
	halved int    // by then
}

// enter waits until an attempt for the account may begin, or ctx ends. A nil
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

// wait queues for a turn of w. The lock is held before and after.
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
	} else if err != nil { // it was, and nobody takes it
		w.underWay--
		w.next()
	}
	return err
}

// leave ends a turn by the status of its response, 0 for none.
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
		if t.bound == w && t.halved == w.halved { // not of a burst that was heeded
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

// start bounds an account, whose attempts under way are not counted yet.
func (b *backoff) start(account string, limit float64) {
	if b.bounds == nil {
		b.bounds = make(map[string]*bound)
	}
	b.bounds[account] = &bound{limit: max(1, limit), last: time.Now()}
	b.slowed.Add(1)
}

// next lets those through whose turn it is.
func (w *bound) next() {
	for len(w.waiting) > 0 && w.underWay < int(w.limit) {
		close(w.waiting[0])
		w.waiting = w.waiting[1:]
		w.underWay++
	}
}

// forget takes the bound off accounts that had no 429 for a while.
func (b *backoff) forget() {
	for account, w := range b.bounds {
		if len(w.waiting) == 0 && time.Since(w.last) > calm {
			delete(b.bounds, account)
			b.slowed.Add(-1)
		}
	}
}
