package payments

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// attemptResult is how one attempt ended.
type attemptResult struct {
	status    int
	header    http.Header
	requestID string   // printable
	body      []byte   // as much as was read
	session   *Session // on success
	refusal   *refusal // from an error body; nil when it has none
	err       error    // transport, context or decoding; nil when Twilio refused
	neverSent bool     // the form was not sent, or not processed: Twilio cannot have acted
	cutShort  bool     // the response's body was incomplete
	broken    bool     // the connection failed, or went silent, after the form was sent
	timedOut  bool     // by the attempt's timeout, or the transport's own
}

// attempt sends the request once and reads the response. renew means that the
// previous attempt lost its connection.
//
// The request has no GetBody: with one, net/http would retry by itself, without
// limit and without our knowledge, after some resets of an HTTP/2 stream or when
// a middleware sets an Idempotency-Key header.
func (c *call) attempt(parent context.Context, renew bool) *attemptResult {
	ctx, cancel := parent, context.CancelFunc(func() {})
	if c.attemptTimeout > 0 {
		ctx, cancel = context.WithTimeout(parent, c.attemptTimeout)
	}
	defer cancel()

	if renew {
		ctx = onNewConnection(ctx, c.http)
	}
	var form sending
	body := form.open(c.http, c.body)
	resp, err := send(c.http, c.request(form.watch(ctx), body))
	a := &attemptResult{err: withoutURL(err)}
	if err == nil {
		c.read(resp, a)
	}
	if a.status == 0 {
		a.classify(&form)
	}
	a.timedOut = isTimeout(a.err)
	switch _, unprocessed := a.err.(unprocessedError); {
	case a.err == nil:
	case parent.Err() != nil:
		a.err = parent.Err() // not context.Cause, an error of the caller's own
	case ctx.Err() != nil && !unprocessed:
		a.err = ErrAttemptTimeout
	}
	return a
}

// classify sets neverSent and broken after an attempt without a response.
func (a *attemptResult) classify(form *sending) {
	if a.neverSent = form.never(); a.neverSent {
		return
	}
	a.broken = true
	if form.once() {
		if err := unprocessed(a.err); err != nil {
			a.err, a.neverSent = err, true
		}
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout()
}

// withoutURL unwraps the *url.Error that net/http puts around an error.
func withoutURL(err error) error {
	if u, ok := err.(*url.Error); ok {
		return u.Err
	}
	return err
}

func (a *attemptResult) code() int {
	if a.refusal == nil {
		return 0
	}
	return a.refusal.code
}

// requestID returns Twilio-Request-Id, made printable and, unless it has the form of
// Twilio's ids, redacted: headers are untrusted and may repeat what was sent.
func (c *call) requestID(h http.Header) string {
	id := h.Get(headerRequestID)
	if id == "" || sid.Request.Is(id) {
		return id
	}
	return printable(c.secrets().hide(id), maxID)
}

// sending is the form of one attempt while it is sent. It knows whether Twilio
// may have received any of it; in doubt it says yes.
//
// A trace reports what net/http does with the request, also below a middleware
// that passes the request's context on. The form follows the headers, so it
// cannot have been sent before they were written. A transport other than
// net/http's calls no trace: it counts as sending once it has read the body.
//
// net/http's own transport gets a bytes.Reader: it sends a body of an unknown
// type separately from the headers, in two packets.
type sending struct {
	text   bytes.Reader
	trace  httptrace.ClientTrace
	plain  bool         // straight to an http.Transport
	asked  atomic.Bool  // for a connection
	writes atomic.Int32 // how many times request headers were written
	read   atomic.Bool  // a read of the body began, unless plain
}

// open returns the request body, in the form that suits client's transport.
func (s *sending) open(client *http.Client, text []byte) io.Reader {
	s.text.Reset(text)
	if s.plain = plainTransport(client) != nil; s.plain {
		return &s.text
	}
	return s
}

// Read notes that a transport reads the body.
func (s *sending) Read(p []byte) (int, error) {
	s.read.Store(true)
	return s.text.Read(p)
}

// watch returns the context to send the request with.
func (s *sending) watch(ctx context.Context) context.Context {
	s.trace.GetConn = func(string) { s.asked.Store(true) }
	s.trace.WroteHeaders = func() { s.writes.Add(1) }
	return httptrace.WithClientTrace(ctx, &s.trace)
}

// never reports whether no part of the form can have been sent.
func (s *sending) never() bool {
	if s.asked.Load() {
		return s.writes.Load() == 0
	}
	return !s.plain && !s.read.Load()
}

// once reports whether the form was sent exactly once, so that the attempt's
// error is about that request.
func (s *sending) once() bool { return s.writes.Load() == 1 }
