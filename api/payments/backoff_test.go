package payments_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// busy is a Twilio with a limit on concurrent requests, each of which takes some
// time.
type busy struct {
	limit    int64
	takes    time.Duration
	now      atomic.Int64
	most     atomic.Int64 // concurrent requests
	refused  atomic.Int64
	requests atomic.Int64
}

func (b *busy) RoundTrip(r *http.Request) (*http.Response, error) {
	b.requests.Add(1)
	now := b.now.Add(1)
	defer b.now.Add(-1)
	for most := b.most.Load(); now > most && !b.most.CompareAndSwap(most, now); most = b.most.Load() {
	}
	if now > b.limit {
		time.Sleep(5 * time.Millisecond)
		b.refused.Add(1)
		return response(429, `{"code":20429}`), nil
	}
	time.Sleep(b.takes)
	return response(201, sessionAt(r.URL.Path)), nil
}

// outcome is the result of one load.
type outcome struct {
	refused, failed int64
	took            time.Duration
	calls           []int           // that succeeded, by goroutine
	slowest         []time.Duration // call, by goroutine
}

// load has 64 goroutines make calls for ten seconds against a limit of 16.
func load(t *testing.T, opts ...payments.Option) outcome {
	t.Helper()
	var out outcome
	synctest.Test(t, func(t *testing.T) {
		twilio := &busy{limit: 16, takes: 50 * time.Millisecond}
		client := newClient(t, "https://api.example.com", append(opts, payments.WithHTTPClient(&http.Client{Transport: twilio}))...)
		out.calls, out.slowest = make([]int, 64), make([]time.Duration, 64)
		var failed atomic.Int64
		var group sync.WaitGroup
		began := time.Now()
		for n := range 64 {
			group.Go(func() {
				for time.Since(began) < 10*time.Second {
					start := time.Now()
					_, err := operations["create"](t.Context(), client)
					out.slowest[n] = max(out.slowest[n], time.Since(start))
					if err != nil {
						failed.Add(1)
						continue
					}
					out.calls[n]++
				}
			})
		}
		group.Wait()
		out.took, out.refused, out.failed = time.Since(began), twilio.refused.Load(), failed.Load()
	})
	return out
}

// 64 goroutines against a limit of 16. With the shared backoff there are at most
// half as many 429s and failed calls as without it, at least three quarters as
// many calls succeed, and no goroutine starves.
func TestSharedBackoff(t *testing.T) {
	t.Parallel()
	without, shared := load(t, payments.WithoutSharedBackoff()), load(t)
	sum := func(o outcome) (total int) {
		for _, n := range o.calls {
			total += n
		}
		return total
	}
	for name, o := range map[string]outcome{"without": without, "with": shared} {
		t.Logf("| %s: %d calls succeeded and %d failed, %d 429s; by goroutine %d to %d calls, the slowest %v", name, sum(o), o.failed, o.refused,
			slices.Min(o.calls), slices.Max(o.calls), slices.Max(o.slowest))
	}
	if shared.refused*2 > without.refused {
		t.Errorf("%d 429s with it, %d without: want at most half", shared.refused, without.refused)
	}
	if shared.failed > without.failed/2 {
		t.Errorf("%d calls failed with it, %d without", shared.failed, without.failed)
	}
	if sum(shared) < sum(without)*3/4 {
		t.Errorf("%d calls with it, %d without: it slows down too much", sum(shared), sum(without))
	}
	if fewest, most := slices.Min(shared.calls), slices.Max(shared.calls); fewest*2 < most || slices.Max(shared.slowest) > 10*time.Second {
		t.Errorf("goroutines made %d to %d calls, the slowest took %v: one starves", fewest, most, slices.Max(shared.slowest))
	}
}

// gated is a Twilio that responds to the first requests with 429 and holds the
// others until the gate opens.
type gated struct {
	refuse atomic.Int64
	inside atomic.Int64
	gate   chan struct{}
}

func (g *gated) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.refuse.Add(-1) >= 0 {
		return response(429, "{}"), nil
	}
	g.inside.Add(1)
	defer g.inside.Add(-1)
	select {
	case <-g.gate:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return response(201, sessionAt(r.URL.Path)), nil
}

// After a 429 to one of four attempts, two may be in progress. The rest wait in
// order of arrival until a turn is free, their context ends, or 8 s have passed.
func TestCallsWaitInOrderAfter429(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		twilio := &gated{gate: make(chan struct{})}
		client := newClient(t, "https://api.example.com", payments.WithHTTPClient(&http.Client{Transport: twilio}), payments.WithAttemptTimeout(0))
		var done []int
		var mu sync.Mutex
		var group sync.WaitGroup
		call := func(n int, ctx context.Context, opts ...payments.Option) {
			group.Go(func() {
				_, err := operations["create"](ctx, client, opts...)
				mu.Lock()
				defer mu.Unlock()
				if done = append(done, n); n >= 0 && err != nil {
					t.Errorf("call %d: %v", n, err)
				}
				if n < 0 {
					if e := failure(t, err); !errors.Is(err, context.DeadlineExceeded) || e.Attempts != 0 || e.OutcomeUnknown() || !strings.Contains(err.Error(), "after a 429") {
						t.Errorf("a call whose context ended before its turn: %v, want context.DeadlineExceeded", err)
					}
				}
			})
			synctest.Wait()
		}
		inside := func(want int64, when string) {
			t.Helper()
			synctest.Wait()
			if got := twilio.inside.Load(); got != want {
				t.Fatalf("%s: %d in progress, want %d", when, got, want)
			}
		}
		for n := range 3 {
			call(n, t.Context())
		}
		twilio.refuse.Store(1)
		_, err := operations["create"](t.Context(), client, payments.WithMaxRetries(0))
		if e := failure(t, err); e.Status != 429 {
			t.Fatal(err)
		}
		inside(3, "the three before the 429")
		for range 3 {
			twilio.gate <- struct{}{}
		}
		inside(0, "after them")
		for n := 3; n < 7; n++ {
			call(n, t.Context())
		}
		inside(2, "four more")
		brief, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		call(-1, brief)
		call(7, t.Context(), payments.WithoutSharedBackoff())
		inside(3, "one that does not take part")
		time.Sleep(2 * time.Second)
		twilio.gate <- struct{}{}
		twilio.gate <- struct{}{}
		twilio.gate <- struct{}{}
		inside(2, "the two that waited first")
		call(8, t.Context())
		call(9, t.Context())
		time.Sleep(7 * time.Second)
		inside(2, "two that wait")
		time.Sleep(2 * time.Second)
		inside(4, "two that have waited for 8 s")
		close(twilio.gate)
		group.Wait()
		if slices.Index(done, -1) != 3 {
			t.Errorf("they ended in the order %v", done)
		}
	})
}

// The limit applies to one account and expires after a minute without a 429.
func TestLimitIsPerAccountAndExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		twilio := &gated{gate: make(chan struct{})}
		client := newClient(t, "https://api.example.com", payments.WithHTTPClient(&http.Client{Transport: twilio}), payments.WithAttemptTimeout(0), payments.WithMaxRetries(0))
		twilio.refuse.Store(1)
		_, err := operations["create"](t.Context(), client)
		failure(t, err)
		var group sync.WaitGroup
		start := func(count int, opts ...payments.Option) int64 {
			for range count {
				group.Go(func() {
					if _, err := operations["create"](t.Context(), client, opts...); err != nil {
						t.Error(err)
					}
				})
			}
			synctest.Wait()
			return twilio.inside.Load()
		}
		finish := func(count int) {
			for range count {
				twilio.gate <- struct{}{}
			}
			group.Wait()
		}
		if got := start(4, payments.WithAccount(otherAccount)); got != 4 {
			t.Errorf("another account: %d of 4 in progress, want 4", got)
		}
		if got := start(4); got != 4+1 {
			t.Errorf("the account that got the 429: %d of 4 in progress, want 1", got-4)
		}
		finish(8)
		time.Sleep(61 * time.Second)
		start(1)
		finish(1)
		if got := start(8); got != 8 {
			t.Errorf("a minute later: %d of 8 in progress, want 8", got)
		}
		finish(8)
	})
}
