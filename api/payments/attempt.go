package payments

import (
	"context"
	"net/http"
	"net/url"
)

// answer is what one attempt ended in.
type answer struct {
	status    int
	header    http.Header
	session   *Session // on success
	refusal   *refusal // what an error body said, if anything
	err       error    // transport, context or decoding; nil when Twilio refused
	neverSent bool     // nothing of the form has left: Twilio cannot have acted
	cutShort  bool     // the answer's body ended before its time
}

// attempt sends the request once and reads the answer.
//
// The request has no GetBody: with one, net/http itself would send the form
// again after some resets of an HTTP/2 stream, or under a header that some
// middleware sets, without end and without our knowledge.
func (c *call) attempt(parent context.Context) *answer {
	ctx, cancel := parent, context.CancelFunc(func() {})
	if c.attemptTimeout > 0 {
		ctx, cancel = context.WithTimeout(parent, c.attemptTimeout)
	}
	defer cancel()

	var form sending
	req, err := c.params.request(c.server, c.accountSID(), c.callSID, c.sid, form.open(c.http, c.body))
	if err != nil {
		return &answer{err: err, neverSent: true}
	}
	req.ContentLength, req.GetBody = int64(len(c.body)), nil
	req.Header["Accept"] = []string{"application/json"}
	req.Header["User-Agent"] = []string{c.userAgent}
	req.Header["Authorization"] = []string{c.auth.header()}

	resp, err := c.http.Do(req.WithContext(form.watch(ctx)))
	a := &answer{err: withoutURL(err)}
	if err == nil {
		c.read(resp, a)
	}
	switch {
	case a.err == nil:
	case parent.Err() != nil:
		a.err = parent.Err() // not its cause, which is another's failure
	case ctx.Err() != nil:
		a.err = ErrAttemptTimeout
	}
	a.neverSent = a.status == 0 && form.never()
	return a
}

// withoutURL takes an error out of the *url.Error that net/http puts around it.
func withoutURL(err error) error {
	if u, ok := err.(*url.Error); ok {
		return u.Err
	}
	return err
}

func (a *answer) code() int {
	if a.refusal == nil {
		return 0
	}
	return a.refusal.code
}

func (a *answer) requestID() string { return a.header.Get(headerRequestID) }
