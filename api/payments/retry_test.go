package payments_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A failed TLS handshake has sent nothing, whatever the transport's error.
func TestRetryAfterFailedTLS(t *testing.T) {
	t.Parallel()
	s := newServer(t, success)
	base := strings.Replace(s.URL, "http://", "https://", 1)
	client := newClient(t, base, payments.WithMaxRetries(1), payments.WithHTTPClient(&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{}}}))
	_, err := operations["complete"](context.Background(), client)
	if e := failure(t, err); e.Attempts != 2 || e.OutcomeUnknown() {
		t.Errorf("got %+v, want Attempts 2, not OutcomeUnknown", e)
	}
}

// Over a real listener, every attempt has the same key and the full body.
func TestRetrySendsTheSameRequest(t *testing.T) {
	t.Parallel()
	for name, operate := range operations {
		s := newServer(t, respond(429, "{}", "Retry-After", "0"), respond(429, "<html>"), success)
		if _, err := operate(context.Background(), newClient(t, s.URL)); err != nil {
			t.Fatal(name, err)
		}
		all := s.all()
		if len(all) != 3 || all[0].Form.Get("IdempotencyKey") == "" {
			t.Fatalf("%s: %d requests, want 3", name, len(all))
		}
		for _, r := range all {
			if r.Body != all[0].Body || r.RawPath != all[0].RawPath || r.Header.Get("Authorization") == "" {
				t.Errorf("%s: an attempt differs: %+v", name, r)
			}
		}
	}
}

func TestRetryAfterReset(t *testing.T) {
	t.Parallel()
	reset := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
	s := newServer(t, reset, success)
	if _, err := operations["create"](context.Background(), newClient(t, s.URL)); err != nil || len(s.all()) != 2 {
		t.Errorf("%d attempts, want 2; %v", len(s.all()), err)
	}
	s = newServer(t, reset, success)
	_, err := operations["complete"](context.Background(), newClient(t, s.URL))
	if e := failure(t, err); !e.OutcomeUnknown() || len(s.all()) != 1 {
		t.Errorf("%d attempts, want 1; %v", len(s.all()), err)
	}
}

// A retried create that finds a session in progress may have started it; one that
// was sent once has not.
func TestSessionInProgress(t *testing.T) {
	t.Parallel()
	inProgress := respond(400, `{"code":64021,"message":"m"}`)
	for name, tt := range map[string]struct {
		steps   []http.HandlerFunc
		unknown bool
	}{
		"sent once":           {[]http.HandlerFunc{inProgress}, false},
		"after a 503":         {[]http.HandlerFunc{respond(503, ""), inProgress}, true},
		"after a 429":         {[]http.HandlerFunc{respond(429, ""), inProgress}, true},
		"refused after a 503": {[]http.HandlerFunc{respond(503, ""), respond(400, "")}, true},
		"refused after a 429": {[]http.HandlerFunc{respond(429, ""), respond(400, "")}, false},
	} {
		_, err := operations["create"](context.Background(), newClient(t, newServer(t, tt.steps...).URL))
		if e := failure(t, err); e.OutcomeUnknown() != tt.unknown || e.Attempts != len(tt.steps) {
			t.Errorf("%s: %v, want %d attempts, outcome unknown %v", name, err, len(tt.steps), tt.unknown)
		}
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	page := strings.Repeat("x", 1<<20)
	for name, step := range map[string]http.HandlerFunc{
		"404 JSON": respond(404, `{"code":20404,"message":"m"}`), "502 HTML": respond(502, "<html></html>"),
		"429": respond(429, "{}"), "1 MiB page": respond(500, page), "1 MiB and a bit": respond(500, page+page[:100_000]),
		"307": respond(307, "", "Location", "/x"), "broken success": respond(201, "{}"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, step)
			client := newClient(t, s.URL, payments.WithMaxRetries(0), payments.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
			for range 50 {
				if _, err := operations["create"](context.Background(), client); err == nil {
					t.Fatal("no error")
				}
			}
			if opened := s.opened.Load(); opened > 5 || len(s.all()) != 50 { // on a very busy machine net/http gives up a connection
				t.Errorf("%d calls, want 50; they used %d connections", len(s.all()), opened)
			}
		})
	}
}

func TestMaxRetries(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 5} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			client := newClient(t, "https://api.example.com", payments.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				attempts++
				return response(503, ""), nil
			})}))
			began := time.Now()
			_, err := operations["create"](t.Context(), client, payments.WithMaxRetries(n))
			if e := failure(t, err); attempts != n+1 || e.Attempts != n+1 {
				t.Errorf("WithMaxRetries(%d): %d attempts in %v", n, attempts, time.Since(began))
			}
		})
	}
}
