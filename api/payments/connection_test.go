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
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// quietServer keeps connections over HTTP/1, and after quiet takes what comes on
// the connections it has and says nothing: it is what a client sees of a
// middlebox that forgot them.
type quietServer struct {
	url      string
	requests atomic.Int64
	conns    atomic.Int64
	quiet    atomic.Int64 // connections up to this number are silent
	closed   atomic.Int64
}

func newQuietServer(t *testing.T, answerTo func(r *http.Request) string) *quietServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &quietServer{url: "http://" + l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn, s.conns.Add(1), answerTo)
		}
	}()
	return s
}

func (s *quietServer) serve(conn net.Conn, number int64, answerTo func(*http.Request) string) {
	defer func() {
		_ = conn.Close()
		s.closed.Add(1)
	}()
	reader := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		s.requests.Add(1)
		body := answerTo(r)
		if number > s.quiet.Load() {
			write(conn, "202 Accepted", body)
		}
	}
}

// keepEight opens eight connections, which then go silent.
func (s *quietServer) keepEight(t *testing.T, c *payments.Client, gate chan struct{}) {
	t.Helper()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := operations["capture"](t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	for s.requests.Load() < 8 {
		time.Sleep(time.Millisecond)
	}
	close(gate)
	group.Wait()
	s.quiet.Store(s.conns.Load())
	if s.conns.Load() != 8 {
		t.Fatalf("%d connections, want 8", s.conns.Load())
	}
}

// Eight kept connections go silent: the first call loses one attempt and not
// four, and the calls after it lose none.
func TestRetriesLeaveSilentConnections(t *testing.T) {
	t.Parallel()
	kept := func() *http.Transport { return &http.Transport{MaxIdleConnsPerHost: 8} }
	for name, transport := range map[string]http.RoundTripper{
		"net/http's transport":                    kept(),
		"the client's default":                    payments.NewTransport(),
		"below a middleware":                      forwarding{kept()},
		"below one that cannot close connections": unsent(payments.NewTransport().RoundTrip),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gate := make(chan struct{})
			s := newQuietServer(t, func(r *http.Request) string { <-gate; return sessionAt(r.URL.Path) })
			c := newClient(t, s.url, payments.WithHTTPClient(&http.Client{Transport: transport}))
			s.keepEight(t, c, gate)

			var info payments.ResponseInfo
			_, err := operations["capture"](t.Context(), c, payments.WithAttemptTimeout(300*time.Millisecond), payments.WithResponseInfo(&info))
			if err != nil || len(info.Attempts) != 2 {
				t.Fatalf("%d attempts: %v", len(info.Attempts), err)
			}
			for range 8 {
				if _, err := operations["complete"](t.Context(), c, payments.WithMaxRetries(0)); err != nil {
					t.Errorf("a complete after that: %v", err)
				}
			}
			if got := s.requests.Load(); got != 8+2+8 {
				t.Errorf("%d requests, want 18", got)
			}
		})
	}
}

// forwarding is a middleware.
type forwarding struct{ *http.Transport }

func (f forwarding) RoundTrip(r *http.Request) (*http.Response, error) {
	return f.Transport.RoundTrip(r)
}

// CloseIdleConnections reaches the transport, through a middleware that has the
// method too.
func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]http.RoundTripper{"plain": &http.Transport{}, "a middleware": forwarding{&http.Transport{}}, "none": nil} {
		s := newQuietServer(t, func(r *http.Request) string { return sessionAt(r.URL.Path) })
		opts := []payments.Option{}
		if transport != nil {
			opts = append(opts, payments.WithHTTPClient(&http.Client{Transport: transport}))
		}
		c := newClient(t, s.url, opts...)
		if _, err := operations["capture"](t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); s.closed.Load() == 0; time.Sleep(time.Millisecond) {
			c.CloseIdleConnections() // again, since a connection may be on its way back to the pool
			if time.Now().After(deadline) {
				t.Fatalf("%s: the connection stays open", name)
			}
		}
	}
	var none *payments.Client
	none.CloseIdleConnections()
}

// failingConn is a connection whose writes fail once it is armed: after taking
// some of the bytes, or none.
type failingConn struct {
	net.Conn
	armed *atomic.Bool
	takes int
	hit   *atomic.Int64
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

// A kept connection that takes no byte of the request has sent nothing: complete
// is sent again, and leaves nothing unknown. One that took a byte is another
// matter.
func TestAConnectionThatTakesNothing(t *testing.T) {
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
				return failingConn{conn, &armed, tt.takes, &hit}, err
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
				t.Errorf("%d attempts, %d writes, %d requests: %v", e.Attempts, hit.Load(), s.requests.Load(), err)
			}
			armed.Store(false)
			if _, err := operations["complete"](t.Context(), c); err != nil || s.requests.Load() != 2 {
				t.Errorf("the complete after that: %v", err)
			}
		})
	}
}

// A middleware that reads the body, to log or to sign it, leaves a failed dial
// what it is: net/http's trace has the word.
func TestAMiddlewareThatReadsTheBody(t *testing.T) {
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
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Headers of a response are bounded by the default transport.
func TestResponseHeadersAreBounded(t *testing.T) {
	t.Parallel()
	big := make([]byte, 100<<10)
	for i := range big {
		big[i] = 'x'
	}
	_, err := operations["create"](t.Context(), newClient(t, newServer(t, answer(201, sessionJSON, "X-Big", string(big))).URL, payments.WithMaxRetries(0)))
	if e := failure(t, err); e.Status != 0 || !e.OutcomeUnknown() {
		t.Errorf("a header of 100 KiB: %v", err)
	}
	if _, err := operations["create"](t.Context(), newClient(t, newServer(t, answer(201, sessionJSON, "X-Big", string(big[:50<<10]))).URL)); err != nil {
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

// What an http.Client adds to its transport is used: cookies and a timeout.
func TestTheHTTPClientsOwnSettings(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, answer(201, sessionJSON, "Set-Cookie", "affinity=7"))
	client := newClient(t, s.URL, payments.WithHTTPClient(&http.Client{Jar: jar}))
	for range 2 {
		if _, err := operations["create"](t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.all()[1].Header.Get("Cookie"); got != "affinity=7" {
		t.Errorf("the cookie is %q", got)
	}
	silent := newQuietServer(t, func(*http.Request) string { return "" })
	silent.quiet.Store(100)
	_, err = operations["complete"](t.Context(), newClient(t, silent.url, payments.WithHTTPClient(&http.Client{Timeout: 50 * time.Millisecond})))
	if e := failure(t, err); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, payments.ErrAttemptTimeout) || !e.OutcomeUnknown() || e.Attempts != 1 {
		t.Errorf("an http.Client's timeout: %v", err)
	}
}

// A transport that breaks its contract makes an error, as it does under
// http.Client.
func TestTransportsThatBreakTheirContract(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]roundTrip{
		"neither response nor error": func(*http.Request) (*http.Response, error) { return nil, nil },
		"no body":                    func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 201}, nil },
	} {
		_, err := operations["create"](t.Context(), newClient(t, "https://api.example.com", payments.WithMaxRetries(0), payments.WithHTTPClient(&http.Client{Transport: transport})))
		if e := failure(t, err); !e.OutcomeUnknown() {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := newServer(t, success)
	_, err := operations["create"](t.Context(), newClient(t, "https"+s.URL[len("http"):], payments.WithMaxRetries(0)))
	if !errors.Is(err, http.ErrSchemeMismatch) {
		t.Errorf("https to an http server: %v", err)
	}
}
