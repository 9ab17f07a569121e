package payments

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// How the default transport differs from the standard library's.
const (
	// maxIdlePerHost keeps the connections of a busy back end. The standard
	// library keeps two, so under load it would dial over and over.
	maxIdlePerHost = 100
	// maxHeader is far above what Twilio sends, and far below the 10 MiB (1 MiB
	// over HTTP/1) that the standard library lets each response cost.
	maxHeader = 64 << 10
	// An HTTP/2 connection gets a ping after pingAfter of silence, and is closed
	// if no reply comes within pingTimeout: before an attempt sent on it times
	// out. Without pings, a connection that a middlebox has dropped would keep
	// getting requests until TCP gives up, after a quarter of an hour.
	pingAfter   = 10 * time.Second
	pingTimeout = 5 * time.Second
)

// defaultHTTPClient is shared by all clients without WithHTTPClient, so they share
// its connections.
var defaultHTTPClient = wrap(&http.Client{Transport: defaultTransport()})

func defaultTransport() http.RoundTripper {
	if _, ok := http.DefaultTransport.(*http.Transport); !ok {
		return http.DefaultTransport
	}
	return NewTransport()
}

// Transport is an http.Transport that can send a request over a new connection.
// The client asks for one through the request's context after an attempt that
// lost its connection, so this also works below a middleware such as otelhttp's.
type Transport struct {
	*http.Transport
	suspect suspect
}

// NewTransport returns a transport with the settings of the client's default
// one, to change and to give to [WithHTTPClient]: for a proxy, other
// certificates, or below a middleware. Each call returns a new transport with
// its own connections.
//
// It starts from a copy of http.DefaultTransport, or from the standard library's
// defaults if that was replaced by another type. It keeps up to 100 idle
// connections per host and limits response headers to 64 KiB. Unless
// http.DefaultTransport already sets a ping timeout, it pings an HTTP/2
// connection after 10 s of silence and closes it if no reply comes within 5 s.
func NewTransport() *Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if ok {
		t = t.Clone()
	} else {
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConns: maxIdlePerHost,
			IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second}
	}
	t.MaxIdleConnsPerHost, t.MaxResponseHeaderBytes = maxIdlePerHost, maxHeader
	if t.HTTP2 == nil {
		t.HTTP2 = &http.HTTP2Config{}
	}
	if t.HTTP2.SendPingTimeout == 0 {
		t.HTTP2.SendPingTimeout, t.HTTP2.PingTimeout = pingAfter, pingTimeout
	}
	return &Transport{Transport: t}
}

// isEmpty reports whether t is a nil pointer, or a [Transport] that [NewTransport] did
// not make: either would panic in every call.
func isEmpty(t http.RoundTripper) bool {
	switch t := t.(type) {
	case *http.Transport:
		return t == nil
	case *Transport:
		return t == nil || t.Transport == nil
	}
	return false
}

var errEmptyTransport = errors.New("the transport is empty: make one with NewTransport")

// RoundTrip sends a request, over a new connection if the client asks for one.
// After a timeout it closes the idle connections.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if isEmpty(t) { // below a middleware
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errEmptyTransport
	}
	resp, err := roundTrip(t.Transport, t.suspect.avoid(r, t))
	if isTimeout(err) {
		t.suspect.leave(t)
	}
	return resp, err
}

// suspect keeps requests off connections that may be dead after a timeout. Idle ones
// are closed at once. An HTTP/2 connection becomes idle only when its abandoned stream
// has been cleaned up; until then it would get the next request. So requests use new
// connections for the time settling, and then the idle ones are closed again. One that
// another request still waits on stays in use; its timeout, or a ping, ends that.
type suspect struct{ since atomic.Pointer[time.Time] }

// settling is far longer than cleaning up a stream takes, even on a busy machine.
const settling = time.Second

type idleCloser interface{ CloseIdleConnections() }

// leave notes a timeout on a connection of t and closes its idle ones.
func (s *suspect) leave(t idleCloser) {
	now := time.Now()
	s.since.Store(&now)
	t.CloseIdleConnections()
}

// avoid returns r, with a new connection requested while t's may be dead.
func (s *suspect) avoid(r *http.Request, t idleCloser) *http.Request {
	since := s.since.Load()
	switch {
	case since == nil:
	case time.Since(*since) < settling:
		return r.WithContext(context.WithValue(r.Context(), newConnection{}, true))
	case s.since.CompareAndSwap(since, nil):
		t.CloseIdleConnections()
	}
	return r
}

// wrap returns a copy of h that follows no redirects: a response must not decide
// where a payment is posted.
func wrap(h *http.Client) *http.Client {
	c := *h
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	c.Transport = &wrapped{RoundTripper: c.Transport}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// wrapped removes Location from redirects. http.Client parses it before
// CheckRedirect, and would report a malformed one as a transport error. It also keeps
// requests off connections that may be dead after a timeout.
type wrapped struct {
	http.RoundTripper
	suspect suspect
}

func (t *wrapped) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := roundTrip(t.RoundTripper, t.suspect.avoid(r, t))
	if resp != nil && resp.StatusCode >= 300 && resp.StatusCode < 400 {
		resp.Header.Del("Location")
	}
	return resp, err
}

// CloseIdleConnections reaches the transport below, for http.Client's method.
func (t *wrapped) CloseIdleConnections() {
	if inner, ok := t.RoundTripper.(idleCloser); ok {
		inner.CloseIdleConnections()
	}
}

// leaveConnections is called after a timeout on a connection of h, which wrap made: the
// other connections may be dead too.
func leaveConnections(h *http.Client) {
	t := h.Transport.(*wrapped)
	t.suspect.leave(t)
}

var errNoResponse = errors.New("the transport returned neither a response nor an error")

// send sends a request through h, which wrap made. http.Client adds redirects,
// cookies and a timeout to its transport. Redirects are not followed; without the
// other two, send skips http.Client, which would copy every request.
func send(h *http.Client, r *http.Request) (*http.Response, error) {
	if h.Jar != nil || h.Timeout != 0 {
		return h.Do(r)
	}
	resp, err := h.Transport.RoundTrip(r)
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(record.RecordHeader[:]) == "HTTP/" {
		return nil, http.ErrSchemeMismatch // like http.Client
	}
	switch {
	case err != nil:
		return nil, err
	case resp == nil:
		return nil, errNoResponse
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	return resp, nil
}

// plainTransport returns the http.Transport that h, which wrap made, uses without
// a middleware, or nil.
func plainTransport(h *http.Client) *http.Transport {
	switch t := h.Transport.(*wrapped).RoundTripper.(type) {
	case *http.Transport:
		return t
	case *Transport:
		return t.Transport
	}
	return nil
}

// newConnection is the context key of a request that needs a new connection.
type newConnection struct{}

// onNewConnection asks for a new connection for the attempt after one that lost
// its own. The other pooled connections may be dead too: idle ones over HTTP/1
// usually go silent together, and the pool reuses one over HTTP/2 as long as it
// is open.
//
// Only a middleware above a transport of another type does not support this.
// There the client closes the idle connections, if the middleware has the method.
func onNewConnection(ctx context.Context, h *http.Client) context.Context {
	if plainTransport(h) == nil {
		h.CloseIdleConnections()
	}
	return context.WithValue(ctx, newConnection{}, true)
}

// roundTrip sends a request through t. If it needs a new connection and t is
// net/http's transport, that is the only one of a copy of t, closed after the
// response.
func roundTrip(t http.RoundTripper, r *http.Request) (*http.Response, error) {
	plain, ok := t.(*http.Transport)
	if !ok || r.Context().Value(newConnection{}) == nil {
		return t.RoundTrip(r)
	}
	once := plain.Clone()
	once.DisableKeepAlives = true
	if once.TLSNextProto["h2"] != nil { // set by http2.ConfigureTransport: the copy would share the connections of t
		once.TLSNextProto, once.ForceAttemptHTTP2 = nil, true
	}
	return once.RoundTrip(r)
}
