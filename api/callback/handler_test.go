package callback_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

func TestHandlerPassesOnSignedEvents(t *testing.T) {
	t.Parallel()
	var got []callback.Event
	h := newHandler(t, func(_ context.Context, e callback.Event) error {
		got = append(got, e)
		return nil
	})
	w := serve(h, signed(charged()))
	if w.Code != http.StatusNoContent || w.Body.Len() != 0 {
		t.Errorf("response %d %q, want an empty 204", w.Code, w.Body)
	}
	if len(got) != 1 || got[0].SID != sessionSID || !got[0].Succeeded() {
		t.Errorf("events: %v", got)
	}
}

// TestImmediateReturnIsNotLate: a function that returns at once never counts as
// late, however the end of its context and its result are ordered.
func TestImmediateReturnIsNotLate(t *testing.T) {
	t.Parallel()
	h := newHandler(t, ignore)
	for i := range 5000 {
		if w := serve(h, signed(session("Number", fmt.Sprint(i)))); w.Code != 204 {
			t.Fatalf("delivery %d: status %d, want 204", i, w.Code)
		}
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	sign := func(r *http.Request) *http.Request {
		r.Header.Set("X-Twilio-Signature", callback.Sign(token, statusURL, nil))
		return r
	}
	manyParameters := strings.Repeat("a=1&", 1000)
	tests := map[string]struct {
		request *http.Request
		status  int
	}{
		"signed":                   {signed(session()), 204},
		"type with charset":        {with(signed(session()), "Content-Type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8"), 204},
		"body at the limit":        {signed(session("Pad", strings.Repeat("x", 1024-len(session("Pad", "").Encode())))), 204},
		"no signature":             {without(signed(session()), "X-Twilio-Signature"), 403},
		"signature of another":     {with(signed(session()), "X-Twilio-Signature", callback.Sign("other", statusURL, session())), 403},
		"signature of another URL": {with(signed(session()), "X-Twilio-Signature", callback.Sign(token, "https://evil.example/status", session())), 403},
		"signature cut short":      {with(signed(session()), "X-Twilio-Signature", "RSOYDt4T1c"), 403},
		"signature too long":       {with(signed(session()), "X-Twilio-Signature", strings.Repeat("A", 10_000)), 403},
		"GET":                      {httptest.NewRequest(http.MethodGet, statusURL, nil), 405},
		"PUT":                      {httptest.NewRequest(http.MethodPut, statusURL, strings.NewReader("Sid=PK1")), 405},
		"JSON":                     {with(signed(session()), "Content-Type", "application/json"), 415},
		"no content type":          {without(signed(session()), "Content-Type"), 415},
		"two content types":        {with(signed(session()), "Content-Type", "application/x-www-form-urlencodedx"), 415},
		"body too long":            {signed(session("Pad", strings.Repeat("x", 1025-len(session("Pad", "").Encode())))), 413},
		"body too long, unsized":   {unsized(signed(session("Pad", strings.Repeat("x", 2000)))), 413},
		"length claimed too long":  {sized(signed(session()), 1<<40), 413},
		"URL too long":             {signedBy(longURL, request(longURL, formType, session().Encode()), session()), 413},
		"too many parameters":      {sign(request(statusURL, formType, manyParameters+"a=1")), 413},
		"broken escape":            {sign(request(statusURL, formType, "Sid=%zz")), 400},
		"escape cut short":         {sign(request(statusURL, formType, "Sid=PK%4")), 400},
		"connection failed":        {reading(signed(session()), io.ErrUnexpectedEOF), 400},
		"no Sid":                   {signed(form("AccountSid", accountSID, "Result", "success")), 400},
		"empty form":               {signed(nil), 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			called := false
			limit := callback.WithBodyLimit(1024)
			if name == "too many parameters" {
				limit = callback.WithBodyLimit(64 << 10)
			}
			h := newHandler(t, func(context.Context, callback.Event) error {
				called = true
				return nil
			}, limit)
			w := serve(h, test.request)
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if w.Body.Len() != 0 {
				t.Errorf("body %q, want none", w.Body)
			}
			if called != (test.status == 204) {
				t.Errorf("function called: %v", called)
			}
			if allow := w.Header().Get("Allow"); (allow == "POST") != (test.status == 405) {
				t.Errorf("Allow is %q", allow)
			}
		})
	}
}

func TestFailureIs500AndLeaksNothing(t *testing.T) {
	t.Parallel()
	tests := map[string]func(context.Context, callback.Event) error{
		"error":             func(context.Context, callback.Event) error { return errors.New("database gone") },
		"error of net/http": func(context.Context, callback.Event) error { return http.ErrAbortHandler },
		"panic":             func(context.Context, callback.Event) error { panic("database gone") },
		"panic of an error": func(context.Context, callback.Event) error {
			panic(http.ErrAbortHandler)
		},
		"nil dereference": func(context.Context, callback.Event) error {
			var zero callback.Event
			return errors.New(zero.SID)
		},
		"Goexit": func(context.Context, callback.Event) error {
			runtime.Goexit()
			return nil
		},
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logBuffer
			h := newHandler(t, f, withLog(&log))
			w := serve(h, signed(charged()))
			if w.Code != http.StatusInternalServerError || w.Body.Len() != 0 || len(w.Header()) != 0 {
				t.Errorf("response %d %v %q, want a bare 500", w.Code, w.Header(), w.Body)
			}
			if !strings.Contains(log.String(), `"level":"ERROR"`) {
				t.Errorf("log: %s", &log)
			}
			if strings.Contains(name, "panic") && !strings.Contains(log.String(), "handler_test.go") {
				t.Errorf("log does not say where it panicked: %s", &log)
			}
		})
	}
}

// TestFormReadByMiddleware: other middleware may have parsed the form.
func TestFormReadByMiddleware(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		form   func(r *http.Request)
		status int
	}{
		"parsed":          {func(r *http.Request) { _ = r.ParseForm() }, 204},
		"parsed by value": {func(r *http.Request) { r.FormValue("Sid") }, 204},
		"changed": {func(r *http.Request) {
			_ = r.ParseForm()
			r.PostForm.Set("Result", "validation-error")
		}, 403},
		"added to": {func(r *http.Request) {
			_ = r.ParseForm()
			r.PostForm.Set("Extra", "1")
		}, 403},
		"parsed, too many": {func(r *http.Request) {
			_ = r.ParseForm()
			for i := range 1000 {
				r.PostForm.Add("Many", fmt.Sprint(i))
			}
		}, 413},
		"body read and gone": {func(r *http.Request) { _, _ = io.ReadAll(r.Body) }, 403},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHandler(t, ignore)
			r := signed(charged("Twice", "b"))
			test.form(r)
			if w := serve(h, r); w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
		})
	}
}

func TestSemicolonIsNotASeparator(t *testing.T) {
	t.Parallel()
	f := session("PaymentError", "declined;try another")
	body := strings.ReplaceAll(f.Encode(), "%3B", ";") // as a sender may leave it
	r := request(statusURL, formType, body)
	r.Header.Set("X-Twilio-Signature", callback.Sign(token, statusURL, f))
	var got string
	h := newHandler(t, func(_ context.Context, e callback.Event) error {
		got = e.PaymentError.Reveal()
		return nil
	})
	if w := serve(h, r); w.Code != 204 || got != "declined;try another" {
		t.Errorf("status %d, want 204; text %q, want \"declined;try another\"", w.Code, got)
	}
}

func TestContextOfTheFunction(t *testing.T) {
	t.Parallel()
	type key struct{}
	h := newHandler(t, func(ctx context.Context, _ callback.Event) error {
		if _, bounded := ctx.Deadline(); !bounded || ctx.Value(key{}) != "v" {
			return errors.New("no deadline or value")
		}
		return ctx.Err()
	})
	hungUp, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "v"))
	cancel()
	if w := serve(h, signed(session()).WithContext(hungUp)); w.Code != 204 {
		t.Errorf("status %d, want 204", w.Code)
	}
}

func with(r *http.Request, name, value string) *http.Request {
	r.Header.Set(name, value)
	return r
}

func without(r *http.Request, name string) *http.Request {
	r.Header.Del(name)
	return r
}

func unsized(r *http.Request) *http.Request { return sized(r, -1) }

func sized(r *http.Request, n int64) *http.Request {
	r.ContentLength = n
	return r
}

func reading(r *http.Request, err error) *http.Request {
	r.Body = io.NopCloser(io.MultiReader(r.Body, iotest.ErrReader(err)))
	return r
}
