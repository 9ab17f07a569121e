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

// Verify returns net/http middleware that passes only requests that Twilio signed
// for this application. It is for webhooks other than payment status callbacks:
// GET, forms, and JSON whose URL has bodySHA256. A handler from [NewHandler] does
// not need it.
//
// Other requests get 403; 400, 408, 413, 500 and 503 are as for [NewHandler]. The
// body, at most [WithBodyLimit] bytes, stays readable, PostForm has exactly the
// signed parameters, and URL has the path and query that were signed. If other
// middleware has called ParseForm, its form is checked; if the body was read in
// another way, it can no longer be checked and the request gets 403.
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

// request returns a copy of r for the next handler; the caller's request stays
// unchanged. Its form is the signed one. PostForm is set even if the body is not a
// form, so that nothing is parsed as one later.
func (in *received) request(r *http.Request) *http.Request {
	target := in.target(r.URL)
	if target == r.URL && in.body == nil && r.PostForm == nil && r.MultipartForm == nil {
		return r // only the URL, which is signed
	}
	parsed := r.Form != nil
	r = r.WithContext(r.Context())
	r.URL = target
	if in.body != nil {
		r.Body = io.NopCloser(bytes.NewReader(in.body))
	}
	r.PostForm, r.Form, r.MultipartForm = in.form.Values(), nil, nil
	if parsed {
		_ = r.ParseForm() // the query; the first ParseForm left out broken pairs too
	}
	return r
}

// target returns u, the URL of a request, with the signed path and query. If the
// signed form was a derived one, net/http may read the received URL differently: it
// drops "a=1;b", which is signed as "a=1%3Bb", and keeps the dot segments in
// "/admin/../status". Parts that a function or http.StripPrefix has changed stay
// unchanged.
func (in *received) target(u *url.URL) *url.URL {
	given, signed := signature.Cut(in.url), signature.Cut(in.signedURL)
	if given.Path == signed.Path && given.Query == signed.Query {
		return u
	}
	target := *u
	if given.Query == "?"+u.RawQuery {
		target.RawQuery = strings.TrimPrefix(signed.Query, "?")
	}
	if path, err := url.PathUnescape(given.Path); err == nil && path == u.Path && given.Path != signed.Path {
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
	if v.source != nil { // only a source takes time
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	return in, v.check(ctx, in)
}
