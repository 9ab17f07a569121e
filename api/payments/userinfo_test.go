package payments_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// TestUserInfoIsNotShown compares the redaction of user info with a regular
// expression: it is removed anywhere in a text, and nothing else is.
func TestUserInfoIsNotShown(t *testing.T) {
	t.Parallel()
	userInfo := regexp.MustCompile(`//[^/@\s"]+@`)
	var body []byte
	client := newClient(t, "https://api.example.com", payments.WithHTTPClient(&http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusBadRequest, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
		}),
	}))
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{"//", "///", "/", "@", "a@", "a:é@", "b", " ", "\"", "\t"}), 1, 12).Draw(rt, "parts")
		message := "x" + strings.Join(parts, "")
		body, _ = json.Marshal(map[string]any{"code": 64020, "message": message})
		_, err := client.Create(context.Background(), callSID, payments.CreateParams{StatusCallback: callback})
		if got, want := failure(t, err).Message, userInfo.ReplaceAllString(message, "//[redacted]@"); got != want {
			rt.Fatalf("%q is shown as %q, want %q", message, got, want)
		}
	})
}
