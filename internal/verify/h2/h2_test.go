// Package h2_test runs the client against hostile and broken HTTP/2 servers
// over real connections: what a stream reset, a connection shutdown and silence
// mean for a payment. net/http has no error types for most of these, so these
// tests also detect a release of Go that changes an error's text.
package h2_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"golang.org/x/net/http2"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

func certificateRoots(s *httptest.Server) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return roots
}

func (s *server) clientOver(t *testing.T, transport http.RoundTripper, opts ...payments.Option) *payments.Client {
	t.Helper()
	c, err := payments.NewClient(append([]payments.Option{
		payments.WithCredentials(accountSID, "token"), payments.WithBaseURL(s.url), payments.WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func complete(ctx context.Context, c *payments.Client, opts ...payments.Option) error {
	_, err := c.Update(ctx, callSID, paymentSID, payments.UpdateParams{StatusCallback: "https://a.example", Status: payments.StatusComplete}, opts...)
	return err
}

func capture(ctx context.Context, c *payments.Client, opts ...payments.Option) error {
	_, err := c.Update(ctx, callSID, paymentSID, payments.UpdateParams{StatusCallback: "https://a.example", Capture: payments.CaptureSecurityCode}, opts...)
	return err
}

// closes calls before and then closes the connection.
func closes(before func(*conn, uint32)) func(*conn, uint32) {
	return func(c *conn, stream uint32) {
		before(c, stream)
		_ = c.tcp.Close()
	}
}

// The rules of the package documentation for HTTP/2: a request that RFC 9113
// guarantees to be unprocessed is sent again, complete too, and its outcome is
// known. No other is.
func TestUnprocessedRequests(t *testing.T) {
	t.Parallel()
	reset := func(code http2.ErrCode) func(*conn, uint32) {
		return func(c *conn, stream uint32) { _ = c.WriteRSTStream(stream, code) }
	}
	goAway := func(below uint32, code http2.ErrCode) func(*conn, uint32) {
		return func(c *conn, stream uint32) { _ = c.WriteGoAway(stream-below, code, nil) }
	}
	for name, tt := range map[string]struct {
		end         func(*conn, uint32)
		unprocessed bool
	}{
		"REFUSED_STREAM":                                 {reset(http2.ErrCodeRefusedStream), true},
		"GOAWAY below the first stream":                  {goAway(1, http2.ErrCodeNo), true},
		"GOAWAY below the first, with an error":          {goAway(1, http2.ErrCodeInternal), true},
		"GOAWAY below the stream, and closed":            {closes(goAway(1, http2.ErrCodeNo)), true},
		"GOAWAY at the stream, and closed":               {closes(goAway(0, http2.ErrCodeNo)), false},
		"GOAWAY at the stream with an error, and closed": {closes(goAway(0, http2.ErrCodeInternal)), false},
		"GOAWAY that claims REFUSED_STREAM": {closes(func(c *conn, id uint32) {
			_ = c.WriteGoAway(id, http2.ErrCodeRefusedStream, []byte("http2: Transport: cannot retry err [stream error: stream ID 1; REFUSED_STREAM; received from peer]"))
		}), false},
		"PROTOCOL_ERROR":                    {reset(http2.ErrCodeProtocol), false},
		"INTERNAL_ERROR":                    {reset(http2.ErrCodeInternal), false},
		"CANCEL":                            {reset(http2.ErrCodeCancel), false},
		"closed":                            {closes(func(*conn, uint32) {}), false},
		"a header that breaks the protocol": {func(c *conn, id uint32) { _ = c.WriteData(id, true, []byte("no header")) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, tt.end)
			base := payments.NewTransport()
			base.TLSClientConfig = s.tls
			for below, transport := range map[string]http.RoundTripper{"": base, " below a middleware": otelhttp.NewTransport(base)} {
				before := s.requests.Load()
				err := complete(t.Context(), s.clientOver(t, transport))
				want := 1
				if tt.unprocessed {
					want = 4
				}
				var e *payments.Error
				if !errors.As(err, &e) || e.Attempts != want || e.OutcomeUnknown() == tt.unprocessed || s.requests.Load()-before != int64(want) {
					t.Errorf("%s: the server took %d completes, want %d: %v", below, s.requests.Load()-before, want, err)
				}
			}
		})
	}
}

// A stream that is refused once, and a stream after the last one of a
// connection that is shut down, cost only one more attempt.
func TestUnprocessedOnceCostsOneAttempt(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*conn, uint32){
		"refused": func(c *conn, stream uint32) { _ = c.WriteRSTStream(stream, http2.ErrCodeRefusedStream) },
		"shut down": func(c *conn, stream uint32) {
			_ = c.WriteGoAway(stream-2, http2.ErrCodeEnhanceYourCalm, nil)
			_ = c.tcp.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(c *conn, stream uint32) {
				if c.number == 1 && stream == 3 {
					end(c, stream)
					return
				}
				c.respond(stream)
			})
			c := s.client(t)
			if err := capture(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			var info payments.ResponseInfo
			if err := complete(t.Context(), c, payments.WithResponseInfo(&info)); err != nil || len(info.Attempts) != 2 || s.requests.Load() != 3 {
				t.Errorf("%d attempts, want 2; %d requests, want 3: %v", len(info.Attempts), s.requests.Load(), err)
			}
		})
	}
}

// transports are those that abandon a silent connection.
var transports = map[string]func(*testing.T, *tls.Config) http.RoundTripper{
	"the client's own": func(_ *testing.T, trusts *tls.Config) http.RoundTripper {
		own := payments.NewTransport()
		own.TLSClientConfig = trusts
		return own
	},
	"below a middleware": func(_ *testing.T, trusts *tls.Config) http.RoundTripper {
		own := payments.NewTransport()
		own.TLSClientConfig = trusts
		return otelhttp.NewTransport(own)
	},
	"net/http's": func(_ *testing.T, trusts *tls.Config) http.RoundTripper {
		return &http.Transport{TLSClientConfig: trusts, ForceAttemptHTTP2: true}
	},
	"configured by x/net": func(t *testing.T, trusts *tls.Config) http.RoundTripper {
		transport := &http.Transport{TLSClientConfig: trusts}
		//lint:ignore SA1019 applications have it in their transports
		if _, err := http2.ConfigureTransports(transport); err != nil {
			t.Fatal(err)
		}
		return transport
	},
}

// A silent connection costs a call one attempt, not its retries, even if
// another call still waits on it. The retry's own connection is closed
// afterwards.
func TestASilentConnectionTakesOneAttempt(t *testing.T) {
	t.Parallel()
	for name, over := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leaveSilent(t, over)
		})
	}
}

func leaveSilent(t *testing.T, over func(*testing.T, *tls.Config) http.RoundTripper) {
	s := newServer(t, func(c *conn, stream uint32) {
		if c.number == 1 && stream > 1 {
			c.silent = true
			return
		}
		c.respond(stream)
	})
	c := s.clientOver(t, over(t, s.tls.Clone()))
	if err := capture(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	go func() { waiting <- complete(ctx, c, payments.WithAttemptTimeout(0)) }()
	for s.requests.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	var info payments.ResponseInfo
	err := capture(t.Context(), c, payments.WithAttemptTimeout(500*time.Millisecond), payments.WithResponseInfo(&info))
	if err != nil || len(info.Attempts) != 2 || s.conns.Load() != 2 {
		t.Errorf("%d (want 2) attempts over %d connections, want 2: %v", len(info.Attempts), s.conns.Load(), err)
	}
	select {
	case n := <-s.closed:
		if n != 2 {
			t.Errorf("connection %d was closed, want 2", n)
		}
	case <-time.After(10 * time.Second):
		t.Error("the connection of the retry stays open")
	}
	cancel()
	var e *payments.Error
	if err := <-waiting; !errors.As(err, &e) || !e.OutcomeUnknown() {
		t.Errorf("the call that waited: %v", err)
	}
}

// A silent connection costs one call and none of the calls after it. A complete
// sent over it has an unknown outcome.
func TestASilentConnectionTakesOneCall(t *testing.T) {
	t.Parallel()
	for name, over := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(c *conn, stream uint32) {
				if c.number == 1 && stream > 1 {
					c.silent = true
					return
				}
				c.respond(stream)
			})
			c := s.clientOver(t, over(t, s.tls.Clone()), payments.WithAttemptTimeout(10*time.Second))
			if err := complete(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if err := complete(t.Context(), c, payments.WithAttemptTimeout(100*time.Millisecond)); !errors.Is(err, payments.ErrAttemptTimeout) {
				t.Fatal(err)
			}
			if err := complete(t.Context(), c); err != nil {
				t.Errorf("the next call, at once: %v", err)
			}
			time.Sleep(1100 * time.Millisecond)
			if err := complete(t.Context(), c); err != nil {
				t.Errorf("a call one second later: %v", err)
			}
			for n := int64(0); n != 1; {
				select {
				case n = <-s.closed:
				case <-time.After(30 * time.Second):
					t.Fatal("the silent connection stays open")
				}
			}
		})
	}
}

// A silent connection, idle or not, gets a ping and, without a reply, is closed
// before an attempt over it times out. The next call dials.
func TestPings(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *conn, stream uint32) {
		c.respond(stream)
		c.silent = c.number == 1
	})
	c := s.client(t)
	if err := capture(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	select {
	case n := <-s.closed:
		if took := time.Since(began); n != 1 || s.pinged() == 0 || took > 17*time.Second {
			t.Errorf("connection %d (want 1) was closed after %v and %d pings", n, took, s.pinged())
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("after %v and %d pings the connection is open", time.Since(began), s.pinged())
	}
	if err := complete(t.Context(), c); err != nil || s.conns.Load() != 2 {
		t.Errorf("over %d connections, want 2: %v", s.conns.Load(), err)
	}
}

// A connection that goes silent within a response is abandoned too.
func TestAConnectionThatGoesSilentDuringAResponse(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *conn, stream uint32) {
		if c.number == 1 {
			c.begin(stream)
			c.silent = true
			return
		}
		c.respond(stream)
	})
	var info payments.ResponseInfo
	err := capture(t.Context(), s.client(t), payments.WithAttemptTimeout(500*time.Millisecond), payments.WithResponseInfo(&info))
	if err != nil || len(info.Attempts) != 2 || s.conns.Load() != 2 {
		t.Errorf("%d (want 2) attempts over %d connections, want 2: %v", len(info.Attempts), s.conns.Load(), err)
	}
}
