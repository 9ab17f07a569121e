package callback_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// TestLog checks every logged field for each kind of delivery.
func TestLog(t *testing.T) {
	t.Parallel()
	event := map[string]any{"kind": "completed", "account": accountSID, "call": callSID, "session": sessionSID,
		"method": "credit-card", "result": "success"}
	fails := func(err error) func(context.Context, callback.Event) error {
		return func(context.Context, callback.Event) error { return err }
	}
	secret := "https://user:pass@pay.example.com:8443/status?key=SECRET"
	tests := map[string]struct {
		handle  func(context.Context, callback.Event) error
		request *http.Request
		opts    []callback.Option
		want    map[string]any
	}{
		"handled": {ignore, signed(charged()), nil,
			map[string]any{"level": "DEBUG", "msg": "status callback handled", "status": 204.0, "event": event}},
		"failed": {fails(errors.New("disk full")), signed(charged()), nil,
			map[string]any{"level": "ERROR", "msg": "status callback failed", "status": 500.0, "error": "disk full", "event": event}},
		"forged": {ignore, request(statusURL, formType, charged().Encode()), nil,
			map[string]any{"level": "WARN", "msg": "status callback refused", "status": 403.0, "error": "X-Twilio-Signature is missing or malformed"}},
		"wrong URL": {ignore, signed(charged()), []callback.Option{callback.WithPublicURLFunc(func(*http.Request) string { return secret })},
			map[string]any{"level": "WARN", "msg": "status callback refused", "status": 403.0, "url": "https://pay.example.com:8443/status",
				"error":       "signature does not match the URL and body with any auth token; behind a proxy, check WithPublicURL",
				"explanation": "host, query differ: signed for https://pay.example.com/status, checked as https://pay.example.com:8443/status (query: it is the one received)"}},
		"wrong type": {ignore, request(statusURL, "text/plain", "SECRET"), nil,
			map[string]any{"level": "WARN", "msg": "status callback refused", "status": 415.0, "error": "content type is not application/x-www-form-urlencoded"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logBuffer
			serve(newHandler(t, test.handle, append(test.opts, withLog(&log))...), test.request)
			if diff := cmp.Diff(test.want, entry(t, log.String())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestLogOfALongURL: the sender chooses the path, but cannot fill the log with it.
func TestLogOfALongURL(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"long": strings.Repeat("a", 60_000), "of escapes": strings.Repeat("%0a", 1000), "not printable": "\u202e\x1b[31m\n\u00a0x"} {
		var log logBuffer
		r := signed(charged())
		r.Header.Set("X-Twilio-Signature", callback.Sign("another token", statusURL, charged()))
		serve(newHandler(t, ignore, withLog(&log), callback.WithPublicURLFunc(func(*http.Request) string { return "https://pay.example.com/" + path })), r)
		got := entry(t, log.String())
		url, _ := got["url"].(string)
		if len(url) > 300 || len(log.String()) > 2000 || got["explanation"] == nil || strings.ContainsAny(url, "\u202e\x1b\n\u00a0") || !strings.HasPrefix(url, "https://pay.example.com/") {
			t.Errorf("%s: %d bytes, url %q", name, len(log.String()), url)
		}
	}
}

func TestLogOfARepeatedDelivery(t *testing.T) {
	t.Parallel()
	var log logBuffer
	h := newHandler(t, ignore, withLog(&log))
	serve(h, signed(session()))
	serve(h, signed(session()))
	if lines := strings.Split(log.String(), "\n"); len(lines) != 3 || !strings.Contains(lines[1], `"status callback was handled before","status":204`) {
		t.Errorf("log: %s", &log)
	}
}

func TestLogOfVerify(t *testing.T) {
	t.Parallel()
	var log logBuffer
	serve(newVerify(t, withLog(&log))(http.NotFoundHandler()), request(statusURL, formType, "SECRET=1"))
	want := map[string]any{"level": "WARN", "msg": "status callback refused", "status": 403.0, "error": "X-Twilio-Signature is missing or malformed"}
	if diff := cmp.Diff(want, entry(t, log.String())); diff != "" {
		t.Error(diff)
	}
}

// TestHandlerHidesItsTokens: printing a handler shows no token.
func TestHandlerHidesItsTokens(t *testing.T) {
	t.Parallel()
	h := newHandler(t, ignore)
	serve(h, signed(session())) // so that its keys have been used
	type holder struct{ h *callback.Handler }
	for _, verb := range verbs {
		for _, v := range []any{h, holder{h}, struct{ H *callback.Handler }{h}} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, token) || strings.Contains(text, fmt.Sprintf("%x", token)) {
				t.Errorf("%s shows the token: %s", verb, text)
			}
		}
	}
}

// entry returns the single line of a log, without time and duration.
func entry(t *testing.T, line string) map[string]any {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if _, ok := got["duration"].(float64); !ok {
		t.Errorf("no duration: %v", got)
	}
	delete(got, "time")
	delete(got, "duration")
	return got
}
