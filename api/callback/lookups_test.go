//go:build !race

package callback_test

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// TestLookupsAreBounded: a token source that always hangs cannot fill the memory.
// It needs 16384 goroutines, and the race detector allows 8128, so make
// test-newest runs it.
func TestLookupsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var hanging atomic.Int32
		verify, err := callback.Verify(ownHosts, callback.WithLogger(slog.New(slog.DiscardHandler)), callback.WithHandlingTimeout(time.Second),
			callback.WithTokenSource(func(context.Context, string) (wire.Credentials, error) {
				hanging.Add(1)
				<-release
				return wire.NewCredentials(token), nil
			}))
		if err != nil {
			t.Fatal(err)
		}
		h := verify(http.NotFoundHandler())
		const most = 16 << 10
		var all sync.WaitGroup
		for range most {
			all.Go(func() {
				if w := serve(h, signed(charged())); w.Code != 500 {
					t.Errorf("status %d, want 500", w.Code)
				}
			})
		}
		all.Wait()
		if w := serve(h, signed(charged())); w.Code != 503 || hanging.Load() != most {
			t.Errorf("status %d while %d hang, want 503 and no call", w.Code, hanging.Load())
		}
		close(release)
		synctest.Wait()
		if w := serve(h, signed(charged())); w.Code != 404 {
			t.Errorf("status %d afterwards, want 404", w.Code)
		}
	})
}
