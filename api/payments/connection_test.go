package payments_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// quietServer keeps HTTP/1 connections open. After quiet it reads requests on its
// existing connections and sends nothing, as a client sees it when a middlebox has
// dropped them.
type quietServer struct {
	url      string
	requests atomic.Int64
	conns    atomic.Int64
	quiet    atomic.Int64 // connections up to this number are silent
	resets   atomic.Bool  // or are reset by the next request
	closed   atomic.Int64
	last     atomic.Int64 // number of the connection closed last
}

func newQuietServer(t *testing.T, bodyFor func(r *http.Request) string) *quietServer {
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
			go s.serve(conn, s.conns.Add(1), bodyFor)
		}
	}()
	return s
}

func (s *quietServer) serve(conn net.Conn, number int64, bodyFor func(*http.Request) string) {
	defer func() {
		_ = conn.Close()
		s.last.Store(number)
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
		body := bodyFor(r)
		switch {
		case number > s.quiet.Load():
			write(conn, "202 Accepted", body)
		case s.resets.Load():
			_ = conn.(*net.TCPConn).SetLinger(0)
			return
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

// Eight idle connections go silent. The first call loses one attempt, not four,
// and later calls lose none.
func TestRetriesAvoidSilentConnections(t *testing.T) {
	t.Parallel()
	kept := func() *http.Transport { return &http.Transport{MaxIdleConnsPerHost: 8} }
	for name, transport := range map[string]http.RoundTripper{
		"net/http's transport":                   kept(),
		"the client's default":                   payments.NewTransport(),
		"below a middleware":                     forwarding{kept()},
		"below one without CloseIdleConnections": unsent(payments.NewTransport().RoundTrip),
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
				t.Fatalf("%d attempts, want 2: %v", len(info.Attempts), err)
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

// Eight idle connections are reset when used. The retry does not try the next of
// them, and its own connection is closed afterwards.
func TestRetriesAvoidResetConnections(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]http.RoundTripper{
		"net/http's transport": &http.Transport{MaxIdleConnsPerHost: 8},
		"the client's default": payments.NewTransport(),
		"below a middleware":   unsent(payments.NewTransport().RoundTrip),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gate := make(chan struct{})
			s := newQuietServer(t, func(r *http.Request) string { <-gate; return sessionAt(r.URL.Path) })
			c := newClient(t, s.url, payments.WithHTTPClient(&http.Client{Transport: transport}))
			s.keepEight(t, c, gate)
			s.resets.Store(true)
			var info payments.ResponseInfo
			_, err := operations["capture"](t.Context(), c, payments.WithResponseInfo(&info))
			if err != nil || len(info.Attempts) != 2 || s.conns.Load() != 9 {
				t.Fatalf("%d (want 2) attempts over %d connections, want 9: %v", len(info.Attempts), s.conns.Load(), err)
			}
			for deadline := time.Now().Add(20 * time.Second); s.last.Load() != 9; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("the connection of the retry stays open")
				}
			}
		})
	}
}

// forwarding is a middleware.
type forwarding struct{ *http.Transport }

func (f forwarding) RoundTrip(r *http.Request) (*http.Response, error) {
	return f.Transport.RoundTrip(r)
}

// CloseIdleConnections reaches the transport, also through a middleware with the
// method.
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
