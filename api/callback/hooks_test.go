package callback_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

type hookKey struct{}

// TestHooks observes deliveries with every kind of outcome.
func TestHooks(t *testing.T) {
	t.Parallel()
	broken := errors.New("no database")
	for name, tt := range map[string]struct {
		times  int
		fails  error
		forged bool
		want   []string
	}{
		"handled":        {1, nil, false, []string{"begin", "handle", "end", "204"}},
		"handled before": {2, nil, false, []string{"begin", "handle", "end", "204", "begin", "end again", "204"}},
		"failed":         {1, broken, false, []string{"begin", "handle", "end no database", "500"}},
		"forged":         {1, nil, true, []string{"403"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var seen []string
			note := func(words ...string) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, strings.TrimSpace(strings.Join(words, " ")))
			}
			hooks := callback.Hooks{
				Delivery: func(ctx context.Context, e callback.Event) (context.Context, func(bool, error)) {
					note("begin")
					return context.WithValue(ctx, hookKey{}, e.SID), func(again bool, err error) {
						words := []string{"end"}
						if again {
							words = append(words, "again")
						}
						if err != nil {
							words = append(words, err.Error())
						}
						note(words...)
					}
				},
				Responded: func(_ context.Context, status int, _ time.Duration) { note(strconv.Itoa(status)) },
			}
			var log logBuffer
			h, err := callback.NewHandler(func(ctx context.Context, e callback.Event) error {
				if ctx.Value(hookKey{}) != e.SID {
					t.Error("the function has another context")
				}
				note("handle")
				return tt.fails
			}, ownHosts, withLog(&log), callback.WithAuthTokens(token), callback.WithHooks(hooks))
			if err != nil {
				t.Fatal(err)
			}
			signer := token
			if tt.forged {
				signer = "another"
			}
			for range tt.times {
				r := request(statusURL, formType, session().Encode())
				r.Header.Set("X-Twilio-Signature", callback.Sign(signer, statusURL, session()))
				serve(h, r)
			}
			if diff := cmp.Diff(tt.want, seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHooksPanic: a panic in a hook does not end the process, and is logged.
func TestHooksPanic(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		hooks  callback.Hooks
		status int
	}{
		"Delivery": {callback.Hooks{Delivery: func(context.Context, callback.Event) (context.Context, func(bool, error)) { panic("boom") }}, 500},
		"end of Delivery": {callback.Hooks{Delivery: func(ctx context.Context, _ callback.Event) (context.Context, func(bool, error)) {
			return ctx, func(bool, error) { panic("boom") }
		}}, 204},
		"Goexit at the end of Delivery": {callback.Hooks{Delivery: func(ctx context.Context, _ callback.Event) (context.Context, func(bool, error)) {
			return ctx, func(bool, error) { runtime.Goexit() }
		}}, 204},
		"Responded":        {callback.Hooks{Responded: func(context.Context, int, time.Duration) { panic("boom") }}, 204},
		"nothing returned": {callback.Hooks{Delivery: func(ctx context.Context, _ callback.Event) (context.Context, func(bool, error)) { return ctx, nil }}, 204},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logBuffer
			h, err := callback.NewHandler(ignore, ownHosts, withLog(&log), callback.WithAuthTokens(token), callback.WithHooks(tt.hooks))
			if err != nil {
				t.Fatal(err)
			}
			r := request(statusURL, formType, session().Encode())
			r.Header.Set("X-Twilio-Signature", callback.Sign(token, statusURL, session()))
			if w := serve(h, r); w.Code != tt.status || strings.Contains(log.String(), "boom") != (name != "nothing returned" && !strings.HasPrefix(name, "Goexit")) {
				t.Errorf("status %d, want %d; log %s", w.Code, tt.status, &log)
			}
		})
	}
	if _, err := callback.Verify(ownHosts, callback.WithAuthTokens(token), callback.WithHooks(callback.Hooks{Responded: func(context.Context, int, time.Duration) {}})); err == nil {
		t.Error("Verify accepts hooks")
	}
}
