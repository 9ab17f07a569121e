package paymentstest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// Parts of entries that are made when they are first read: most entries of a test
// never are.

// Limits on what an entry shows, in bytes.
const (
	maxShownBody     = 16 << 10
	maxShownValue    = 4 << 10
	maxShownResponse = 4 << 10
)

// requestPart reads the members of a request that do not change after it is received.
type requestPart struct {
	rec   *Request
	entry atomic.Pointer[RequestEntry]
}

func (p *requestPart) fill(e *Entry) {
	e.Request = once(&p.entry, func() *RequestEntry {
		r := p.rec
		entry := &RequestEntry{
			Number: r.Number, Method: r.Method, Path: r.Path, Operation: r.Operation, AccountSID: wellFormed(r.AccountSID),
			IdempotencyKey: core.ShortKey(r.IdempotencyKey), Attempt: r.Attempt, Header: shownHeader(r.Header), Form: shownForm(r.Form),
		}
		entry.Body, entry.Truncated = truncate(r.Body, maxShownBody)
		if r.Violation != nil { // a valid path has SIDs only
			entry.Path = shownPath(r.Path)
			entry.Violation = r.Violation.Error()
		}
		return entry
	})
}

// once returns the kept value, or makes it. Two concurrent readers may both make it.
func once[T any](kept *atomic.Pointer[T], make func() *T) *T {
	if made := kept.Load(); made != nil {
		return made
	}
	made := make()
	kept.Store(made)
	return made
}

func (p *requestPart) size() int { return p.rec.size() }

// shownPath hides anything else in the place of a SID: it may be a secret.
func shownPath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		name := strings.TrimSuffix(segment, ".json")
		if !slices.Contains([]string{"", "2010-04-01", "Accounts", "Calls", "Payments", "v2", "token"}, name) && !isSID(name) {
			segments[i] = "(not a SID)"
		}
	}
	return strings.Join(segments, "/")
}

// shownHeaders are the headers of requests and responses without secrets.
var shownHeaders = []string{
	"Accept", "Accept-Charset", "Accept-Encoding", "Allow", "Content-Length", "Content-Type", "Date", "Location", "Retry-After",
	"Server", "Traceparent", "Twilio-Request-Id", "User-Agent", "Www-Authenticate", "X-Api-Domain", "X-Request-Id",
}

func shownHeader(h http.Header) http.Header {
	var shown http.Header
	for _, name := range shownHeaders {
		if values := h[name]; len(values) > 0 {
			if shown == nil {
				shown = http.Header{}
			}
			shown[name] = values
		}
	}
	return shown
}

func shownForm(form url.Values) url.Values {
	long := func(v string) bool { return len(v) > maxShownValue }
	shown := form
	for name, values := range form {
		if !slices.ContainsFunc(values, long) {
			continue
		}
		shown = maps.Clone(shown)
		shown[name] = slices.Clone(values)
		for i, v := range values {
			shown[name][i], _ = truncate(v, maxShownValue)
		}
	}
	return shown
}

// truncate cuts text to at most n bytes, between characters.
func truncate(text string, n int) (string, bool) {
	if len(text) <= n {
		return text, false
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n], true
}

// sentResponse is what was sent in reply to a request.
type sentResponse struct {
	response
	header   http.Header // of a fault, in addition to Twilio's
	injected bool        // by a fault, with header
	half     bool        // of the body was sent
}

// responsePart reads the members of a request that do not change after its response.
type responsePart struct {
	sentResponse
	log      *requestLog
	rec      *Request
	duration time.Duration
	entry    atomic.Pointer[ResponseEntry]
}

func (p *responsePart) fill(e *Entry) {
	e.Response = once(&p.entry, func() *ResponseEntry {
		r := p.rec
		entry := &ResponseEntry{
			Request: r.Number, Status: p.status, Duration: p.duration, Code: p.code,
			Committed: r.Committed, Replayed: r.Replayed, Fault: r.Fault.String(),
		}
		body := string(p.text())
		switch {
		case p.status == 0:
			return entry
		case p.injected:
			entry.Header = shownHeader(p.header)
		default:
			entry.Header = http.Header{}
			p.response.setHeader(entry.Header, p.log.requestID(r), len(body))
		}
		switch {
		case p.half:
			body = body[:len(body)/2]
		case r.Violation != nil && shownPath(r.Path) != r.Path:
			body = "" // it repeats the path
		}
		entry.Body, entry.Truncated = truncate(body, maxShownBody)
		return entry
	})
}

func (p *responsePart) size() int { return 500 + 2*len(p.body) }

// withheld are the parameters of callbacks that are worth money.
var withheld = []string{"PaymentConfirmationCode", "PaymentToken", "ProfileId"}

const hidden = "…"

// fill reads the members of a callback that never change.
func (o *outgoing) fill(e *Entry) {
	e.Callback = once(&o.shown, func() *CallbackEntry {
		entry := &CallbackEntry{Number: o.number, URL: o.url, Event: kindOf(o.form), Form: o.form, Token: o.token, Signature: o.signature()}
		if o.handMade {
			entry.Form = cloneForm(o.form)
			maskForm(entry.Form)
		}
		for _, name := range withheld {
			if o.form.Get(name) != "" {
				entry.Withheld = append(entry.Withheld, name)
				entry.Form = maps.Clone(entry.Form)
				entry.Form[name] = []string{hidden}
			}
		}
		entry.Signed = signedText(withPath(o.url), entry.Form)
		return entry
	})
}

// kindOf is the kind that package callback infers from a form, without parsing it.
func kindOf(form url.Values) callback.Kind {
	switch {
	case form.Get("Result") != "":
		return callback.Completed
	case form.Has("Capture"), form.Has("Required"), form.Has("PartialResult"), form.Has("ErrorType"):
		return callback.Updated
	case form.Has("Result"):
		return callback.Completed
	}
	return callback.Started
}

// signedText is the text that X-Twilio-Signature signs: the URL without its fragment,
// and all parameters in the order of their names.
// See https://www.twilio.com/docs/usage/security#validating-requests
func signedText(url string, form url.Values) string {
	url, _, _ = strings.Cut(url, "#")
	size := len(url)
	names := make([]string, 0, len(form))
	for name, values := range form {
		names = append(names, name)
		for _, v := range values {
			size += len(name) + len(v)
		}
	}
	slices.Sort(names)
	var text strings.Builder
	text.Grow(size)
	text.WriteString(url)
	for _, name := range names {
		values := form[name]
		if len(values) > 1 {
			values = slices.Compact(slices.Sorted(slices.Values(values)))
		}
		for _, v := range values {
			text.WriteString(name)
			text.WriteString(v)
		}
	}
	return text.String()
}

// assumedPart is a part that a field of Assumptions decided.
type assumedPart struct {
	recordPart
	assumption string
}

func (p assumedPart) fill(e *Entry) {
	p.recordPart.fill(e)
	e.Assumption = p.assumption
}

// statePart is the state of a session in the core.
type statePart struct {
	*core.State
	entry atomic.Pointer[SessionSnapshot]
}

func (p *statePart) fill(e *Entry) {
	e.State = once(&p.entry, func() *SessionSnapshot {
		state := snapshotOf(*p.State)
		return &state
	})
}

func (p *statePart) size() int { return 500 + 60*(len(p.Captured)+len(p.Missing)) }

type notePart string

func (p notePart) fill(e *Entry) { e.Note = string(p) }
func (p notePart) size() int     { return len(p) }

// The other parts are made at once.

func (p *PromptEntry) fill(e *Entry) { e.Prompt = p }
func (p *PromptEntry) size() int     { return 150 }

func (k *KeyEntry) fill(e *Entry) { e.Key = k }
func (k *KeyEntry) size() int     { return 150 }

func (a *AttemptEntry) fill(e *Entry) { e.Attempt = a }
func (a *AttemptEntry) size() int {
	n := 250 + len(a.Body) + len(a.URL) + len(a.Error)
	for name, values := range a.Header {
		n += len(name) + len(strings.Join(values, " "))
	}
	return n
}

func (g *GatewayEntry) fill(e *Entry) { e.Gateway = g }
func (g *GatewayEntry) size() int     { return 250 + len(g.ConnectorError) }

func (f *FaultEntry) fill(e *Entry) { e.Fault = f }
func (f *FaultEntry) size() int     { return 150 }
