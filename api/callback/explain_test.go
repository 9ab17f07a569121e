package callback_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

// explained returns the explanation of a delivery that was signed for signedFor and
// arrives at https://pay.example.com/status?order=42&name=SECRETQUERY after change.
func explained(t *testing.T, signedFor string, f url.Values, change func(*http.Request), opts ...callback.Option) callback.Explanation {
	t.Helper()
	r := request("http://backend.internal:9000/status?order=42&name=SECRETQUERY", formType, f.Encode())
	r.Header.Set("X-Twilio-Signature", callback.Sign(token, signedFor, f))
	if change != nil {
		change(r)
	}
	opts = append([]callback.Option{callback.WithAuthTokens(token), callback.WithPublicURL("https://pay.example.com")}, opts...)
	e, err := callback.Explain(r, opts...)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{token, "SECRET", "visa", "1111"}
	if signature := r.Header.Get("X-Twilio-Signature"); signature != "" {
		secrets = append(secrets, signature)
	}
	for _, found := range leak.Find(fmt.Sprintf("%+v", e), secrets...) {
		t.Errorf("shown: %s", found)
	}
	return e
}

// Behind a proxy that changes the host and does not report the original, such as
// httputil.ReverseProxy by default, the explanation suggests WithPublicURL.
func TestExplainWithoutPublicURL(t *testing.T) {
	t.Parallel()
	f := charged()
	for _, base := range []string{"http://127.0.0.1:36007", "http://localhost", "http://[::1]:8080"} {
		r := request(base+"/status", formType, f.Encode())
		r.Header.Set("X-Twilio-Signature", callback.Sign(token, "https://pay.example.com/status", f))
		e, err := callback.Explain(r, callback.WithAuthTokens(token))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(e.Reason, "WithPublicURL") || e.Proven || !slices.Equal(e.Differs, []callback.Part{callback.PartHost, callback.PartToken}) {
			t.Errorf("%s: %+v, want an unproven difference of host and token, and WithPublicURL in the reason", base, e)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	const query = "?order=42&name=SECRETQUERY"
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	body := func(change func(url.Values)) func(*http.Request) {
		return func(r *http.Request) {
			f := charged("Note", "a+b\r\nc")
			change(f)
			r.Body = io.NopCloser(strings.NewReader(f.Encode()))
		}
	}
	for name, test := range map[string]struct {
		signed string
		change func(*http.Request)
		want   string // the parts
		reason string // some of it
	}{
		"scheme":                  {"http://pay.example.com/status" + query, nil, "scheme", "signed for http://pay.example.com/status, checked as https://pay.example.com/status"},
		"host of the request":     {"https://backend.internal/status" + query, nil, "host", "signed for https://backend.internal/status"},
		"host of the proxy":       {"https://www.example.org/status" + query, header("X-Forwarded-Host", "www.example.org, inner"), "host", "www.example.org"},
		"host by RFC 7239":        {"https://www.example.org/status" + query, header("Forwarded", `for=1.2.3.4;host="www.example.org";proto=https`), "host", "www.example.org"},
		"www":                     {"https://www.pay.example.com/status" + query, nil, "host", "www.pay.example.com"},
		"port":                    {"https://pay.example.com:8443/status" + query, nil, "port", "pay.example.com:8443"},
		"port of the proxy":       {"https://pay.example.com:9443/status" + query, header("X-Forwarded-Port", "9443"), "port", ":9443"},
		"slash":                   {"https://pay.example.com/status/" + query, nil, "path", "/status/"},
		"prefix":                  {"https://pay.example.com/api/status" + query, header("X-Forwarded-Prefix", "/api/"), "path", "/api/status"},
		"path of the proxy":       {"https://pay.example.com/outer/hook" + query, header("X-Original-URI", "/outer/hook?x"), "path", "/outer/hook"},
		"no query":                {"https://pay.example.com/status", nil, "query", "none was signed"},
		"order of the query":      {"https://pay.example.com/status?name=SECRETQUERY&order=42", nil, "query", "another order"},
		"an extra pair":           {"https://pay.example.com/status?order=42", nil, "query", "one of its pairs was not signed"},
		"scheme and host":         {"http://backend.internal/status" + query, nil, "scheme host", "http://backend.internal/status"},
		"scheme, host and port":   {"http://backend.internal:9000/status" + query, nil, "scheme host port", "http://backend.internal:9000/status"},
		"scheme and slash":        {"http://pay.example.com/status/" + query, nil, "scheme path", "http://pay.example.com/status/"},
		"plus read as space":      {"https://pay.example.com/status" + query, body(func(f url.Values) { f.Set("Note", "a b\r\nc") }), "body", "a plus sign was read as a space"},
		"line ends":               {"https://pay.example.com/status" + query, body(func(f url.Values) { f.Set("Note", "a+b\nc") }), "body", "line ends"},
		"an extra parameter":      {"https://pay.example.com/status" + query, body(func(f url.Values) { f.Set("Added", "x") }), "body", "one of its parameters was not signed"},
		"query added to the body": {"https://pay.example.com/status" + query, body(func(f url.Values) { f.Set("order", "42"); f.Set("name", "SECRETQUERY") }), "body", "the query's parameters were added"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := explained(t, test.signed, charged("Note", "a+b\r\nc"), test.change)
			var parts []string
			for _, part := range e.Differs {
				parts = append(parts, string(part))
			}
			if got := strings.Join(parts, " "); got != test.want || !e.Proven || e.Accepted || !strings.Contains(e.Reason, test.reason) {
				t.Errorf("%q differs, want %q: %+v", got, test.want, e)
			}
		})
	}
}

func TestExplainWithoutACause(t *testing.T) {
	t.Parallel()
	const address = "https://pay.example.com/status?order=42&name=SECRETQUERY"
	for name, test := range map[string]struct {
		change func(*http.Request)
		opts   []callback.Option
		want   callback.Explanation
	}{
		"accepted":         {nil, nil, callback.Explanation{Accepted: true, Reason: "the signature matches"}},
		"another token":    {nil, []callback.Option{callback.WithAuthTokens("another")}, callback.Explanation{Differs: []callback.Part{callback.PartToken, callback.PartBody}}},
		"another body":     {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("Result=SECRET")) }, nil, callback.Explanation{Differs: []callback.Part{callback.PartToken, callback.PartBody}}},
		"no signature":     {func(r *http.Request) { r.Header.Del("X-Twilio-Signature") }, nil, callback.Explanation{Reason: "X-Twilio-Signature is missing or malformed"}},
		"a host not named": {nil, []callback.Option{callback.WithHosts("pay.example.com")}, callback.Explanation{Reason: `host "backend.internal:9000" is not one of this server's; give WithPublicURL or WithHosts`}},
		"body read before": {func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }, nil, callback.Explanation{Reason: "body was read before it could be checked; put Verify before the middleware that reads it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := explained(t, address, charged(), test.change, test.opts...)
			if e.Accepted != test.want.Accepted || e.Proven || !slices.Equal(e.Differs, test.want.Differs) || test.want.Reason != "" && e.String() != test.want.Reason || e.Reason == "" {
				t.Errorf("%+v, want %+v, unproven", e, test.want)
			}
		})
	}
	if _, err := callback.Explain(signed(charged()), callback.WithAuthTokens()); err == nil {
		t.Error("invalid options returned no error")
	}
	failing := callback.WithTokenSource(func(context.Context, string) (wire.Credentials, error) {
		return wire.Credentials{}, errors.New("no database")
	})
	if _, err := callback.Explain(signed(charged()), failing, ownHosts); err == nil {
		t.Error("a failing token source returned no error")
	}
}

// Replacing the right token with an option is a common mistake.
func TestExplainTokenOfTheEnvironment(t *testing.T) {
	t.Setenv("TWILIO_AUTH_TOKEN", token)
	e := explained(t, "https://pay.example.com/status?order=42&name=SECRETQUERY", charged(), nil, callback.WithAuthTokens("another"))
	if !e.Proven || !slices.Equal(e.Differs, []callback.Part{callback.PartToken}) || !strings.Contains(e.Reason, "TWILIO_AUTH_TOKEN") {
		t.Errorf("%+v, want a proven difference of the token, and TWILIO_AUTH_TOKEN in the reason", e)
	}
}

func TestExplainKeepsTheBody(t *testing.T) {
	t.Parallel()
	r := signed(charged())
	if e, err := callback.Explain(r, callback.WithAuthTokens(token), ownHosts); err != nil || !e.Accepted {
		t.Fatalf("%+v, %v, want it accepted", e, err)
	}
	if w := serve(newHandler(t, ignore), r); w.Code != http.StatusNoContent {
		t.Errorf("status %d afterwards, want %d", w.Code, http.StatusNoContent)
	}
}

// Forgeries are explained at most once a second, so explaining costs little, and
// the sender sees none of it.
func TestForgeriesAreExplainedOnceASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		h := newHandler(t, ignore, withLog(&log), callback.WithPublicURL("https://other.example.com"))
		deliver := func() *httptest.ResponseRecorder { return serve(h, signed(charged())) }
		for range 10 {
			if w := deliver(); w.Code != http.StatusForbidden || w.Body.Len() != 0 || len(w.Header()) != 0 {
				t.Errorf("status %d, want %d; %v, %q", w.Code, http.StatusForbidden, w.Header(), w.Body)
			}
		}
		time.Sleep(time.Second)
		deliver()
		if n := strings.Count(log.String(), `"explanation":"host differs: signed for https://pay.example.com/status, checked as https://other.example.com/status"`); n != 2 {
			t.Errorf("explained %d times, want 2: %s", n, log.String())
		}
		if n := strings.Count(log.String(), "status callback refused"); n != 11 {
			t.Errorf("%d refusals logged, want 11", n)
		}
	})
}

// BenchmarkExplain measures an explanation that finds nothing, for a small form and
// for the largest one. An attacker can cause one a second.
func BenchmarkExplain(b *testing.B) {
	for name, f := range map[string]url.Values{"small": charged(), "large": charged("Note", strings.Repeat("x", 60<<10))} {
		b.Run(name, func(b *testing.B) {
			body := f.Encode()
			for b.Loop() {
				r := request("https://pay.example.com/status?"+strings.Repeat("a=1&", 100), formType, body)
				r.Header.Set("X-Twilio-Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
				if e, err := callback.Explain(r, callback.WithAuthTokens(token), ownHosts, callback.WithLogger(slog.New(slog.DiscardHandler))); err != nil || e.Proven {
					b.Fatal(e, err)
				}
			}
		})
	}
}
