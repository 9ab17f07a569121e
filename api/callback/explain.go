package callback

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
	"github.com/twiliopay/twiliopay-go/internal/hosturl"
)

// Part is a part of a request that matters for its signature.
type Part string

// The parts of a request in which it can differ from what was signed.
const (
	PartScheme Part = "scheme"
	PartHost   Part = "host"
	PartPort   Part = "port"
	PartPath   Part = "path"
	PartQuery  Part = "query"
	PartToken  Part = "token"
	PartBody   Part = "body"
)

var urlParts = [...]Part{PartScheme, PartHost, PartPort, PartPath, PartQuery}

// Explanation says why a request is refused. It holds no token, no signature, and
// no value of the query or the body. Do not send it to the sender of the request.
type Explanation struct {
	// Accepted means that the request is accepted.
	Accepted bool
	// Differs lists the parts in which the request differs from what was signed.
	Differs []Part
	// Proven means that the signature matches once these parts are replaced.
	// Otherwise Differs is a guess, because nothing that was tried matches.
	Proven bool
	// Reason explains the refusal in one line, with the signed scheme, host, port
	// and path if they are known.
	Reason string
}

// String returns the reason.
func (e Explanation) String() string { return e.Reason }

// Explain says why [NewHandler] or [Verify] with the same options would refuse the
// signature of r: which of scheme, host, port, path, query, token or body differs
// from what was signed. It tries the common causes: the other scheme, hosts and
// ports that a proxy reports, a slash at the end of the path, a query that is
// missing, sorted or escaped twice, a body that middleware has changed, and the
// token in the environment variable TWILIO_AUTH_TOKEN. It computes at most 1000
// signatures over at most 2 MiB in total.
//
// It is for developers: in a test, a command, or a handler that only you can
// reach. A [Handler] logs an explanation with a 403, at most once a second. The
// body of r must not have been read; it can be read afterwards.
//
// The error says which option is invalid, or that a token source or public URL
// function failed.
func Explain(r *http.Request, opts ...Option) (Explanation, error) {
	c, err := newConfig(opts)
	if err != nil {
		return Explanation{}, err
	}
	v := newVerifier(c)
	ctx, cancel := context.WithTimeout(r.Context(), c.timeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	in, err := c.receive(noWriter{}, r, deadline)
	if in != nil {
		r.Body = io.NopCloser(bytes.NewReader(in.body))
		err = v.check(ctx, in)
	}
	if err != nil && statusOf(err) >= http.StatusInternalServerError {
		return Explanation{}, err
	}
	return explain(r, in, err), nil
}

// noWriter discards the response.
type noWriter struct{}

func (noWriter) Header() http.Header         { return make(http.Header) }
func (noWriter) Write(b []byte) (int, error) { return len(b), nil }
func (noWriter) WriteHeader(int)             {}

// explain explains why a request was refused with err.
func explain(r *http.Request, in *received, err error) Explanation {
	switch {
	case err == nil:
		return Explanation{Accepted: true, Reason: "the signature matches"}
	case errors.Is(err, errBodyHash):
		return Explanation{Differs: []Part{PartBody}, Proven: true, Reason: "body differs: its hash is not bodySHA256 of the signed URL"}
	case !errors.Is(err, errSignature):
		return Explanation{Reason: err.Error()}
	}
	s := search{in: in, given: addressOf(signature.Cut(in.url)), signatures: maxTried, bytes: maxTriedBytes}
	if e, found := s.try(r); found {
		return e
	}
	if hosturl.IsLoopback((&url.URL{Host: s.given.host}).Hostname()) {
		return Explanation{
			Differs: []Part{PartHost, PartToken},
			Reason: "no cause found (checked as " + s.given.target().Shown() + "): Twilio never signs for a loopback host, " +
				"so give WithPublicURL if a proxy forwards the request, or if a test signs for a public URL; otherwise the auth token is wrong",
		}
	}
	return Explanation{
		Differs: []Part{PartToken, PartBody},
		Reason: "no cause found (checked as " + signature.Cut(in.url).Shown() + "): probably the auth token is wrong, " +
			"since Twilio signs with the primary token of the account that owns the call, never with an API key's secret; or the body was changed, or the signed host is in no header",
	}
}

// The limits of one search.
const (
	maxTried      = 1000
	maxTriedBytes = 2 << 20
	maxTriedKeys  = 4
)

// search looks for the URL and form that were signed.
type search struct {
	in         *received
	given      address
	signatures int // left
	bytes      int // left to sign
}

// over reports whether a limit is reached.
func (s *search) over() bool { return s.signatures <= 0 || s.bytes <= 0 }

func (s *search) try(r *http.Request) (Explanation, bool) {
	m := signature.NewMessage(s.in.form)
	defer m.Free()
	keys := s.in.keys[:min(len(s.in.keys), maxTriedKeys)]
	if token := os.Getenv("TWILIO_AUTH_TOKEN"); token != "" {
		if _, ok := s.fits([]*signature.Key{signature.NewKey(token)}, s.given, m); ok {
			return Explanation{
				Differs: []Part{PartToken}, Proven: true,
				Reason: "token differs: it was signed with the one in TWILIO_AUTH_TOKEN, which an option overrides",
			}, true
		}
	}
	suspects := suspectsOf(r, s.given)
	for _, part := range urlParts { // single parts first, so that the likeliest is found within the limits
		if e, found := s.replace(keys, m, suspects, s.given, []Part{part}, nil); found {
			return e, true
		}
	}
	for _, f := range formSuspects(s.in.form, s.given.query) {
		if s.over() {
			break
		}
		changed := signature.NewMessage(f.form)
		_, ok := s.fits(keys, s.given, changed)
		changed.Free()
		if ok {
			return Explanation{Differs: []Part{PartBody}, Proven: true, Reason: "body differs: " + f.meaning}, true
		}
	}
	for _, parts := range [...][]Part{
		{PartScheme, PartHost}, {PartScheme, PartPort}, {PartHost, PartPort}, {PartHost, PartPath}, {PartScheme, PartPath}, {PartPath, PartQuery},
		{PartScheme, PartQuery}, {PartHost, PartQuery}, {PartScheme, PartHost, PartPort}, {PartScheme, PartHost, PartPath}, {PartScheme, PartHost, PartQuery},
		{PartScheme, PartPort, PartPath}, {PartHost, PartPort, PartPath}, {PartScheme, PartHost, PartPort, PartPath},
	} {
		if e, found := s.replace(keys, m, suspects, s.given, parts, nil); found {
			return e, true
		}
	}
	return Explanation{}, false
}

// replace tries every combination of the parts' suspects.
func (s *search) replace(keys []*signature.Key, m *signature.Message, suspects map[Part][]suspect, a address, parts []Part, meanings []string) (Explanation, bool) {
	if len(parts) == 0 {
		signed, ok := s.fits(keys, a, m)
		if !ok {
			return Explanation{}, false
		}
		return s.found(a, signed, meanings), true
	}
	for _, suspect := range suspects[parts[0]] {
		if s.over() {
			break
		}
		b := a
		*b.part(parts[0]) = suspect.text
		all := meanings
		if suspect.meaning != "" {
			all = append(slices.Clip(all), suspect.meaning)
		}
		if e, found := s.replace(keys, m, suspects, b, parts[1:], all); found {
			return e, true
		}
	}
	return Explanation{}, false
}

func (a *address) part(p Part) *string {
	switch p {
	case PartScheme:
		return &a.scheme
	case PartHost:
		return &a.host
	case PartPort:
		return &a.port
	case PartPath:
		return &a.path
	}
	return &a.query
}

// found returns the explanation that the request was signed for a, in the form
// signed.
func (s *search) found(a address, signed signature.URL, meanings []string) Explanation {
	e := Explanation{Proven: true}
	names := make([]string, 0, len(urlParts))
	for _, part := range urlParts {
		if *a.part(part) != *s.given.part(part) {
			e.Differs = append(e.Differs, part)
			names = append(names, string(part))
		}
	}
	verb := " differs"
	if len(names) > 1 {
		verb = " differ"
	}
	e.Reason = strings.Join(names, ", ") + verb + ": signed for " + signed.Shown() + ", checked as " + s.given.target().Shown()
	if len(meanings) > 0 {
		e.Reason += " (query: " + strings.Join(meanings, "; ") + ")"
	}
	return e
}

// fits returns the form of a that was signed together with m.
func (s *search) fits(keys []*signature.Key, a address, m *signature.Message) (signed signature.URL, ok bool) {
	forms, n := a.target().Written()
	for _, key := range keys {
		s.signatures -= n
		s.bytes -= n * len(m.Over(forms[0]))
		if s.signatures < 0 || s.bytes < 0 {
			return signature.URL{}, false
		}
		if url, ok := key.Verifies(forms[:n], m, s.in.signature); ok {
			return signature.Cut(url), true
		}
	}
	return signature.URL{}, false
}

// explainer allows one explanation a second, so that explaining forgeries costs
// little.
type explainer struct {
	mu   sync.Mutex
	next time.Time
}

func (x *explainer) allow(now time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if now.Before(x.next) {
		return false
	}
	x.next = now.Add(time.Second)
	return true
}
