package paymentstest

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/pipenet"
)

// mount is a handler that gets callbacks in process.
type mount struct {
	base   *url.URL
	server *http.Server
	client *http.Client
}

// Handle gives the callbacks whose URL begins with base to a handler in process,
// so that a test can use the URLs of production and no socket:
//
//	srv.Handle("https://pay.example.com/", handler)
//
// The handler is served by an http.Server. Where base is https the requests say
// that they came over TLS. It fails, and fails the test, when base is not an
// absolute http or https URL.
func (s *Server) Handle(base string, handler http.Handler) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || handler == nil {
		err := errors.New("paymentstest: Handle needs an absolute http or https URL and a handler")
		s.report.fail("%v", err)
		return err
	}
	l := pipenet.New()
	m := &mount{
		base:   u,
		server: newHTTPServer(secure(handler, u.Scheme == "https")),
		client: &http.Client{
			CheckRedirect: noRedirect,
			Transport: &http.Transport{
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return l.Dial(ctx) },
			},
		},
	}
	s.delivery.mu.Lock()
	s.delivery.mounts = append(s.delivery.mounts, m)
	s.delivery.mu.Unlock()
	s.work.spawn(func() { _ = m.server.Serve(l) })
	return nil
}

// secure makes requests look as if they came over TLS.
func secure(h http.Handler, overTLS bool) http.Handler {
	if !overTLS {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: r.Host}
		h.ServeHTTP(w, r)
	})
}

// mounted returns the handler with the longest base that u begins with.
func (d *delivery) mounted(u *url.URL) *mount {
	d.mu.Lock()
	defer d.mu.Unlock()
	var best *mount
	for _, m := range d.mounts {
		if m.base.Scheme == u.Scheme && strings.EqualFold(m.base.Host, u.Host) &&
			strings.HasPrefix(u.EscapedPath(), m.base.EscapedPath()) &&
			(best == nil || len(m.base.Path) >= len(best.base.Path)) {
			best = m
		}
	}
	return best
}

func (m *mount) close() {
	_ = m.server.Close()
	m.client.CloseIdleConnections()
}

// noRedirect takes a redirect for the response. Twilio follows it with a GET that
// has lost the form, which helps nobody.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
