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

// maxBody is how much of a response is read. What goes beyond is drained up to
// maxDrain, so that the connection can be used again, and then closed.
const (
	maxBody  = 1 << 20
	maxDrain = 256 << 10
)

var (
	errTooLong = fmt.Errorf("the response is longer than %d bytes", maxBody)
	errStatus  = errors.New("the status is neither a success nor an error")
)

// read takes a response in: a session on any status of success, otherwise
// whatever the body says about the failure. A body that is not Twilio's is never
// part of an error.
func (c *call) read(resp *http.Response, a *attemptResult) {
	a.status, a.header = resp.StatusCode, resp.Header
	defer func() { _ = resp.Body.Close() }()
	if a.status < http.StatusOK { // 101 hands over a connection that no context ends
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
		// The status has said it; the text is lost.
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

// readBody reads at most maxBody+1 bytes. An announced length reserves no more
// than a response of Twilio's has.
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

// decode reads a session. A field that cannot be read is filled in or stays
// empty: the session exists all the same. Only without its own SID it cannot be
// used, and one of another call or account is not what was asked for.
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
	case !named(&s.AccountSID, c.accountSID(), sid.Account):
		return nil, errors.New("the response names another account")
	case !named(&s.CallSID, c.callSID, sid.Call):
		return nil, errors.New("the response names another call")
	}
	return s, nil
}

// named puts the SID of the request in place of one that the response lacks, and
// reports whether the response names no other.
func named(sid *string, asked string, of sid.Kind) bool {
	switch {
	case strings.EqualFold(*sid, asked):
		return true
	case of.Is(*sid):
		return false
	}
	*sid = asked
	return true
}

// error is what the caller gets to see of a, secrets of the request replaced.
func (a *attemptResult) error(c *call) *Error {
	e := &Error{Status: a.status, RequestID: a.requestID(), raw: keepRaw(a.body)}
	secrets := c.secrets()
	if r := a.refusal; r != nil {
		e.Code, e.Details, e.Permissions = r.code, secrets.hideIn(r.details), r.permissions
		e.Message, e.MoreInfo = secrets.hide(r.message), r.moreInfo
		if !strings.HasPrefix(e.MoreInfo, "https://www.twilio.com/") || strings.ContainsAny(e.MoreInfo, "?#%") {
			e.MoreInfo = secrets.hide(e.MoreInfo)
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

// refusal is what the body of a response that is not a success says.
type refusal struct {
	code              int
	message, moreInfo string
	details           map[string]any
	permissions       []string
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// readRefusal reads Twilio's error object, or that of application/problem+json,
// as far as it can be read: a field of another type stays empty, what follows
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

// maxPermissions is how many missing permissions are reported.
const maxPermissions = 10

// appendPermissions finds the permissions that a refusal names: paths such as
// /twilio/voice/calls/create, wherever in its texts. Which field has them is not
// documented.
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

// isWrongType reports whether a field has another type, in text that is JSON.
func isWrongType(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}
