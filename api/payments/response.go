package payments

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// A response is read up to maxBody. Of the rest, up to maxDrain is discarded, so
// that the connection can be reused, before the body is closed.
const (
	maxBody  = 1 << 20
	maxDrain = 256 << 10
)

var (
	errTooLong = fmt.Errorf("the response is longer than %d bytes", maxBody)
	errStatus  = errors.New("the status is neither a success nor an error")
)

// read reads a response: a session for any success status, otherwise what the
// body says about the failure. A body that is not Twilio's never becomes part of
// an error's text.
func (c *call) read(resp *http.Response, a *attemptResult) {
	a.status, a.header, a.requestID = resp.StatusCode, resp.Header, c.requestID(resp.Header)
	defer func() { _ = resp.Body.Close() }()
	if a.status < http.StatusOK { // the body of a 101 is the connection, which ignores the context
		a.err = errStatus
		return
	}
	var err error
	if a.body, err = readBody(resp); len(a.body) > maxBody {
		_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)
		err = errTooLong
	}
	a.broken = err != nil && !errors.Is(err, errTooLong)
	switch {
	case err != nil && a.status >= http.StatusBadRequest:
		// The status is enough; only the message is lost.
	case err != nil:
		a.err = fmt.Errorf("reading the response: %w", err)
		a.cutShort = a.broken
	case a.status < http.StatusMultipleChoices:
		a.session, a.err = c.decode(a.body)
	case a.status < http.StatusBadRequest:
		a.err = errStatus
	default:
		a.refusal = readRefusal(a.body)
	}
}

// readBody reads at most maxBody+1 bytes. Whatever Content-Length says, it starts
// with no more memory than a response of Twilio's needs.
func readBody(resp *http.Response) ([]byte, error) {
	body := make([]byte, 0, 1+min(max(resp.ContentLength, 511), 4096))
	for {
		n, err := resp.Body.Read(body[len(body):min(cap(body), maxBody+1)])
		body = body[:len(body)+n]
		switch {
		case err == io.EOF:
			return body, nil
		case err != nil || len(body) > maxBody:
			return body, err
		case len(body) == cap(body):
			body = slices.Grow(body, len(body))
		}
	}
}

// decode reads a session. An unreadable field is filled in from the request or
// stays empty, because the session exists all the same. It is an error if the
// SID is missing, or if the session belongs to another call or account.
func (c *call) decode(body []byte) (*Session, error) {
	s := new(Session)
	err := json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), s)
	switch {
	case err != nil && !isWrongType(err):
		return nil, errors.New("the response is not JSON")
	case c.update && strings.EqualFold(s.SID, c.sid):
	case !sid.Payment.Is(s.SID):
		return nil, errors.New("the response has no payment SID")
	case c.update:
		return nil, errors.New("the response names another session")
	}
	switch {
	case !matches(&s.AccountSID, c.accountSID(), sid.Account):
		return nil, errors.New("the response names another account")
	case !matches(&s.CallSID, c.callSID, sid.Call):
		return nil, errors.New("the response names another call")
	}
	return s, nil
}

// matches reports whether the response has the SID of the request, or none, and
// then fills it in.
func matches(sid *string, asked string, of sid.Kind) bool {
	switch {
	case strings.EqualFold(*sid, asked):
		return true
	case of.Is(*sid):
		return false
	}
	*sid = asked
	return true
}

// error returns a's failure for the caller, with the request's secrets redacted.
func (a *attemptResult) error(c *call) *Error {
	e := &Error{Status: a.status, RequestID: a.requestID, raw: keepRaw(a.body)}
	secrets := c.secrets()
	if r := a.refusal; r != nil {
		e.Code, e.Details = r.code, secrets.hideIn(r.details)
		e.Message, e.MoreInfo = secrets.hide(r.message), r.moreInfo
		if e.MoreInfo != errorPages+strconv.Itoa(r.code) {
			e.MoreInfo = secrets.hide(e.MoreInfo)
		}
		for _, permission := range r.permissions {
			e.Permissions = append(e.Permissions, secrets.hide(permission))
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

// errorPages is where Twilio describes each of its codes.
const errorPages = "https://www.twilio.com/docs/errors/"

// refusal is the content of an error response's body.
type refusal struct {
	code              int
	message, moreInfo string
	details           map[string]any
	permissions       []string
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// readRefusal reads as much as it can of Twilio's error object, or of one of
// application/problem+json: a field of another type stays empty, and text after
// the object is ignored. It returns nil when there is no object.
func readRefusal(body []byte) *refusal {
	var e struct {
		Code          json.RawMessage
		Message       string
		MoreInfo      string `json:"more_info"`
		Details       map[string]any
		Title, Detail string
	}
	err := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark))).Decode(&e)
	if err != nil && !isWrongType(err) {
		return nil
	}
	r := &refusal{message: e.Message, moreInfo: e.MoreInfo, details: e.Details}
	for _, other := range []string{e.Title, e.Detail} {
		if r.message == "" {
			r.message = other
		}
	}
	if code, err := strconv.ParseFloat(string(bytes.Trim(e.Code, `"`)), 64); err == nil && code >= 0 && code < 1e9 {
		r.code = int(code)
	}
	if r.code == CodeAuthorizationFailed {
		var whole any
		_ = json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark))).Decode(&whole)
		r.permissions = appendPermissions(nil, whole)
	}
	return r
}

// maxPermissions limits how many missing permissions are reported.
const maxPermissions = 10

// appendPermissions appends the permissions that a refusal names: paths such as
// /twilio/voice/calls/create. It searches every text, because Twilio does not
// document which field has them.
func appendPermissions(found []string, v any) []string {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			found = appendPermissions(found, v[name])
		}
	case []any:
		for _, one := range v {
			found = appendPermissions(found, one)
		}
	case string:
		for _, word := range strings.FieldsFunc(v, notInPermission) {
			word = strings.TrimRight(word, "./-")
			if strings.HasPrefix(word, "/twilio/") && len(word) <= maxID && len(found) < maxPermissions && !slices.Contains(found, word) {
				found = append(found, word)
			}
		}
	}
	return found
}

func notInPermission(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("/-_.*", r)
}

// isWrongType reports whether err means valid JSON with a field of another type.
func isWrongType(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}
