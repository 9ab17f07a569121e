package payments

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/twiliopay/twiliopay-go/generated"
)

// maxBody is how much of an answer is read. What goes beyond is drained up to
// maxDrain, so that the connection can be used again, and then closed.
const (
	maxBody  = 1 << 20
	maxDrain = 256 << 10
)

var errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxBody)

// apiError is the body of an answer that is not a success.
type apiError generated.APIError

// read takes an answer in: a session on the contract's status, otherwise
// whatever the body says about the failure. A body that is not Twilio's is
// never part of an error.
func (c *call) read(resp *http.Response, a *answer) {
	a.status, a.header = resp.StatusCode, resp.Header
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if len(body) > maxBody {
		_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)
		err = errTooLong
	}
	switch {
	case err != nil && a.status >= http.StatusBadRequest:
		a.api = nil // the status has said it; the text is lost
	case err != nil:
		a.err = fmt.Errorf("reading the answer: %w", err)
		a.cutShort = !errors.Is(err, errTooLong)
	case a.status == c.status:
		a.session, a.err = c.decode(body)
	case a.status < http.StatusBadRequest:
		a.err = fmt.Errorf("unexpected status, want %d", c.status)
	default:
		a.api = decodeError(body)
	}
}

// decode reads a session. A field that cannot be read stays empty: the session
// exists all the same. Only without its own SID it cannot be used.
func (c *call) decode(body []byte) (*Session, error) {
	s := new(Session)
	err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), s)
	switch {
	case err != nil && !isWrongType(err):
		return nil, errors.New("the answer is not JSON")
	case !isSID(s.SID, prefixPayment):
		return nil, errors.New("the answer has no payment SID")
	case c.update && s.SID != c.sid:
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

// decodeError reads Twilio's error object, or that of application/problem+json.
func decodeError(body []byte) *apiError {
	var e struct {
		apiError
		Title  string `json:"title"`
		Detail string `json:"detail"`
	}
	if err := json.Unmarshal(body, &e); err != nil && !isWrongType(err) {
		return nil
	}
	if e.Message == "" {
		e.Message = e.Title
	}
	if e.Message == "" {
		e.Message = e.Detail
	}
	return &e.apiError
}

// isWrongType tells a field that cannot be read from text that is not JSON.
func isWrongType(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}

// error is what the caller gets to see of a, secrets of the request replaced.
func (a *answer) error(c *call) *Error {
	e := &Error{Status: a.status, cause: a.err, RequestID: a.requestID()}
	secrets := c.params.secrets()
	if c.auth.secret != nil {
		secrets = append(secrets, c.auth.secret(), c.auth.header()[0])
	}
	if a.api != nil {
		e.Code, e.Details = a.api.Code, a.api.Details
		e.Message, e.MoreInfo = redact(a.api.Message, secrets), redact(a.api.MoreInfo, secrets)
	}
	if e.Message == "" && e.Status != 0 {
		e.Message = http.StatusText(e.Status)
	}
	if e.cause != nil {
		e.cause = redactCause(e.cause, secrets)
	}
	return e
}
