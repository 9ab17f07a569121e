package payments

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
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

	body := body{text: c.body}
	req, err := c.params.request(c.server, c.accountSID(), c.callSID, c.sid, body.open())
	if err != nil {
		return &answer{err: err, neverSent: true}
	}
	req.ContentLength = int64(len(c.body))
	req.GetBody = func() (io.ReadCloser, error) { return body.open(), nil }
	req.Header["Accept"] = acceptJSON
	req.Header["User-Agent"] = c.userAgent
	req.Header["Authorization"] = c.auth.header()

	resp, err := c.http.Do(req.WithContext(ctx))
	a := &answer{err: err}
	if err == nil {
		c.read(resp, a)
	}
	if a.err != nil && parent.Err() == nil && ctx.Err() != nil {
		a.timedOut = true
		a.err = ErrAttemptTimeout
	}
	if a.status == 0 {
		a.neverSent = !body.read.Load() || isDialError(err)
	}
	return a
}

var acceptJSON = []string{"application/json"}

// isDialError recognises what comes before any connection, for transports that
// read the body earlier.
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
