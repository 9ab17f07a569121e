package callback_test

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// nilError is an error whose methods fail for a nil pointer.
type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

func typedNil() error {
	var e *nilError
	return e
}

// badError has a text; its other methods panic.
type badError struct{}

func (badError) Error() string { return "bad error" }
func (badError) Unwrap() error { panic("Unwrap") }
func (badError) Is(error) bool { panic("Is") }
func (badError) As(any) bool   { panic("As") }

// worstError panics with itself.
type worstError struct{}

func (worstError) Error() string { panic(worstError{}) }

// TestUserCodeCannotEndTheProcess: each of the user's functions misbehaves in each
// way, at once and after the timeout. A failure of this test ends the process.
func TestUserCodeCannotEndTheProcess(t *testing.T) {
	t.Parallel()
	ways := map[string]struct {
		do  func() error
		log string
	}{
		"typed nil":              {typedNil, "panic: runtime error: invalid memory address"},
		"error that panics":      {func() error { return worstError{} }, "panic: "},
		"error with bad methods": {func() error { return badError{} }, "bad error"},
		"panic":                  {func() error { panic("boom") }, "panic: boom"},
		"panic of an error":      {func() error { panic(worstError{}) }, "panic: callback_test.worstError"},
		"panic to abort":         {func() error { panic(http.ErrAbortHandler) }, "panic: net/http: abort Handler"},
	}
	places := map[string]struct {
		opt    func(do func() error) callback.Option
		status int
		late   bool // it can return after the timeout
	}{
		"function": {nil, 500, true},
		"token source": {func(do func() error) callback.Option {
			return callback.WithTokenSource(func(context.Context, string) (wire.Credentials, error) { return wire.Credentials{}, do() })
		}, 500, true},
		"public URL": {func(do func() error) callback.Option {
			return callback.WithPublicURLFunc(func(*http.Request) string {
				if err := do(); err != nil {
					panic(err)
				}
				return statusURL
			})
		}, 500, false},
		"claim": {func(do func() error) callback.Option {
			return callback.WithDeduplicator(store{claim: func() (callback.Claim, error) { return callback.Claim{}, do() }})
		}, 500, true},
		"settle": {func(do func() error) callback.Option {
			return callback.WithDeduplicator(store{settle: func(bool) error { return do() }})
		}, 204, true},
	}
	for placeName, place := range places {
		for wayName, way := range ways {
			for _, late := range []bool{false, true} {
				if late && !place.late {
					continue
				}
				name := placeName + "/" + wayName
				if late {
					name += "/late"
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						do := func() error {
							if late {
								time.Sleep(time.Minute)
							}
							return way.do()
						}
						f, opts := ignore, []callback.Option{callback.WithHandlingTimeout(time.Second)}
						if place.opt == nil {
							f = func(context.Context, callback.Event) error { return do() }
						} else {
							opts = append(opts, place.opt(do))
						}
						if placeName != "token source" {
							opts = append(opts, callback.WithAuthTokens(token))
						}
						var log logBuffer
						h, err := callback.NewHandler(f, append([]callback.Option{ownHosts, withLog(&log)}, opts...)...)
						if err != nil {
							t.Fatal(err)
						}
						want := place.status
						if late {
							want = 500
						}
						if w := serve(h, signed(charged())); w.Code != want || w.Body.Len() != 0 {
							t.Errorf("response %d %q, want %d", w.Code, w.Body, want)
						}
						time.Sleep(time.Hour)
						logged := way.log
						if late && placeName == "token source" {
							logged = "token source exceeded" // its own error is not logged then
						}
						if wayName == "typed nil" && placeName == "public URL" {
							logged = "panic: <nil>" // all that package fmt prints of it
						}
						if !strings.Contains(log.String(), logged) {
							t.Errorf("log: %s", &log)
						}
					})
				})
			}
		}
	}
}

// brokenLogger is a slog.Handler that panics.
type brokenLogger struct {
	slog.Handler
	enabled, handle func()
}

func (b brokenLogger) Enabled(context.Context, slog.Level) bool {
	b.enabled()
	return true
}

func (b brokenLogger) Handle(context.Context, slog.Record) error {
	b.handle()
	return nil
}

// TestLoggerPanics: a logger panics in the handler's goroutine, in that of a late
// function, and in Verify. The response does not change, and the server's error log
// reports the panic.
func TestLoggerPanics(t *testing.T) {
	t.Parallel()
	fine, boom := func() {}, func() { panic(worstError{}) }
	for name, logger := range map[string]brokenLogger{
		"Enabled": {enabled: boom, handle: fine},
		"Handle":  {enabled: fine, handle: boom},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var errorLog bytes.Buffer
				server := &http.Server{ErrorLog: log.New(&errorLog, "", 0)}
				within := func(r *http.Request) *http.Request {
					return r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, server))
				}
				quiet := callback.WithLogger(slog.New(logger))
				late := newHandler(t, func(context.Context, callback.Event) error {
					time.Sleep(time.Minute)
					return nil
				}, quiet)
				unsettled := newHandler(t, ignore, quiet, callback.WithDeduplicator(store{settle: func(bool) error { return typedNil() }}))
				forged := without(signed(charged()), "X-Twilio-Signature")
				for want, w := range map[int]int{
					204: serve(newHandler(t, ignore, quiet), within(signed(charged()))).Code,
					500: serve(late, within(signed(charged()))).Code,
					403: serve(newVerify(t, quiet)(http.NotFoundHandler()), within(forged)).Code,
				} {
					if w != want {
						t.Errorf("status %d, want %d", w, want)
					}
				}
				time.Sleep(time.Hour)
				if w := serve(unsettled, within(signed(charged()))); w.Code != 204 {
					t.Errorf("status %d, want 204", w.Code)
				}
				// handled, timed out, ended late, refused, and unsettled twice
				if n := strings.Count(errorLog.String(), "the logger of WithLogger: panic: "); n != 6 {
					t.Errorf("%d lines, want 6: %s", n, &errorLog)
				}
				server.ErrorLog = log.New(brokenWriter{}, "", 0)
				if w := serve(newHandler(t, ignore, quiet), within(signed(charged()))); w.Code != 204 {
					t.Errorf("status %d with a log that panics too, want 204", w.Code)
				}
			})
		})
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { panic("no disk") }

// TestGoexit: the user's code calls runtime.Goexit.
func TestGoexit(t *testing.T) {
	t.Parallel()
	end := func() { runtime.Goexit() }
	for name, opts := range map[string][]callback.Option{
		"token source": {callback.WithTokenSource(func(context.Context, string) (wire.Credentials, error) { end(); return wire.Credentials{}, nil })},
		"claim":        {callback.WithAuthTokens(token), callback.WithDeduplicator(store{claim: func() (callback.Claim, error) { end(); return callback.Claim{}, nil }})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logBuffer
			h, err := callback.NewHandler(ignore, append([]callback.Option{ownHosts, withLog(&log)}, opts...)...)
			if err != nil {
				t.Fatal(err)
			}
			if w := serve(h, signed(charged())); w.Code != 500 || !strings.Contains(log.String(), "runtime.Goexit") {
				t.Errorf("status %d, want 500; log: %s", w.Code, &log)
			}
		})
	}
}
