package callback_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

const voiceURL = "https://voice.example.com/incoming?lang=en"

var longURL = voiceURL + "&x=" + strings.Repeat("x", 64<<10)

func TestVerifyAccepts(t *testing.T) {
	t.Parallel()
	json := `{"type":"com.twilio.something"}`
	sum := sha256.Sum256([]byte(json))
	jsonURL := voiceURL + "&bodySHA256=" + hex.EncodeToString(sum[:])
	escapedURL := voiceURL + "&%62odySHA256=" + hex.EncodeToString(sum[:])
	f := form("CallSid", callSID, "From", "+14158675309", "Text", "a;b")
	tests := map[string]struct {
		request *http.Request
		body    string
	}{
		"form":                {signedBy(voiceURL, request(voiceURL, formType, f.Encode()), f), f.Encode()},
		"form, not escaped":   {signedBy(voiceURL, request(voiceURL, formType, "Text=a;b"), form("Text", "a;b")), "Text=a;b"},
		"GET":                 {signedBy(voiceURL, httptest.NewRequest(http.MethodGet, voiceURL, nil), nil), ""},
		"HEAD":                {signedBy(voiceURL, httptest.NewRequest(http.MethodHead, voiceURL, nil), nil), ""},
		"empty POST":          {signedBy(voiceURL, httptest.NewRequest(http.MethodPost, voiceURL, nil), nil), ""},
		"JSON":                {signedBy(jsonURL, request(jsonURL, "application/json", json), nil), json},
		"JSON, hash escaped":  {signedBy(jsonURL, request(escapedURL, "application/json", json), nil), json},
		"JSON without a type": {signedBy(jsonURL, request(jsonURL, "", json), nil), json},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var body string
			var called bool
			next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				called = true
				read, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				body = string(read)
				w.WriteHeader(http.StatusTeapot)
			})
			w := serve(newVerify(t)(next), test.request)
			if w.Code != http.StatusTeapot || !called || body != test.body {
				t.Errorf("status %d, body %q, want %q", w.Code, body, test.body)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	f := form("CallSid", callSID)
	json := `{"type":"com.twilio.something"}`
	sum := sha256.Sum256([]byte(json))
	jsonURL := voiceURL + "&bodySHA256=" + hex.EncodeToString(sum[:])
	escapedURL := voiceURL + "&%62odySHA256=" + hex.EncodeToString(sum[:])
	tests := map[string]struct {
		request *http.Request
		status  int
	}{
		"unsigned":                   {request(voiceURL, formType, f.Encode()), 403},
		"unsigned GET":               {httptest.NewRequest(http.MethodGet, voiceURL, nil), 403},
		"GET, query changed":         {signedBy(voiceURL, httptest.NewRequest(http.MethodGet, voiceURL+"&admin=1", nil), nil), 403},
		"GET with a body":            {signedBy(voiceURL, httptest.NewRequest(http.MethodGet, voiceURL, strings.NewReader("x")), nil), 403},
		"form changed":               {signedBy(voiceURL, request(voiceURL, formType, "CallSid=CA2"), f), 403},
		"JSON without a hash":        {signedBy(voiceURL, request(voiceURL, "application/json", "{}"), nil), 403},
		"JSON removed":               {signedBy(jsonURL, request(jsonURL, "application/json", ""), nil), 403},
		"JSON removed, hash escaped": {signedBy(jsonURL, request(escapedURL, "application/json", ""), nil), 403},
		"form with another type":     {signedBy(voiceURL, request(voiceURL, "text/plain", f.Encode()), f), 403},
		"broken escape":              {signedBy(voiceURL, request(voiceURL, formType, "a=%"), nil), 400},
		"JSON with a form's type":    {signedBy(jsonURL, request(jsonURL, formType, json), nil), 403},
		"URL too long":               {signedBy(longURL, httptest.NewRequest(http.MethodGet, longURL, nil), nil), 413},
		"too long":                   {signedBy(voiceURL, request(voiceURL, formType, strings.Repeat("a", 65537)), nil), 413},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
			if w := serve(newVerify(t)(next), test.request); w.Code != test.status || w.Body.Len() != 0 {
				t.Errorf("response %d %q, want an empty %d", w.Code, w.Body, test.status)
			}
		})
	}
}

// TestVerifiedForm: the handler reads the signed form, even if net/http would parse
// the body differently.
func TestVerifiedForm(t *testing.T) {
	t.Parallel()
	f := form("Text", "a;b", "Digits", "2", "Digits", "1")
	r := signedBy(voiceURL, request(voiceURL, formType, "Text=a;b&Digits=2&Digits=1"), f)
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(f, r.PostForm); diff != "" {
			t.Error(diff)
		}
		if r.Form.Get("lang") != "en" || r.Form.Get("Text") != "a;b" {
			t.Errorf("Form is %v", r.Form)
		}
	})
	if w := serve(newVerify(t)(next), r); w.Code != http.StatusOK {
		t.Errorf("status %d, want %d", w.Code, http.StatusOK)
	}
}

// TestVerifiedURL: the handler reads the signed URL, even if net/http would read
// less or more from the one received.
func TestVerifiedURL(t *testing.T) {
	t.Parallel()
	for received, test := range map[string]struct{ signed, path, a string }{
		"/in?a=1;b":                  {"/in?a=1%3Bb", "/in", "1;b"},
		"/in?a=%zz":                  {"/in?a=%25zz", "/in", "%zz"},
		"/in?a=jane@x":               {"/in?a=jane%40x", "/in", "jane@x"},
		"/in?a=x+y":                  {"/in?a=x%20y", "/in", "x y"},
		"/admin/../in?a=1":           {"/in?a=1", "/in", "1"},
		"/admin/%2e%2e/in?a=1":       {"/in?a=1", "/in", "1"},
		`/admin\..\in?a=1`:           {"/in?a=1", "/in", "1"},
		"/admin/../in?a=1&b=O'Hara":  {"/in?a=1&b=O%27Hara", "/in", "1"},
		"/a|b?a=1":                   {"/a|b?a=1", "/a|b", "1"},
		"/admin/../in?a=as+received": {"/admin/../in?a=as+received", "/admin/../in", "as received"},
		"/caf%c3%a9/?a=also+escaped": {"/caf%c3%a9/?a=also+escaped", "/café/", "also escaped"},
	} {
		t.Run(received, func(t *testing.T) {
			t.Parallel()
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + received + " HTTP/1.1\r\nHost: localhost\r\n\r\n")))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Twilio-Signature", callback.Sign(token, "http://localhost"+test.signed, nil))
			next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path != test.path || r.FormValue("a") != test.a || r.RequestURI != received {
					t.Errorf("path %s (want %s), a=%s (want %s), target %s, want %s", r.URL.Path, test.path, r.FormValue("a"), test.a, r.RequestURI, received)
				}
			})
			if w := serve(newVerify(t)(next), r); w.Code != http.StatusOK {
				t.Errorf("status %d, want %d", w.Code, http.StatusOK)
			}
		})
	}
}

// TestBodySHA256DoesNotCoverForms: the text of a recorded delivery contains a hash,
// such as that of a message by a stranger. The attacker moves its parameters into
// the query and sends another form as the body.
func TestBodySHA256DoesNotCoverForms(t *testing.T) {
	t.Parallel()
	const forged = "Digits=1&Result=success"
	sum := sha256.Sum256([]byte(forged))
	recorded := form("AccountSid", accountSID, "Body", "&bodySHA256="+hex.EncodeToString(sum[:])+"&", "From", "+14158675309")
	moved := voiceURL + "AccountSid" + accountSID + "Body" + recorded.Get("Body") + "From" + recorded.Get("From")
	if callback.Sign(token, moved, nil) != callback.Sign(token, voiceURL, recorded) {
		t.Fatal("the recorded delivery and the forgery have different signed texts")
	}
	multipart := "--b\r\nContent-Disposition: form-data; name=\"Digits\"\r\n\r\n1\r\n--b--\r\n"
	part := sha256.Sum256([]byte(multipart))
	partURL := voiceURL + "&bodySHA256=" + hex.EncodeToString(part[:])
	for name, test := range map[string]struct {
		url, contentType, body string
		status                 int
	}{
		"a form":                    {moved, formType, forged, 403},
		"a form with a charset":     {moved, formType + "; charset=UTF-8", forged, 403},
		"a form, unusual spelling":  {moved, " Application/X-WWW-FORM-urlencoded ; a", forged, 403},
		"a multipart form":          {partURL, "multipart/form-data; boundary=b", multipart, 403},
		"multipart/mixed":           {partURL, "Multipart/Mixed; boundary=b", multipart, 403},
		"as JSON, parsed as a form": {moved, "application/json", forged, 200},
		"as text, parsed as a form": {moved, "text/plain", forged, 200},
		"no type, parsed as a form": {moved, "", forged, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				r.Header.Set("Content-Type", formType) // like lenient middleware
				if got := r.PostFormValue("Digits") + r.FormValue("Result"); got != "" || len(r.PostForm) != 0 {
					t.Errorf("an unsigned form was read: %v", r.PostForm)
				}
			})
			r := request(test.url, test.contentType, test.body)
			r.Header.Set("X-Twilio-Signature", callback.Sign(token, test.url, nil))
			if w := serve(newVerify(t)(next), r); w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
		})
	}
	moved = strings.Replace(moved, "https://voice", "https://pay", 1)
	r := signedBy(moved, request(moved, formType, session("Result", "success").Encode()), nil)
	if w := serve(newHandler(t, ignore), r); w.Code != 403 {
		t.Errorf("NewHandler: status %d, want 403", w.Code)
	}
}

// TestVerifyAfterTheBodyWasRead: a body that was already read cannot be checked.
func TestVerifyAfterTheBodyWasRead(t *testing.T) {
	t.Parallel()
	const parts = "--b\r\nContent-Disposition: form-data; name=\"Digits\"\r\n\r\n1\r\n--b--\r\n"
	tests := map[string]struct {
		contentType, body string
		before            func(*http.Request)
		status            int
	}{
		"JSON":                      {"application/json", `{"a":1}`, readAll, 403},
		"JSON, length not known":    {"application/json", `{"a":1}`, func(r *http.Request) { readAll(unsized(r)) }, 403},
		"multipart":                 {"multipart/form-data; boundary=b", parts, func(r *http.Request) { _ = r.ParseMultipartForm(1 << 20) }, 403},
		"multipart, by value":       {"multipart/form-data; boundary=b", parts, func(r *http.Request) { r.FormValue("Digits") }, 403},
		"form, read raw":            {formType, "Digits=1", readAll, 403},
		"form, read raw and parsed": {formType, "Digits=1", func(r *http.Request) { readAll(r); _ = r.ParseForm() }, 403},
		"form, closed":              {formType, "Digits=1", func(r *http.Request) { r.Body = http.NoBody }, 403},
		"no Content-Length":         {"", "", readAll, 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if test.status != 200 {
					t.Error("the handler was called")
				}
			})
			r := request(voiceURL, test.contentType, test.body)
			r.Header.Set("X-Twilio-Signature", callback.Sign(token, voiceURL, nil)) // as for a request without a body
			test.before(r)
			var log logBuffer
			if w := serve(newVerify(t, withLog(&log))(next), r); w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if strings.Contains(log.String(), "body was read before") != (test.status == 403) {
				t.Errorf("log: %s", &log)
			}
		})
	}
}

func readAll(r *http.Request) { _, _ = io.ReadAll(r.Body) }

// TestVerifyReplacesUnsignedForms: a form that was parsed before Verify is replaced
// by the signed one.
func TestVerifyReplacesUnsignedForms(t *testing.T) {
	t.Parallel()
	f := form("Digits", "1")
	r := signedBy(voiceURL, request(voiceURL, formType, f.Encode()), f)
	r.PostForm, r.Form = form("Digits", "9"), form("Digits", "9")
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.PostForm.Get("Digits") != "1" || r.Form.Get("Digits") != "1" || r.Form.Get("lang") != "en" {
			t.Errorf("PostForm %v, Form %v", r.PostForm, r.Form)
		}
	})
	if w := serve(newVerify(t)(next), r); w.Code != 200 {
		t.Errorf("status %d, want 200", w.Code)
	}
}

// TestVerifyBeforeHandler: a handler can verify a request that Verify has checked.
func TestVerifyBeforeHandler(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(*http.Request){
		"fresh":     func(*http.Request) {},
		"form read": func(r *http.Request) { _ = r.ParseForm() },
	} {
		r := signed(charged())
		before(r)
		verify := newVerify(t)
		if w := serve(verify(verify(newHandler(t, ignore))), r); w.Code != 204 {
			t.Errorf("%s: status %d, want 204", name, w.Code)
		}
	}
}

// TestVerifyDoesNotChangeTheRequest: the next handler gets a copy of the request.
func TestVerifyDoesNotChangeTheRequest(t *testing.T) {
	t.Parallel()
	r := signed(charged())
	body := r.Body
	serve(newVerify(t)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})), r)
	if r.Body != body || r.PostForm != nil {
		t.Error("the caller's request was changed")
	}
}

func signedBy(rawURL string, r *http.Request, f map[string][]string) *http.Request {
	r.Header.Set("X-Twilio-Signature", callback.Sign(token, rawURL, f))
	return r
}
