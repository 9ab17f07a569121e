package callback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

const (
	token      = "f1e2d3c4b5a69788796a5b4c3d2e1f00"
	statusURL  = "https://pay.example.com/status?order=42"
	accountSID = "AC0123456789abcdef0123456789abcdef"
	callSID    = "CA0123456789abcdef0123456789abcdef"
	sessionSID = "PK0123456789abcdef0123456789abcdef"
	formType   = "application/x-www-form-urlencoded"
)

// form returns a form of the given keys and values.
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

// session returns a form with the parameters of every callback, and more.
func session(pairs ...string) url.Values {
	f := form("AccountSid", accountSID, "CallSid", callSID, "Sid", sessionSID)
	maps.Copy(f, form(pairs...))
	return f
}

// charged returns a completed charge, like the captured payloads.
func charged(more ...string) url.Values {
	f := session("Result", "success", "PaymentMethod", "credit-card", "PaymentCardType", "visa",
		"PaymentCardNumber", "xxxxxxxxxxxx1111", "ExpirationDate", "1225", "SecurityCode", "xxx",
		"PaymentConfirmationCode", "ch_a9dc6297", "PaymentToken", "", "ProfileId", "",
		"DateUpdated", "2021-08-10T03:58:27.290Z")
	maps.Copy(f, form(more...))
	return f
}

// request returns an unsigned POST of a body to a URL.
func request(rawURL, contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, rawURL, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

// signed returns a delivery of f to statusURL, signed as Twilio does.
func signed(f url.Values) *http.Request {
	r := request(statusURL, formType, f.Encode())
	r.Header.Set("X-Twilio-Signature", callback.Sign(token, statusURL, f))
	return r
}

// withKey sets the unsigned idempotency token of a delivery.
func withKey(r *http.Request, key string) *http.Request {
	r.Header.Set("I-Twilio-Idempotency-Token", key)
	return r
}

// serve returns a handler's response.
func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// newHandler returns a handler with the tests' token and no log.
func newHandler(t testing.TB, f func(context.Context, callback.Event) error, opts ...callback.Option) *callback.Handler {
	t.Helper()
	h, err := callback.NewHandler(f, append([]callback.Option{
		callback.WithAuthTokens(token), callback.WithLogger(slog.New(slog.DiscardHandler)), ownHosts,
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// newVerify returns middleware with the tests' token and no log.
func newVerify(t testing.TB, opts ...callback.Option) func(http.Handler) http.Handler {
	t.Helper()
	verify, err := callback.Verify(append([]callback.Option{
		callback.WithAuthTokens(token), callback.WithLogger(slog.New(slog.DiscardHandler)), ownHosts,
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return verify
}

// ownHosts names the tests' hosts.
var ownHosts = callback.WithHosts("pay.example.com", "voice.example.com")

func ignore(context.Context, callback.Event) error { return nil }

// parse returns the event of a form.
func parse(t testing.TB, f url.Values) callback.Event {
	t.Helper()
	e, err := callback.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// logBuffer is a log that goroutines may share.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// withLog returns an option that logs everything to l.
func withLog(l *logBuffer) callback.Option {
	return callback.WithLogger(slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})))
}

// readJSON reads a file of test data.
func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}
