package paymentstest

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/pipenet"
)

// mount is a handler that gets callbacks in process.
type mount struct {
	base   *url.URL
	server *http.Server
	client *http.Client
	posts  sync.WaitGroup // in progress
}

// Handle gives the callbacks whose URL begins with base to a handler in process,
// so that a test can use the URLs of production and no socket:
//
//	srv.Handle("https://pay.example.com/", handler)
//
// The handler is served by an http.Server until the simulation closes;
// [Server.Mount] can remove it before. Where base is https the requests say that
// they came over TLS. Of several handlers the one with the longest base gets a
// callback, of those with the same base the last one. Handle fails, and fails the
// test, when base is not an absolute http or https URL.
func (s *Server) Handle(base string, handler http.Handler) error {
	_, err := s.mount("Handle", base, handler)
	return err
}

// Mount is [Server.Handle] for a while: unmount removes the handler, and callbacks
// go where they went before. Posts in progress finish. To call unmount again does
// nothing, and it may be called from within the handler.
func (s *Server) Mount(base string, handler http.Handler) (unmount func(), err error) {
	return s.mount("Mount", base, handler)
}

func (s *Server) mount(method, base string, handler http.Handler) (unmount func(), err error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || handler == nil {
		err := errors.New("paymentstest: " + method + " needs an absolute http or https URL and a handler")
		s.report.fail("%v", err)
		return func() {}, err
	}
	return s.delivery.mount(u, handler), nil
}

func (d *delivery) mount(base *url.URL, handler http.Handler) (unmount func()) {
	l := pipenet.New()
	m := &mount{
		base:   base,
		server: newHTTPServer(secure(handler, base.Scheme == "https")),
		client: &http.Client{
			CheckRedirect: noRedirect,
			Transport: &http.Transport{
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return l.Dial(ctx) },
			},
		},
	}
	d.mu.Lock()
	d.mounts = append(d.mounts, m)
	d.mu.Unlock()
	d.work.spawn(func() { _ = m.server.Serve(l) })
	return func() { d.unmount(m) }
}

func (d *delivery) unmount(m *mount) {
	d.mu.Lock()
	at := slices.Index(d.mounts, m)
	if at >= 0 {
		d.mounts = slices.Delete(d.mounts, at, at+1)
	}
	d.mu.Unlock()
	if at < 0 {
		return
	}
	if !d.work.spawn(func() {
		m.posts.Wait()
		m.close()
	}) {
		m.close() // the server is closed, and with it every post
	}
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

// mounted returns the handler with the longest base that u begins with, nil for
// none. It stays open until the caller is done with its posts.
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
	if best != nil {
		best.posts.Add(1)
	}
	return best
}

func (m *mount) close() {
	_ = m.server.Close()
	m.client.CloseIdleConnections()
}

// noRedirect makes a redirect the response. Twilio follows it with a GET without the
// form, which is of no use to a receiver.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
