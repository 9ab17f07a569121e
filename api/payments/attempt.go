package payments

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// answer is what one attempt ended in.
type answer struct {
	status    int
	header    http.Header
	session   *Session  // on success
	api       *apiError // what an error body said, if anything
	err       error     // transport, context or decoding; nil when Twilio refused
	neverSent bool      // no connection was had: Twilio cannot have acted
	cutShort  bool      // the answer's body ended before its time
	timedOut  bool      // the attempt's own time ran out
}

// attempt sends the request once and reads the answer.
func (c *call) attempt(parent context.Context) *answer {
	ctx, cancel := parent, context.CancelFunc(func() {})
	if c.attemptTimeout > 0 {
		ctx, cancel = context.WithTimeout(parent, c.attemptTimeout)
	}
	defer cancel()

	req, err := c.request(c.server, c.accountSID(), bytes.NewReader(c.body))
	if err != nil {
		return &answer{err: err, neverSent: true}
	}
	req.Header["Accept"] = acceptJSON
	req.Header["User-Agent"] = []string{c.userAgent}
	req.Header["Authorization"] = []string{c.auth.header()}

	var conn connection
	resp, err := c.http.Do(req.WithContext(conn.watch(ctx)))
	a := &answer{err: err}
	if err == nil {
		a = c.read(resp)
	}
	if a.err != nil && parent.Err() == nil && ctx.Err() != nil {
		a.timedOut = true
		a.err = ErrAttemptTimeout
	}
	if a.status == 0 {
		a.neverSent = conn.never() || isDialError(err)
	}
	return a
}

var acceptJSON = []string{"application/json"}

// connection watches whether a request ever got a connection to be sent on.
type connection struct{ asked, had atomic.Bool }

func (c *connection) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.had.Store(true) },
	})
}

// never is false for a transport that reports nothing.
func (c *connection) never() bool { return c.asked.Load() && !c.had.Load() }

// isDialError recognises what comes before any connection, for transports that
// report nothing.
func isDialError(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}

func (a *answer) code() int {
	if a.api == nil {
		return 0
	}
	return a.api.Code
}

func (a *answer) requestID() string { return a.header.Get(headerRequestID) }
