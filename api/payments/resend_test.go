package payments_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// closingServer passes every request to serve, which writes the response. The
// connection is closed when serve returns false.
func closingServer(t *testing.T, serve func(n int64, conn net.Conn) bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var n atomic.Int64
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				reader := bufio.NewReader(conn)
				for {
					r, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, r.Body)
					if !serve(n.Add(1), conn) {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func write(conn net.Conn, status, body string) {
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

// transportOf is a middleware.
func transportOf(f func(next http.RoundTripper, r *http.Request) (*http.Response, error)) *http.Client {
	next := &http.Transport{}
	return &http.Client{Transport: unsent(func(r *http.Request) (*http.Response, error) { return f(next, r) })}
}

// net/http retries a POST by itself when an idle connection closes and a header
// marks the request as idempotent. It cannot retry ours, which has no GetBody.
func TestTransportDoesNotRetry(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"X-None", "Idempotency-Key", "X-Idempotency-Key"} {
		var completes atomic.Int64
		base := closingServer(t, func(n int64, conn net.Conn) bool {
			if n == 1 {
				write(conn, "404 Not Found", "{}")
				return true
			}
			completes.Add(1)
			if n == 2 {
				return false // received, then the connection closes
			}
			write(conn, "202 Accepted", sessionJSON)
			return true
		})
		client := newClient(t, base, payments.WithHTTPClient(transportOf(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context())
			r.Header.Set(header, "x")
			return next.RoundTrip(r)
		})))
		_, err := operations["complete"](context.Background(), client)
		failure(t, err)
		_, err = operations["complete"](context.Background(), client)
		if e := failure(t, err); completes.Load() != 1 || e.Attempts != 1 || !e.OutcomeUnknown() {
			t.Errorf("with header %s: %d completes, want 1; %v", header, completes.Load(), err)
		}
	}
}

// A middleware that retries by itself and then cannot connect has still sent the
// request once.
func TestRetryingMiddleware(t *testing.T) {
	t.Parallel()
	var completes atomic.Int64
	base := closingServer(t, func(int64, net.Conn) bool { completes.Add(1); return false })
	client := newClient(t, base, payments.WithHTTPClient(transportOf(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if resp, err := next.RoundTrip(r); err == nil {
			return resp, nil
		}
		return nil, &net.OpError{Op: "dial", Err: fmt.Errorf("connection refused")}
	})))
	_, err := operations["complete"](context.Background(), client)
	if e := failure(t, err); completes.Load() != 1 || e.Attempts != 1 || !e.OutcomeUnknown() {
		t.Errorf("%d completes, want 1; %v", completes.Load(), err)
	}
}

// The body of a 101 is a connection that no deadline ends: it is closed unread.
func TestSwitchingProtocols(t *testing.T) {
	t.Parallel()
	base := closingServer(t, func(_ int64, conn net.Conn) bool {
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		_, _ = conn.Read(make([]byte, 1)) // until the client closes
		return false
	})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err := operations["create"](ctx, newClient(t, base))
	if e := failure(t, err); e.Status != 101 || !e.OutcomeUnknown() || ctx.Err() != nil {
		t.Errorf("got %v", err)
	}
}
