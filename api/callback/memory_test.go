package callback_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// TestContentLengthAllocatesNoMemory: 60 senders over real connections announce 8
// MiB each and send 200 bytes. Together they hold less than 4 MiB, including both
// ends of every connection.
//
// It runs alone, because it measures the memory of the process.
func TestContentLengthAllocatesNoMemory(t *testing.T) {
	const senders, announced, sent, most = 60, 8 << 20, 200, 4 << 20
	for name, h := range map[string]http.Handler{
		"handler": newHandler(t, ignore, callback.WithBodyLimit(announced), callback.WithHandlingTimeout(15*time.Second)),
		"Verify":  newVerify(t, callback.WithBodyLimit(announced), callback.WithHandlingTimeout(15*time.Second))(http.NotFoundHandler()),
	} {
		t.Run(name, func(t *testing.T) {
			var read sync.WaitGroup
			read.Add(senders)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Body = &countingBody{ReadCloser: r.Body, left: sent, done: read.Done}
				h.ServeHTTP(w, r)
			}))
			defer server.Close()
			before := memory()
			for range senders {
				conn, err := net.Dial("tcp", server.Listener.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = conn.Close() }()
				_, err = fmt.Fprintf(conn, "POST /status HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nX-Twilio-Signature: %s\r\nContent-Length: %d\r\n\r\n%s",
					server.Listener.Addr(), formType, callback.Sign(token, "http://h/", nil), announced, strings.Repeat("a", sent))
				if err != nil {
					t.Fatal(err)
				}
			}
			read.Wait()
			held := memory() - before
			t.Logf("%d connections that announce %d bytes and send %d hold %d KiB", senders, announced, sent, held>>10)
			if held > most {
				t.Errorf("%d connections hold %d bytes, want at most %d", senders, held, most)
			}
		})
	}
}

// memory returns the bytes of heap and stacks in use.
func memory() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// countingBody calls done when left bytes have been read.
type countingBody struct {
	io.ReadCloser
	left int
	done func()
}

func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left > 0 {
		if b.left -= n; b.left <= 0 {
			b.done()
		}
	}
	return n, err
}

// TestForgeriesDoNotBlockDeliveries: a token source hangs for the accounts that
// forgeries name. A genuine delivery is still handled, even with a slow function.
func TestForgeriesDoNotBlockDeliveries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var hanging atomic.Int32
		h, err := callback.NewHandler(ignore, ownHosts, callback.WithLogger(slog.New(slog.DiscardHandler)), callback.WithHandlingTimeout(time.Second),
			callback.WithTokenSource(func(_ context.Context, account string) (wire.Credentials, error) {
				if account != accountSID {
					hanging.Add(1)
					<-release
				}
				return wire.NewCredentials(token), nil
			}))
		if err != nil {
			t.Fatal(err)
		}
		forged := func(i int) url.Values { return changed(charged(), "AccountSid", fmt.Sprintf("AC%032x", i)) }
		const rounds, each = 3, 1000
		for round := range rounds {
			var all sync.WaitGroup
			for i := range each {
				all.Go(func() {
					if w := serve(h, signed(forged(round*each+i))); w.Code != 500 {
						t.Errorf("status %d for a forgery, want 500", w.Code)
					}
				})
			}
			all.Wait()
			if w := serve(h, signed(charged("Round", fmt.Sprint(round)))); w.Code != 204 {
				t.Fatalf("status %d (want 204) for a genuine delivery after %d forgeries", w.Code, hanging.Load())
			}
		}
		if hanging.Load() != rounds*each {
			t.Errorf("%d lookups hang", hanging.Load())
		}
		close(release)
		synctest.Wait()
	})
}
