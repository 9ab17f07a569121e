package payments

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"
)

// What the default transport sets beside the standard library's defaults.
const (
	// maxIdlePerHost keeps the connections of a busy back end: the standard
	// library's two would be dialled again and again under load.
	maxIdlePerHost = 100
	// maxHeader is far above what Twilio sends, and far below the standard
	// library's 10 MiB (1 MiB over HTTP/1) that every response could cost.
	maxHeader = 64 << 10
	// A connection over HTTP/2 that was silent for pingAfter gets a ping, and is
	// closed when there is no reply within pingTimeout: before an attempt that
	// was sent on it runs out of time. Without pings a connection that a
	// middlebox has dropped takes every request until TCP gives up, for a quarter
	// of an hour.
	pingAfter   = 10 * time.Second
	pingTimeout = 5 * time.Second
)

// defaultHTTPClient is shared by all clients without one of their own, as
// http.DefaultClient is.
var defaultHTTPClient = wrap(&http.Client{Transport: defaultTransport()})

func defaultTransport() http.RoundTripper {
	if _, ok := http.DefaultTransport.(*http.Transport); !ok {
		return http.DefaultTransport
	}
	return NewTransport()
}

// Transport is an http.Transport that can send a request over a new connection.
// The client asks it to through the request's context, after an attempt that lost
// its connection: so it may stand below a middleware, such as otelhttp's.
type Transport struct{ *http.Transport }

// NewTransport returns a transport with the settings of the client's default
// one, to change and to give to [WithHTTPClient]: for a proxy, other
// certificates, or below a middleware. Each call returns a new one, which has
// connections of its own.
//
// Its settings are those of http.DefaultTransport, or of the standard library's
// where that was replaced by another type, and these: up to 100 idle connections
// to a host; response headers of at most 64 KiB; a ping on HTTP/2 connections
// that were silent for 10 s, which are closed when 5 s pass without a reply.
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

// RoundTrip sends a request, over a new connection when the client asks for one.
// When its time is over the idle connections are closed.
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

// wrap returns a copy of h that follows no redirect: a payment must not be
// posted to where a response points.
func wrap(h *http.Client) *http.Client {
	c := *h
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	c.Transport = pathless{c.Transport}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// pathless takes the Location out of redirects: http.Client parses it before it
// asks whether to follow, and would turn one that is malformed into a failure of
// the transport.
type pathless struct{ http.RoundTripper }

func (t pathless) RoundTrip(r *http.Request) (*http.Response, error) {
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
func (t pathless) CloseIdleConnections() {
	if inner, ok := t.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		inner.CloseIdleConnections()
	}
}

var errNoResponse = errors.New("the transport returned neither a response nor an error")

// send sends a request through h, which was wrapped. What http.Client does beside
// its transport is redirects, which are not followed, and cookies and a timeout
// where it has them. Without these it would copy every request for nothing.
func send(h *http.Client, r *http.Request) (*http.Response, error) {
	if h.Jar != nil || h.Timeout != 0 {
		return h.Do(r)
	}
	resp, err := h.Transport.RoundTrip(r)
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(record.RecordHeader[:]) == "HTTP/" {
		return nil, http.ErrSchemeMismatch // as http.Client does
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

// plainTransport returns the http.Transport that h, which was wrapped, sends
// through without a middleware, or nil.
func plainTransport(h *http.Client) *http.Transport {
	p, _ := h.Transport.(pathless)
	switch t := p.RoundTripper.(type) {
	case *http.Transport:
		return t
	case *Transport:
		return t.Transport
	}
	return nil
}

// newConnection is the key in the context of a request that needs a connection
// of its own.
type newConnection struct{}

// onNewConnection asks for a new connection for an attempt after one that lost
// its own. The others of the pool may be as dead: kept ones over HTTP/1 went
// silent together, and one over HTTP/2 is handed out for as long as it is open.
//
// A middleware above a transport that does not know the request is all that is
// out of reach. There the idle connections are closed, if it lets us.
func onNewConnection(ctx context.Context, h *http.Client) context.Context {
	if plainTransport(h) == nil {
		h.CloseIdleConnections()
	}
	return context.WithValue(ctx, newConnection{}, true)
}

// sendOnNewConnection sends a request through a copy of t that has no connection
// yet, and whose connection is closed after the response.
func sendOnNewConnection(t *http.Transport, r *http.Request) (*http.Response, error) {
	t = t.Clone()
	t.DisableKeepAlives = true
	return t.RoundTrip(r)
}
