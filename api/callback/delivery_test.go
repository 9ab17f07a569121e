package callback_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// TestTimeout: the sender does not wait for a function that ignores its context.
func TestTimeout(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opts  []callback.Option
		bound time.Duration
	}{
		"default": {nil, 10 * time.Second},
		"set":     {[]callback.Option{callback.WithHandlingTimeout(3 * time.Second)}, 3 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var ended time.Duration
				start := time.Now()
				h := newHandler(t, func(ctx context.Context, _ callback.Event) error {
					<-ctx.Done()
					ended = time.Since(start)
					time.Sleep(time.Minute)
					return nil
				}, test.opts...)
				w := serve(h, signed(session()))
				if w.Code != 500 || time.Since(start) != test.bound {
					t.Errorf("status %d after %s, want 500 after %s", w.Code, time.Since(start), test.bound)
				}
				synctest.Wait()
				if ended != test.bound {
					t.Errorf("context ended after %s, want %s", ended, test.bound)
				}
				time.Sleep(2 * time.Minute) // let the function end
			})
		})
	}
}

// TestReturnJustBeforeTheTimeout: the result counts up to the last instant.
func TestReturnJustBeforeTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, func(context.Context, callback.Event) error {
			time.Sleep(10*time.Second - 1)
			return nil
		})
		if w := serve(h, signed(session())); w.Code != 204 {
			t.Errorf("status %d, want 204", w.Code)
		}
	})
}

// TestReturnAfterTheTimeout: the claim is kept while the function is running, and
// its result decides the response to the next delivery.
func TestReturnAfterTheTimeout(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		result error
		panics bool
		status int
		calls  int32
	}{
		"succeeds late": {nil, false, 204, 1},
		"fails late":    {errors.New("no"), false, 204, 2},
		"panics late":   {nil, true, 204, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int32
				var log logBuffer
				h := newHandler(t, func(context.Context, callback.Event) error {
					if calls.Add(1) > 1 {
						return nil
					}
					time.Sleep(time.Minute)
					if test.panics {
						panic("late")
					}
					return test.result
				}, withLog(&log))
				if w := serve(h, withKey(signed(session()), "k")); w.Code != 500 {
					t.Fatalf("first delivery: %d, want 500", w.Code)
				}
				if w := serve(h, withKey(signed(session()), "k")); w.Code != 503 {
					t.Errorf("while the function is running: %d, want 503", w.Code)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if w := serve(h, withKey(signed(session()), "k")); w.Code != test.status {
					t.Errorf("after the function: %d, want %d", w.Code, test.status)
				}
				if calls.Load() != test.calls {
					t.Errorf("%d calls, want %d", calls.Load(), test.calls)
				}
				if !strings.Contains(log.String(), `"duration":60000000000`) {
					t.Errorf("the late result is not logged: %s", &log)
				}
			})
		})
	}
}

// TestHangingFunctionsAreBounded: functions that never end cannot fill the memory.
func TestHangingFunctionsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var running atomic.Int32
		h := newHandler(t, func(context.Context, callback.Event) error {
			running.Add(1)
			<-release
			return nil
		})
		const most = 1024
		responses := make(chan int, most)
		for i := range most {
			go func() { responses <- serve(h, signed(session("Number", fmt.Sprint(i)))).Code }()
		}
		for range most {
			if status := <-responses; status != 500 {
				t.Fatalf("status %d, want 500", status)
			}
		}
		if w := serve(h, signed(session())); w.Code != 503 || running.Load() != most {
			t.Errorf("status %d with %d running, want 503 and no call", w.Code, running.Load())
		}
		close(release)
		synctest.Wait()
		if w := serve(h, signed(session())); w.Code != 204 {
			t.Errorf("after they ended: %d, want 204", w.Code)
		}
	})
}

// TestOtherFunctionsAreBounded: the timeout applies to the user's other functions too.
func TestOtherFunctionsAreBounded(t *testing.T) {
	t.Parallel()
	slow := func() { time.Sleep(time.Hour) }
	tests := map[string]callback.Option{
		"token source": callback.WithTokenSource(func(context.Context, string) (wire.Credentials, error) {
			slow()
			return wire.NewCredentials(token), nil
		}),
		"claim": callback.WithDeduplicator(store{claim: func() (callback.Claim, error) {
			slow()
			return callback.Claim{State: callback.ClaimGranted}, nil
		}}),
		"settle": callback.WithDeduplicator(store{settle: func(bool) error { slow(); return nil }}),
	}
	for name, opt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				opts := []callback.Option{ownHosts, opt, callback.WithHandlingTimeout(time.Second), callback.WithLogger(slog.New(slog.DiscardHandler))}
				if name != "token source" {
					opts = append(opts, callback.WithAuthTokens(token))
				}
				var called atomic.Bool
				h, err := callback.NewHandler(func(context.Context, callback.Event) error {
					called.Store(true)
					return nil
				}, opts...)
				if err != nil {
					t.Fatal(err)
				}
				if w := serve(h, signed(session())); w.Code != 500 || time.Since(start) != time.Second {
					t.Errorf("status %d (want 500) after %s, want %s", w.Code, time.Since(start), time.Second)
				}
				time.Sleep(2 * time.Hour)
				if called.Load() != (name == "settle") {
					t.Errorf("function called: %v", called.Load())
				}
			})
		})
	}
}

func TestPanicsOfOtherFunctions(t *testing.T) {
	t.Parallel()
	boom := func() { panic("boom") }
	tests := map[string][]callback.Option{
		"token source": {callback.WithTokenSource(func(context.Context, string) (wire.Credentials, error) { boom(); return wire.Credentials{}, nil })},
		"public URL":   {callback.WithAuthTokens(token), callback.WithPublicURLFunc(func(*http.Request) string { boom(); return "" })},
		"claim":        {callback.WithAuthTokens(token), callback.WithDeduplicator(store{claim: func() (callback.Claim, error) { boom(); return callback.Claim{}, nil }})},
		"settle":       {callback.WithAuthTokens(token), callback.WithDeduplicator(store{settle: func(bool) error { boom(); return nil }})},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logBuffer
			h, err := callback.NewHandler(ignore, append([]callback.Option{ownHosts, withLog(&log)}, opts...)...)
			if err != nil {
				t.Fatal(err)
			}
			want := 500
			if name == "settle" {
				want = 204 // handled; only Settle failed
			}
			if w := serve(h, signed(session())); w.Code != want || w.Body.Len() != 0 {
				t.Errorf("response %d (want %d) %q", w.Code, want, w.Body)
			}
			if !strings.Contains(log.String(), "panic: boom") {
				t.Errorf("log: %s", &log)
			}
		})
	}
}

// store is a deduplicator made of functions; a nil one grants or settles everything.
type store struct {
	claim  func() (callback.Claim, error)
	settle func(handled bool) error
}

func (s store) Claim(_ context.Context, key string) (callback.Claim, error) {
	if s.claim == nil {
		return callback.Claim{Key: key, State: callback.ClaimGranted, Fence: "f-" + key}, nil
	}
	return s.claim()
}

func (s store) Settle(_ context.Context, _ callback.Claim, handled bool) error {
	if s.settle == nil {
		return nil
	}
	return s.settle(handled)
}
