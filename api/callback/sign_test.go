package callback_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/internal/testvectors"
)

// signatureCase is one case of testdata/signatures.json, which
// testdata/signatures.py computes independently of this module. AsWritten means
// that exactly this URL is signed.
type signatureCase struct {
	Name      string     `json:"name"`
	URL       string     `json:"url"`
	Token     string     `json:"token"`
	Params    url.Values `json:"params"`
	Body      *string    `json:"body"`
	Signature string     `json:"signature"`
	Valid     bool       `json:"valid"`
	AsWritten bool       `json:"as_written"`
}

// verifies reports whether the middleware accepts the case.
func (c signatureCase) verifies(t *testing.T) bool {
	t.Helper()
	contentType, body := formType, c.Params.Encode()
	if c.Body != nil {
		body = *c.Body
	}
	if c.Params == nil {
		contentType = "application/json"
	}
	r := request("http://backend.internal/any", contentType, body)
	r.Header.Set("X-Twilio-Signature", c.Signature)
	verify := newVerify(t, callback.WithAuthTokens(c.Token),
		callback.WithPublicURLFunc(func(*http.Request) string { return c.URL }))
	passed := false
	w := serve(verify(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true })), r)
	if passed != (w.Code == http.StatusOK) || !passed && w.Code != http.StatusForbidden {
		t.Errorf("called the handler: %v, with status %d", passed, w.Code)
	}
	return passed
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	var cases []signatureCase
	readJSON(t, "testdata/signatures.json", &cases)
	if len(cases) < 50 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if got := c.verifies(t); got != c.Valid {
				t.Errorf("%s verifies: %v, want %v", c.Signature, got, c.Valid)
			}
		})
	}
}

// TestSignaturesOfOtherSDKs uses the cases of other SDKs' own tests.
func TestSignaturesOfOtherSDKs(t *testing.T) {
	t.Parallel()
	for _, v := range testvectors.Signatures() {
		if v.Name == "mixed_case_host_port_lowercase_signature" {
			v.Valid = true // refused by the library for C#, accepted by the one for Node.js
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			c := signatureCase{Name: v.Name, URL: v.URL, Token: v.Token, Params: v.Params, Body: v.Body, Signature: v.Signature}
			if got := c.verifies(t); got != v.Valid {
				t.Errorf("%s verifies: %v, want %v", c.Signature, got, v.Valid)
			}
		})
	}
}

// TestSign compares Sign with every independently computed signature that follows
// Twilio's own rule.
func TestSign(t *testing.T) {
	t.Parallel()
	var cases []signatureCase
	readJSON(t, "testdata/signatures.json", &cases)
	normalized := map[string]bool{ // signed as Twilio does, though not as written
		"apostrophe in query, signed escaped": true,
		"fragment is not signed":              true,
	}
	checked := 0
	for _, c := range cases {
		if !c.Valid || !c.AsWritten && !normalized[c.Name] || c.Name == "apostrophe in query, signed as written" {
			continue
		}
		checked++
		if got := callback.Sign(c.Token, c.URL, c.Params); got != c.Signature {
			t.Errorf("%s: Sign gives %s, want %s", c.Name, got, c.Signature)
		}
	}
	if checked < 20 {
		t.Errorf("only %d cases checked", checked)
	}
}

func TestSignDoesNotChangeTheForm(t *testing.T) {
	t.Parallel()
	f := url.Values{"Digits": {"5678", "1234", "1234"}}
	callback.Sign(token, statusURL, f)
	if got := fmt.Sprint(f); got != "map[Digits:[5678 1234 1234]]" {
		t.Errorf("form is now %s, want map[Digits:[5678 1234 1234]]", got)
	}
}

func ExampleSign() {
	form := url.Values{"Sid": {"PK0123456789abcdef0123456789abcdef"}, "Result": {"success"}}
	fmt.Println(callback.Sign("0123456789abcdef0123456789abcdef", "https://pay.example.com/status", form))
	// Output: tZJPgCa01c7ATBb3XJoN22hOj6A=
}
