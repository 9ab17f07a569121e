package callback

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Verify returns net/http middleware that lets through only what Twilio signed
// for this application, for webhooks other than payment status callbacks: GET,
// forms, and JSON whose URL has bodySHA256. A handler of [NewHandler] needs no
// Verify before it.
//
// Anything else is answered 403; 400, 408, 413 and 500 are as for [NewHandler].
// The body, at most [WithBodyLimit] bytes, stays readable, and the values of a
// form are in PostForm. A form that other middleware has already read with
// ParseForm is taken from there.
//
// It takes the options of NewHandler except [WithDeduplicator].
//
// See https://www.twilio.com/docs/usage/webhooks/webhooks-security
func Verify(opts ...Option) (func(http.Handler) http.Handler, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if c.deduplicator != nil {
		return nil, errors.New("callback: Verify does not take WithDeduplicator")
	}
	v := newVerifier(c)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			in, err := c.verify(w, r, v, start.Add(c.timeout))
			if err != nil {
				answer(w, statusOf(err))
				c.log(r.Context(), outcome{err: err, in: in}, start)
				return
			}
			if in.body != nil {
				r = r.WithContext(r.Context()) // a copy: the caller's request keeps its body
				r.Body = io.NopCloser(bytes.NewReader(in.body))
				if in.isForm { // so that what is read is what was signed
					r.PostForm = in.form.values()
				}
			}
			next.ServeHTTP(w, r)
		})
	}, nil
}

func (c *config) verify(w http.ResponseWriter, r *http.Request, v *verifier, deadline time.Time) (*received, error) {
	in, err := c.receive(w, r, deadline)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithDeadline(r.Context(), deadline)
	defer cancel()
	return in, v.check(ctx, in)
}
