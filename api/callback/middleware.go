package callback

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
)

// Verify returns net/http middleware that lets through only what Twilio signed
// for this application, for webhooks other than payment status callbacks: GET,
// forms, and JSON whose URL has bodySHA256. A handler of [NewHandler] needs no
// Verify before it.
//
// Anything else gets 403; 400, 408, 413 and 500 are as for [NewHandler].
// The body, at most [WithBodyLimit] bytes, stays readable, PostForm has the
// values of a form and nothing else, and URL has path and query as they were signed. A form that other middleware has already
// read with ParseForm is taken from there; a body that was read in another way
// cannot be checked any more, and the request is refused.
//
// It takes the options of NewHandler except [WithDeduplicator] and [WithHooks].
//
// See https://www.twilio.com/docs/usage/webhooks/webhooks-security
func Verify(opts ...Option) (func(http.Handler) http.Handler, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if c.deduplicator != nil {
		return nil, errors.New("callback: WithDeduplicator: is not for Verify")
	}
	if c.hooks.Delivery != nil || c.hooks.Responded != nil {
		return nil, errors.New("callback: WithHooks: is not for Verify")
	}
	v := newVerifier(c)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			in, err := c.verify(w, r, v, start.Add(c.timeout))
			if err != nil {
				respond(w, statusOf(err))
				c.log(r.Context(), r, outcome{err: err, in: in}, start)
				return
			}
			next.ServeHTTP(w, in.request(r))
		})
	}, nil
}

// request returns r for the next handler: a copy, because the caller's request
// keeps its body. What net/http makes of it is what was signed. PostForm is set
// where the body is not a form too, so that nothing is parsed as one later.
func (in *received) request(r *http.Request) *http.Request {
	target := in.target(r.URL)
	if target == r.URL && in.body == nil && r.PostForm == nil && r.MultipartForm == nil {
		return r // nothing but the URL, which is signed
	}
	parsed := r.Form != nil
	r = r.WithContext(r.Context())
	r.URL = target
	if in.body != nil {
		r.Body = io.NopCloser(bytes.NewReader(in.body))
	}
	r.PostForm, r.Form, r.MultipartForm = in.form.Values(), nil, nil
	if parsed {
		_ = r.ParseForm() // of the query; its broken pairs were left out before too
	}
	return r
}

// target returns u, the URL of a request, with path and query as they were signed.
// Where the form that was signed had to be derived, net/http may read something
// else from the one that came: it drops "a=1;b", which is signed as "a=1%3Bb", and
// leaves the dots in "/admin/../status". What a function or http.StripPrefix has
// made different already stays as it is.
func (in *received) target(u *url.URL) *url.URL {
	came, signed := signature.Cut(in.url), signature.Cut(in.signedURL)
	if came.Path == signed.Path && came.Query == signed.Query {
		return u
	}
	target := *u
	if came.Query == "?"+u.RawQuery {
		target.RawQuery = strings.TrimPrefix(signed.Query, "?")
	}
	if path, err := url.PathUnescape(came.Path); err == nil && path == u.Path && came.Path != signed.Path {
		if path, err = url.PathUnescape(signed.Path); err == nil {
			target.Path, target.RawPath = path, signed.Path
		}
	}
	return &target
}

func (c *config) verify(w http.ResponseWriter, r *http.Request, v *verifier, deadline time.Time) (*received, error) {
	in, err := c.receive(w, r, deadline)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	if v.source != nil { // nothing else in check waits
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	return in, v.check(ctx, in)
}
