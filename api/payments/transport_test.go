package payments_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// The documented settings; transports share nothing. internal/verify/h2 tests them
// over real connections.
func TestNewTransport(t *testing.T) {
	t.Parallel()
	a, b := payments.NewTransport(), payments.NewTransport()
	if a.HTTP2.SendPingTimeout != 10*time.Second || a.HTTP2.PingTimeout != 5*time.Second || a.MaxResponseHeaderBytes != 64<<10 || a.MaxIdleConnsPerHost != 100 || a.Proxy == nil {
		t.Errorf("got %+v, %+v", a.Transport, a.HTTP2)
	}
	shared := http.DefaultTransport.(*http.Transport).HTTP2 // newer Go releases set it by themselves
	if a.Transport == b.Transport || a.HTTP2 == b.HTTP2 || a.HTTP2 == shared || shared != nil && shared.SendPingTimeout != 0 {
		t.Error("transports share settings")
	}
}

// failingConn is a connection whose writes fail once it is armed, after writing
// some of the bytes or none. Its reads do not fail then until the end of the test:
// net/http closes it after a failed write, and would now and then report the read
// that this ends instead.
type failingConn struct {
	net.Conn
	armed *atomic.Bool
	takes int
	hit   *atomic.Int64
	end   <-chan struct{}
}

func (c failingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && c.armed.Load() {
		<-c.end
	}
	return n, err
}

func (c failingConn) Write(p []byte) (int, error) {
	if !c.armed.Load() {
		return c.Conn.Write(p)
	}
	c.hit.Add(1)
	n := 0
	if c.takes > 0 {
		n, _ = c.Conn.Write(p[:min(len(p), c.takes)])
	}
	return n, &net.OpError{Op: "write", Net: "tcp", Err: syscall.ECONNRESET}
}

// An idle connection that fails before the first byte of the request has sent
// nothing, so complete is retried and its outcome known. After one byte it is
// unknown.
func TestConnectionLostBeforeFirstByte(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		takes    int
		wrap     func(http.RoundTripper) http.RoundTripper
		attempts int
		unknown  bool
	}{
		"no byte":                     {0, nil, 4, false},
		"no byte, below a middleware": {0, func(t http.RoundTripper) http.RoundTripper { return unsent(t.RoundTrip) }, 4, false},
		"one byte":                    {1, nil, 1, true},
		"some bytes":                  {200, nil, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newQuietServer(t, func(r *http.Request) string { return sessionAt(r.URL.Path) })
			var armed atomic.Bool
			var hit atomic.Int64
			var transport http.RoundTripper = &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				return failingConn{conn, &armed, tt.takes, &hit, t.Context().Done()}, err
			}}
			if tt.wrap != nil {
				transport = tt.wrap(transport)
			}
			c := newClient(t, s.url, payments.WithHTTPClient(&http.Client{Transport: transport}))
			if _, err := operations["capture"](t.Context(), c); err != nil {
				t.Fatal(err)
			}
			armed.Store(true)
			_, err := operations["complete"](t.Context(), c)
			if e := failure(t, err); e.Attempts != tt.attempts || e.OutcomeUnknown() != tt.unknown || hit.Load() != int64(tt.attempts) || s.requests.Load() != 1 || !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%d attempts, want %d; %d writes, want %d; %d requests, want 1: %v, want %v", e.Attempts, tt.attempts, hit.Load(), int64(tt.attempts), s.requests.Load(), err, syscall.ECONNRESET)
			}
			armed.Store(false)
			if _, err := operations["complete"](t.Context(), c); err != nil || s.requests.Load() != 2 {
				t.Errorf("the complete after that: %v", err)
			}
		})
	}
}

// When a middleware reads the body, to log or sign it, a failed dial still counts
// as not sent: net/http's trace decides.
func TestMiddlewareThatReadsTheBody(t *testing.T) {
	t.Parallel()
	s := newServer(t, success)
	s.Close()
	for name, next := range map[string]http.RoundTripper{"dial": &http.Transport{}, "proxy": &http.Transport{Proxy: http.ProxyURL(proxyURL(t, s.URL))}} {
		var read atomic.Int64
		middleware := unsent(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			read.Add(int64(len(body)))
			r = r.Clone(r.Context())
			r.Body = io.NopCloser(bufio.NewReader(io.LimitReader(zeros{}, int64(len(body)))))
			return next.RoundTrip(r)
		})
		_, err := operations["complete"](t.Context(), newClient(t, s.URL, payments.WithHTTPClient(&http.Client{Transport: middleware})))
		if e := failure(t, err); e.Attempts != 4 || e.OutcomeUnknown() || read.Load() == 0 {
			t.Errorf("%s: %v, want 4 attempts, a known outcome, and the body read", name, err)
		}
	}
}

// The default transport limits response headers.
func TestResponseHeadersAreBounded(t *testing.T) {
	t.Parallel()
	big := make([]byte, 100<<10)
	for i := range big {
		big[i] = 'x'
	}
	_, err := operations["create"](t.Context(), newClient(t, newServer(t, respond(201, sessionJSON, "X-Big", string(big))).URL, payments.WithMaxRetries(0)))
	if e := failure(t, err); e.Status != 0 || !e.OutcomeUnknown() {
		t.Errorf("a header of 100 KiB: %v", err)
	}
	if _, err := operations["create"](t.Context(), newClient(t, newServer(t, respond(201, sessionJSON, "X-Big", string(big[:50<<10]))).URL)); err != nil {
		t.Errorf("a header of 50 KiB: %v", err)
	}
}

func proxyURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// The cookies and the timeout of the caller's http.Client are used.
func TestHTTPClientSettingsAreUsed(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, respond(201, sessionJSON, "Set-Cookie", "affinity=7"))
	client := newClient(t, s.URL, payments.WithHTTPClient(&http.Client{Jar: jar}))
	for range 2 {
		if _, err := operations["create"](t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.all()[1].Header.Get("Cookie"); got != "affinity=7" {
		t.Errorf("the cookie is %q, want \"affinity=7\"", got)
	}
	silent := newQuietServer(t, func(*http.Request) string { return "" })
	silent.quiet.Store(100)
	_, err = operations["complete"](t.Context(), newClient(t, silent.url, payments.WithHTTPClient(&http.Client{Timeout: 50 * time.Millisecond})))
	if e := failure(t, err); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, payments.ErrAttemptTimeout) || !e.OutcomeUnknown() || e.Attempts != 1 {
		t.Errorf("an http.Client's timeout: %v, want context.DeadlineExceeded", err)
	}
}

// A transport that violates the RoundTripper contract causes an error, as with
// http.Client.
func TestMisbehavingTransports(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]roundTrip{
		"neither response nor error": func(*http.Request) (*http.Response, error) { return nil, nil },
		"no body":                    func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 201}, nil },
	} {
		_, err := operations["create"](t.Context(), newClient(t, "https://api.example.com", payments.WithMaxRetries(0), payments.WithHTTPClient(&http.Client{Transport: transport})))
		if e := failure(t, err); !e.OutcomeUnknown() {
			t.Errorf("%s: %v, want an unknown outcome", name, err)
		}
	}
	s := newServer(t, success)
	_, err := operations["create"](t.Context(), newClient(t, "https"+s.URL[len("http"):], payments.WithMaxRetries(0)))
	if !errors.Is(err, http.ErrSchemeMismatch) {
		t.Errorf("https to an http server: %v, want http.ErrSchemeMismatch", err)
	}
}

// TestAnEmptyTransport is refused when the client is made; below a middleware, which
// hides it, its calls fail and send nothing.
func TestAnEmptyTransport(t *testing.T) {
	t.Parallel()
	for _, empty := range []http.RoundTripper{&payments.Transport{}, (*payments.Transport)(nil), (*http.Transport)(nil)} {
		c, err := payments.NewClient(payments.WithCredentials(accountSID, authToken), payments.WithHTTPClient(&http.Client{Transport: empty}))
		if err == nil || !strings.Contains(err.Error(), "NewTransport") || c != nil {
			t.Errorf("%T: %v, want an error that names NewTransport", empty, err)
		}
	}
	c := newClient(t, "https://api.example.com", payments.WithMaxRetries(0), payments.WithHTTPClient(&http.Client{Transport: unsent((&payments.Transport{}).RoundTrip)}))
	_, err := operations["complete"](t.Context(), c)
	if e := failure(t, err); e.OutcomeUnknown() || !strings.Contains(err.Error(), "NewTransport") {
		t.Errorf("below a middleware: %v", err)
	}
}
