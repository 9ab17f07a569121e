package payments

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxBody is how much of an answer is read. What goes beyond is drained up to
// maxDrain, so that the connection can be used again, and then closed.
const (
	maxBody  = 1 << 20
	maxDrain = 256 << 10
)

var errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxBody)

// read takes an answer in: a session on the contract's status, otherwise
// whatever the body says about the failure. A body that is not Twilio's is
// never part of an error.
func (c *call) read(resp *http.Response, a *answer) {
	a.status, a.header = resp.StatusCode, resp.Header
	defer func() { _ = resp.Body.Close() }()
	if a.status < http.StatusOK { // 101 hands over a connection that no context ends
		a.err = c.unexpected()
		return
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if len(body) > maxBody {
		_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)
		err = errTooLong
	}
	switch {
	case err != nil && a.status >= http.StatusBadRequest:
		// The status has said it; the text is lost.
	case err != nil:
		a.err = fmt.Errorf("reading the answer: %w", err)
		a.cutShort = !errors.Is(err, errTooLong)
	case a.status == c.status:
		a.session, a.err = c.decode(body)
	case a.status < http.StatusBadRequest:
		a.err = c.unexpected()
	default:
		a.refusal = readRefusal(body)
	}
}

func (c *call) unexpected() error { return fmt.Errorf("unexpected status, want %d", c.status) }

// decode reads a session. A field that cannot be read stays empty: the session
// exists all the same. Only without its own SID it cannot be used.
func (c *call) decode(body []byte) (*Session, error) {
	s := new(Session)
	err := json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), s)
	switch {
	case err != nil && !isWrongType(err):
		return nil, errors.New("the answer is not JSON")
	case !isSID(s.SID, prefixPayment):
		return nil, errors.New("the answer has no payment SID")
	case c.update && !strings.EqualFold(s.SID, c.sid):
		return nil, errors.New("the answer names another session")
	}
	if s.AccountSID == "" {
		s.AccountSID = c.accountSID()
	}
	if s.CallSID == "" {
		s.CallSID = c.callSID
	}
	return s, nil
}

// error is what the caller gets to see of a, secrets of the request replaced.
func (a *answer) error(c *call) *Error {
	e := &Error{Status: a.status, RequestID: a.requestID()}
	secrets := c.secrets()
	if r := a.refusal; r != nil {
		e.Code, e.Details = r.code, r.details
		e.Message, e.MoreInfo = redact(r.message, secrets), r.moreInfo
		if !strings.HasPrefix(e.MoreInfo, "https://www.twilio.com/") {
			e.MoreInfo = redact(e.MoreInfo, secrets)
		}
	}
	if e.Message == "" && e.Status != 0 {
		e.Message = http.StatusText(e.Status)
	}
	if a.err != nil {
		e.cause = redactCause(a.err, secrets)
	}
	return e
}
