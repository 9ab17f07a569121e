package paymentstest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// Parts of entries that are written down when they are first read: most of what
// a server does in a test is never looked at.

// Limits on what an entry shows, in bytes.
const (
	maxShownBody     = 16 << 10
	maxShownValue    = 4 << 10
	maxShownResponse = 4 << 10
)

// requestPart reads the members of a request that never change once it has been
// received.
type requestPart struct {
	rec   *Request
	once  sync.Once
	entry RequestEntry
}

func (p *requestPart) fill(e *Entry) {
	p.once.Do(func() {
		r := p.rec
		p.entry = RequestEntry{
			Number: r.Number, Method: r.Method, Path: shownPath(r.Path), Operation: r.Operation, AccountSID: wellFormed(r.AccountSID),
			IdempotencyKey: core.ShortKey(r.IdempotencyKey), Attempt: r.Attempt, Header: shownHeader(r.Header),
		}
		p.entry.Body, p.entry.Truncated = truncate(r.Body, maxShownBody)
		p.entry.Form = shownForm(r.Form)
		if r.Violation != nil {
			p.entry.Violation = r.Violation.Error()
		}
	})
	e.Request = &p.entry
}

func (p *requestPart) size() int { return p.rec.size() }

// shownPath hides what is not a SID where one belongs: it may be a secret.
func shownPath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		name := strings.TrimSuffix(segment, ".json")
		if !slices.Contains([]string{"", "2010-04-01", "Accounts", "Calls", "Payments", "v2", "token"}, name) && !sidPattern.MatchString(name) {
			segments[i] = "(not a SID)"
		}
	}
	return strings.Join(segments, "/")
}

// shownHeaders are the headers of requests and responses that say nothing secret.
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

// truncate cuts text to n bytes, at a character.
func truncate(text string, n int) (string, bool) {
	if len(text) <= n {
		return text, false
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n], true
}

// response is what was sent in reply to a request.
type response struct {
	answer
	header   http.Header // those of a fault, beside Twilio's
	injected bool        // by a fault, with header
	half     bool        // of the body was sent
}

type responsePart struct {
	response
	number              int
	id                  string
	duration            time.Duration
	committed, replayed bool
	fault               Fault
	once                sync.Once
	entry               ResponseEntry
}

func (p *responsePart) fill(e *Entry) {
	p.once.Do(func() {
		p.entry = ResponseEntry{
			Request: p.number, Status: p.status, Duration: p.duration, Code: p.code,
			Committed: p.committed, Replayed: p.replayed, Fault: p.fault.String(),
		}
		switch {
		case p.status == 0:
			return
		case p.injected:
			p.entry.Header = shownHeader(p.header)
		default:
			p.entry.Header = http.Header{}
			p.answer.setHeader(p.entry.Header, p.id)
		}
		body := string(p.body)
		if p.half {
			body = body[:len(body)/2]
		}
		p.entry.Body, p.entry.Truncated = truncate(body, maxShownBody)
	})
	e.Response = &p.entry
}

func (p *responsePart) size() int { return 300 + 2*len(p.body) }

// callbackPart reads the members of a callback that never change.
type callbackPart struct {
	outgoing *outgoing
	once     sync.Once
	entry    CallbackEntry
}

// withheld are the parameters of callbacks that are good for money.
var withheld = []string{"PaymentConfirmationCode", "PaymentToken", "ProfileId"}

const hidden = "…"

func (p *callbackPart) fill(e *Entry) {
	p.once.Do(func() {
		o := p.outgoing
		form := cloneForm(o.form)
		if o.handMade {
			maskForm(form)
		}
		p.entry = CallbackEntry{Number: o.number, URL: o.url, Form: form, Token: o.token, Signature: o.signature()}
		for _, name := range withheld {
			if form.Get(name) != "" {
				form[name], p.entry.Withheld = []string{hidden}, append(p.entry.Withheld, name)
			}
		}
		p.entry.Signed = signedText(withPath(o.url), form)
		if event, err := callback.Parse(cloneForm(o.form)); err == nil {
			p.entry.Event = event.Kind
		}
	})
	e.Callback = &p.entry
}

func (p *callbackPart) size() int { return p.outgoing.size() }

// signedText is the text that X-Twilio-Signature is of: the URL without its
// fragment, and every parameter in order of their names.
// See https://www.twilio.com/docs/usage/security#validating-requests
func signedText(url string, form url.Values) string {
	url, _, _ = strings.Cut(url, "#")
	var text strings.Builder
	text.WriteString(url)
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			text.WriteString(name + v)
		}
	}
	return text.String()
}

type notePart string

func (p notePart) fill(e *Entry) { e.Note = string(p) }
func (p notePart) size() int     { return len(p) }

// The other parts are written down when they happen.

func (s *SessionSnapshot) fill(e *Entry) { e.State = s }
func (s *SessionSnapshot) size() int     { return 500 + 40*(len(s.Captured)+len(s.Missing)) }

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
