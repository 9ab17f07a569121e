package payments_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// step is one attempt in exact time: how long the response takes, its status, and
// the wait that must follow, between least and most.
type step struct {
	takes       time.Duration
	status      int // 0: no response before the attempt's end
	retryAfter  string
	least, most time.Duration
}

// play runs create through the steps and checks the waits between attempts. It
// returns the duration of the call, the number of attempts and the error.
func play(t *testing.T, ctx context.Context, steps []step, opts ...payments.Option) (time.Duration, int, error) {
	t.Helper()
	var last time.Time
	attempt := 0
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		if attempt > 0 {
			s := steps[attempt-1]
			if wait := time.Since(last); wait < s.least || wait > s.most {
				t.Errorf("after attempt %d: waited %v, want %v to %v", attempt, wait, s.least, s.most)
			}
		}
		s := steps[attempt]
		attempt++
		if s.status == 0 {
			<-r.Context().Done()
			last = time.Now()
			return nil, r.Context().Err()
		}
		time.Sleep(s.takes)
		last = time.Now()
		if s.status == http.StatusCreated {
			return response(s.status, sessionJSON), nil
		}
		if s.retryAfter != "" {
			return response(s.status, "", "Retry-After", s.retryAfter), nil
		}
		return response(s.status, ""), nil
	})
	began := time.Now()
	_, err := operations["create"](ctx, newClient(t, "https://api.example.com", append(opts, payments.WithHTTPClient(&http.Client{Transport: transport}))...))
	return time.Since(began), attempt, err
}

func TestDelays(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	future := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for name, tt := range map[string]struct {
		steps func() []step
		opts  []payments.Option
	}{
		"exponential, full jitter": {func() []step {
			return []step{{status: 500, most: 250 * ms}, {status: 502, most: 500 * ms}, {status: 503, most: 1000 * ms}, {status: 201}}
		}, nil},
		"at most 8 s": {func() []step {
			return []step{{status: 500, most: 250 * ms}, {status: 500, most: 500 * ms}, {status: 500, most: 1000 * ms}, {status: 500, most: 2000 * ms},
				{status: 500, most: 4000 * ms}, {status: 500, most: 8000 * ms}, {status: 500, most: 8000 * ms}, {status: 500, most: 8000 * ms}, {status: 201}}
		}, []payments.Option{payments.WithMaxRetries(8)}},
		"Retry-After in seconds": {func() []step {
			return []step{{status: 429, retryAfter: "7", least: 7 * time.Second, most: 7 * time.Second}, {status: 503, retryAfter: "1", least: time.Second, most: time.Second}, {status: 201}}
		}, nil},
		"Retry-After as a date": {func() []step {
			return []step{{status: 503, retryAfter: future(9 * time.Second), least: 9 * time.Second, most: 9 * time.Second}, {status: 201}}
		}, nil},
		"Retry-After up to 30 s": {func() []step {
			return []step{{status: 429, retryAfter: "86400", least: 30 * time.Second, most: 30 * time.Second}, {status: 429, retryAfter: future(time.Hour), least: 30 * time.Second, most: 30 * time.Second},
				{status: 429, retryAfter: "99999999999999999999", least: 30 * time.Second, most: 30 * time.Second}, {status: 201}}
		}, nil},
		"an invalid Retry-After": {func() []step {
			return []step{{status: 429, retryAfter: "soon", most: 250 * ms}, {status: 429, retryAfter: future(-time.Hour), most: 500 * ms}, {status: 429, retryAfter: "-5", most: 1000 * ms}, {status: 201}}
		}, nil},
		"each attempt has its own timeout": {func() []step {
			return []step{{most: 250 * ms}, {takes: 14 * time.Second, status: 500, most: 500 * ms}, {takes: 14 * time.Second, status: 201}}
		}, nil},
		"no attempt timeout": {func() []step { return []step{{takes: time.Hour, status: 201}} }, []payments.Option{payments.WithAttemptTimeout(0)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 25 { // the jitter is random: its bounds must hold every time
				synctest.Test(t, func(t *testing.T) {
					if _, _, err := play(t, t.Context(), tt.steps(), tt.opts...); err != nil {
						t.Fatal(err)
					}
				})
			}
		})
	}
}

// Full jitter: waits in the lowest and the highest quarter of the range both
// occur.
func TestJitterIsFull(t *testing.T) {
	t.Parallel()
	var low, high int
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			took, _, _ := play(t, t.Context(), []step{{status: 500, most: 250 * time.Millisecond}, {status: 201}})
			switch {
			case took < 62*time.Millisecond:
				low++
			case took > 188*time.Millisecond:
				high++
			}
		})
	}
	if low < 20 || high < 20 {
		t.Errorf("of 200 waits %d are in the lowest quarter and %d in the highest", low, high)
	}
}

func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		took, attempts, err := play(t, t.Context(), []step{{}}, payments.WithMaxRetries(0))
		e := failure(t, err)
		if took != 15*time.Second || attempts != 1 || !errors.Is(err, payments.ErrAttemptTimeout) || errors.Is(err, context.DeadlineExceeded) || !e.OutcomeUnknown() {
			t.Errorf("%d (want 1) attempts in %v: %v, want payments.ErrAttemptTimeout", attempts, took, err)
		}
		var timeout interface{ Timeout() bool }
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Error("Timeout does not return true")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		took, _, err := play(t, t.Context(), []step{{}}, payments.WithMaxRetries(0), payments.WithAttemptTimeout(2*time.Second))
		if took != 2*time.Second || !errors.Is(err, payments.ErrAttemptTimeout) {
			t.Errorf("in %v: %v, want payments.ErrAttemptTimeout", took, err)
		}
	})
}

// There is no wait after the last attempt.
func TestNoWaitAfterTheLastAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		took, attempts, err := play(t, t.Context(), []step{{status: 429, retryAfter: "5", least: 5 * time.Second, most: 5 * time.Second}, {status: 429, retryAfter: "20"}}, payments.WithMaxRetries(1))
		if e := failure(t, err); took != 5*time.Second || attempts != 2 || e.Attempts != 2 {
			t.Errorf("%d (want 2) attempts in %v: %v", attempts, took, err)
		}
	})
}

// A wait that cannot end before the caller's deadline does not start: Twilio's
// error is returned at once instead of context.DeadlineExceeded.
func TestNoWaitBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		took, attempts, err := play(t, ctx, []step{{status: 429, retryAfter: "10"}})
		if e := failure(t, err); took != 0 || attempts != 1 || e.Status != 429 || !errors.Is(err, payments.ErrRateLimited) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%d (want 1) attempts in %v, want 0: %v, want payments.ErrRateLimited", attempts, took, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if took, attempts, err := play(t, ctx, []step{{status: 429, retryAfter: "9", least: 9 * time.Second, most: 9 * time.Second}, {status: 201}}); err != nil || took != 9*time.Second || attempts != 2 {
			t.Errorf("%d (want 2) attempts in %v: %v", attempts, took, err)
		}
	})
}

func TestCallersContextBoundsTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		took, attempts, err := play(t, ctx, []step{{most: 250 * time.Millisecond}, {}, {}})
		if e := failure(t, err); took != 20*time.Second || attempts != 2 || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, payments.ErrAttemptTimeout) || !e.OutcomeUnknown() {
			t.Errorf("%d (want 2) attempts in %v: %v, want context.DeadlineExceeded", attempts, took, err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // cancelled while waiting: Twilio's error is kept
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		took, attempts, err := play(t, ctx, []step{{status: 429, retryAfter: "5"}})
		if e := failure(t, err); took != 3*time.Second || attempts != 1 || !errors.Is(err, context.Canceled) || e.Status != 429 || e.OutcomeUnknown() {
			t.Errorf("%d (want 1) attempts in %v: %v, want context.Canceled", attempts, took, err)
		}
	})
}

// A cancelled wait ends with both the context's error and the error of the attempt
// before it.
func TestCancelledWaitKeepsTheAttemptsError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		dial := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		client := newClient(t, "https://api.example.com", payments.WithHTTPClient(&http.Client{Transport: unsent(func(*http.Request) (*http.Response, error) {
			cancel()
			return nil, dial
		})}))
		_, err := operations["complete"](ctx, client)
		if e := failure(t, err); !errors.Is(err, context.Canceled) || e.OutcomeUnknown() || e.Attempts != 1 {
			t.Errorf("cancelled in an attempt: %v, want context.Canceled", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		defer cancel()
		attempts := 0
		client = newClient(t, "https://api.example.com", payments.WithHTTPClient(&http.Client{Transport: unsent(func(*http.Request) (*http.Response, error) {
			if attempts++; attempts == 8 {
				time.AfterFunc(time.Nanosecond, cancel) // in the wait after it
			}
			return nil, dial
		})}), payments.WithMaxRetries(20))
		_, err = operations["complete"](ctx, client)
		e := failure(t, err)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, syscall.ECONNREFUSED) || e.OutcomeUnknown() || e.Attempts != 8 || strings.Contains(err.Error(), "\n") {
			t.Errorf("cancelled in a wait: %v, want %v", err, syscall.ECONNREFUSED)
		}
		if want := "context canceled; dial tcp: connection refused"; !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q in it", err, want)
		}
	})
}
