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
)

// attemptResult is what one attempt ended in.
type attemptResult struct {
	status    int
	header    http.Header
	body      []byte   // as far as it was read
	session   *Session // on success
	refusal   *refusal // what an error body said, if anything
	err       error    // transport, context or decoding; nil when Twilio refused
	neverSent bool     // nothing of the form has left, or it was not processed: Twilio cannot have acted
	cutShort  bool     // the response's body ended before its time
	broken    bool     // the connection failed, or went silent, after the form was sent
	timedOut  bool     // within the attempt's time, or a transport's own
}

// attempt sends the request once and reads the response. renew says that the
// attempt before it lost its connection.
//
// The request has no GetBody: with one, net/http itself would send the form
// again after some resets of an HTTP/2 stream, or under a header that some
// middleware sets, without end and without our knowledge.
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
		a.err = parent.Err() // not its cause, which is another's failure
	case ctx.Err() != nil && !unprocessed:
		a.err = ErrAttemptTimeout
	}
	return a
}

// classify sets what follows from the failure of an attempt without a response.
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

// withoutURL takes an error out of the *url.Error that net/http puts around it.
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

// requestID is Twilio-Request-Id, fit to be printed: a header comes from outside.
func (a *attemptResult) requestID() string {
	return printable(a.header.Get(headerRequestID), maxID)
}

// sending is the form of one attempt on its way. It knows whether Twilio may
// have some of it; in doubt Twilio may.
//
// A trace reports what net/http does with the request, also below a middleware
// that passes the request's context on. Until the headers were written nothing
// of the form can have left, since it follows them. A transport that is not
// net/http's calls no trace: there the only sign is that it has read the body.
//
// net/http's own transport gets a bytes.Reader, since it sends a body of a type
// it does not know apart from the headers, in two packets.
type sending struct {
	text   bytes.Reader
	trace  httptrace.ClientTrace
	plain  bool         // straight to an http.Transport
	asked  atomic.Bool  // for a connection
	writes atomic.Int32 // how often the headers of a request were written
	read   atomic.Bool  // of the body, unless plain
}

// open returns the body for a request that client sends.
func (s *sending) open(client *http.Client, text []byte) io.Reader {
	s.text.Reset(text)
	if s.plain = plainTransport(client) != nil; s.plain {
		return &s.text
	}
	return s
}

// Read reads on, and notes that it was asked to.
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

// never reports whether nothing of the form can have left.
func (s *sending) never() bool {
	if s.asked.Load() {
		return s.writes.Load() == 0
	}
	return !s.plain && !s.read.Load()
}

// once reports whether the form left once and no more, so that the error of the
// attempt is about the only request there was.
func (s *sending) once() bool { return s.writes.Load() == 1 }
