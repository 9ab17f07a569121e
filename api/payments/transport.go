package payments

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
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
type Transport struct{ *http.Transport }

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
	return &Transport{t}
}

// RoundTrip sends a request, over a new connection if the client asks for one.
// After a timeout it closes the idle connections.
func (t *Transport) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if r.Context().Value(newConnection{}) != nil {
		resp, err = sendOnNewConnection(t.Transport, r)
	} else {
		resp, err = t.Transport.RoundTrip(r)
	}
	if isTimeout(err) {
		t.CloseIdleConnections()
	}
	return resp, err
}

// wrap returns a copy of h that follows no redirects: a response must not decide
// where a payment is posted.
func wrap(h *http.Client) *http.Client {
	c := *h
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	c.Transport = withoutLocation{c.Transport}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// withoutLocation removes Location from redirects. http.Client parses it before
// CheckRedirect, and would report a malformed one as a transport error.
type withoutLocation struct{ http.RoundTripper }

func (t withoutLocation) RoundTrip(r *http.Request) (*http.Response, error) {
	var resp *http.Response
	var err error
	if plain, ok := t.RoundTripper.(*http.Transport); ok && r.Context().Value(newConnection{}) != nil {
		resp, err = sendOnNewConnection(plain, r)
	} else {
		resp, err = t.RoundTripper.RoundTrip(r)
	}
	if resp != nil && resp.StatusCode >= 300 && resp.StatusCode < 400 {
		resp.Header.Del("Location")
	}
	return resp, err
}

// CloseIdleConnections reaches the transport below, for http.Client's method.
func (t withoutLocation) CloseIdleConnections() {
	if inner, ok := t.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		inner.CloseIdleConnections()
	}
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
	p, _ := h.Transport.(withoutLocation)
	switch t := p.RoundTripper.(type) {
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

// sendOnNewConnection sends a request through a copy of t, which has no
// connections yet and closes its only one after the response.
func sendOnNewConnection(t *http.Transport, r *http.Request) (*http.Response, error) {
	t = t.Clone()
	t.DisableKeepAlives = true
	return t.RoundTrip(r)
}
