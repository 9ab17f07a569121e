package payments_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// A server that switches protocols keeps the connection open: nothing of it is read.
func TestOAuthSwitchingProtocols(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	base := closingServer(t, func(_ int64, conn net.Conn) bool {
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		_, _ = conn.Read(make([]byte, 1)) // until the client closes
		close(closed)
		return false
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := payments.NewClient(oauth, payments.WithBaseURL(base))
	if err != nil {
		t.Fatal(err)
	}
	err = create(ctx, c)
	var cause *payments.CredentialError
	if !errors.As(err, &cause) || cause.Status != http.StatusSwitchingProtocols {
		t.Errorf("got %v", err)
	}
	select {
	case <-closed:
	case <-ctx.Done():
		t.Error("the connection stays open")
	}
}

// Idle connections go silent while a token expires: the fetch of the next token
// loses one attempt, not all of its time.
func TestOAuthLeavesSilentConnections(t *testing.T) {
	t.Parallel()
	for name, above := range map[string]func(*http.Transport) http.RoundTripper{
		"net/http's transport": func(t *http.Transport) http.RoundTripper { return t },
		"the client's own":     func(t *http.Transport) http.RoundTripper { return &payments.Transport{Transport: t} },
		"below a middleware":   func(t *http.Transport) http.RoundTripper { return forwarding{t} },
		"our own below one": func(t *http.Transport) http.RoundTripper {
			return unsent((&payments.Transport{Transport: t}).RoundTrip)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var dialled, silent atomic.Int64 // connections up to this number say nothing
				transport := &http.Transport{MaxIdleConnsPerHost: 4, DialContext: func(context.Context, string, string) (net.Conn, error) {
					near, far := net.Pipe()
					number := dialled.Add(1)
					go respondSlowly(far, func() bool { return number > silent.Load() })
					return near, nil
				}}
				defer transport.CloseIdleConnections()
				c, err := payments.NewClient(oauth, payments.WithBaseURL("http://127.0.0.1:1"), payments.WithHTTPClient(&http.Client{Transport: above(transport)}))
				if err != nil {
					t.Fatal(err)
				}
				var group sync.WaitGroup
				for range 4 {
					group.Go(func() {
						if err := create(t.Context(), c); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				if dialled.Load() != 4 {
					t.Fatalf("%d connections, want 4", dialled.Load())
				}
				silent.Store(4)
				time.Sleep(time.Minute)
				began := time.Now()
				if err := create(t.Context(), c); err != nil || time.Since(began) > 15*time.Second {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
			})
		})
	}
}

// respondSlowly responds to each request after a second, with a one-minute token or a
// session, until speaks returns false.
func respondSlowly(conn net.Conn, speaks func() bool) {
	defer func() { _ = conn.Close() }()
	reader := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(time.Second)
		switch {
		case !speaks():
		case strings.HasSuffix(r.URL.Path, "/v2/token"):
			write(conn, "200 OK", `{"access_token":"x","token_type":"Bearer","expires_in":60}`)
		default:
			write(conn, "201 Created", sessionAt(r.URL.Path))
		}
	}
}
