package callback_test

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// TestPublicURL: which URL a request is taken to have been sent to.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	proxy := callback.WithPublicURL("https://pay.example.com")
	tests := map[string]struct {
		opts    []callback.Option
		target  string // of the request line
		host    string
		tls     bool
		headers []string
		signed  string // what Twilio knows
		status  int
	}{
		"plain":                          {nil, "/status?a=1", "h", false, nil, "http://h/status?a=1", 204},
		"TLS":                            {nil, "/status", "h", true, nil, "https://h/status", 204},
		"host with port":                 {nil, "/status", "h:8443", true, nil, "https://h:8443/status", 204},
		"TLS ended before":               {nil, "/status", "h", false, nil, "https://h/status", 403},
		"absolute request line":          {nil, "http://h/status?a=1", "h", false, nil, "http://h/status?a=1", 204},
		"absolute request line, no path": {nil, "http://h", "h", false, nil, "http://h", 204},
		"no request line":                {nil, "", "h", false, nil, "http://h/from/url?x=y", 204},
		"forwarded host is not trusted": {nil, "/status", "h", false,
			[]string{"X-Forwarded-Host", "evil", "X-Forwarded-Proto", "https", "Forwarded", "host=evil;proto=https", "X-Original-Host", "evil"}, "https://evil/status", 403},
		"forwarded headers change nothing": {nil, "/status", "h", false,
			[]string{"X-Forwarded-Host", "evil", "X-Forwarded-Proto", "https"}, "http://h/status", 204},
		"proxy":                      {[]callback.Option{proxy}, "/status?a=%2F&b=c+d", "backend:8080", false, nil, "https://pay.example.com/status?a=%2F&b=c+d", 204},
		"proxy, escaped path":        {[]callback.Option{proxy}, "/a%2Fb//c/../status", "backend", false, nil, "https://pay.example.com/a%2Fb//c/../status", 204},
		"proxy, absolute line":       {[]callback.Option{proxy}, "http://backend/status", "backend", false, nil, "https://pay.example.com/status", 204},
		"proxy, own host signed":     {[]callback.Option{proxy}, "/status", "backend", false, nil, "http://backend/status", 403},
		"proxy with slash":           {[]callback.Option{callback.WithPublicURL("https://pay.example.com/")}, "/status", "backend", false, nil, "https://pay.example.com/status", 204},
		"proxy with port and user":   {[]callback.Option{callback.WithPublicURL("https://u:p@pay.example.com:8443")}, "/s", "backend", false, nil, "https://u:p@pay.example.com:8443/s", 204},
		"function":                   {[]callback.Option{fromHeader}, "/inner", "backend", false, []string{"X-Public", "https://pay.example.com/outer?a=1"}, "https://pay.example.com/outer?a=1", 204},
		"function of a wrong header": {[]callback.Option{fromHeader}, "/inner", "backend", false, []string{"X-Public", "https://evil.example/outer"}, "https://pay.example.com/outer", 403},
		"last option counts":         {[]callback.Option{fromHeader, proxy}, "/status", "backend", false, nil, "https://pay.example.com/status", 204},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/from/url?x=y", strings.NewReader(session().Encode()))
			r.RequestURI, r.Host, r.TLS = test.target, test.host, nil
			if test.tls {
				r.TLS = &tls.ConnectionState{}
			}
			for i := 0; i < len(test.headers); i += 2 {
				r.Header.Set(test.headers[i], test.headers[i+1])
			}
			r.Header.Set("Content-Type", formType)
			r.Header.Set("X-Twilio-Signature", callback.Sign(token, test.signed, session()))
			if w := serve(newHandler(t, ignore, test.opts...), r); w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
		})
	}
}

var fromHeader = callback.WithPublicURLFunc(func(r *http.Request) string { return r.Header.Get("X-Public") })

// TestBehindStripPrefix: middleware that changes the path does not change what
// was signed.
func TestBehindStripPrefix(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.StripPrefix("/pay", newHandler(t, ignore)))
	defer server.Close()
	target := server.URL + "/pay/status?a=b"
	r, err := http.NewRequest(http.MethodPost, target, strings.NewReader(session().Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", formType)
	r.Header.Set("X-Twilio-Signature", callback.Sign(token, target, session()))
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 204 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestOptionsRefuse(t *testing.T) {
	tests := map[string][]callback.Option{
		"no token":              {callback.WithAuthTokens()},
		"empty token":           {callback.WithAuthTokens(token, "")},
		"token with line end":   {callback.WithAuthTokens(token + "\n")},
		"no source":             {callback.WithTokenSource(nil)},
		"tokens and source":     {callback.WithAuthTokens(token), callback.WithTokenSource(sourceOf(token))},
		"body limit of zero":    {callback.WithBodyLimit(0)},
		"body limit too high":   {callback.WithBodyLimit(32<<20 + 1)},
		"timeout of zero":       {callback.WithHandlingTimeout(0)},
		"timeout beyond Twilio": {callback.WithHandlingTimeout(15e9 + 1)},
		"no logger":             {callback.WithLogger(nil)},
		"no deduplicator":       {callback.WithDeduplicator(nil)},
		"nil option":            {nil},
		"no public URL":         {callback.WithPublicURL("")},
		"public host alone":     {callback.WithPublicURL("pay.example.com")},
		"public URL with path":  {callback.WithPublicURL("https://pay.example.com/x")},
		"public URL with query": {callback.WithPublicURL("https://pay.example.com?")},
		"public URL with #":     {callback.WithPublicURL("https://pay.example.com#rc=1")},
		"public URL of ftp":     {callback.WithPublicURL("ftp://pay.example.com")},
		"public URL broken":     {callback.WithPublicURL("https://pay.example.com:x%")},
		"no public function":    {callback.WithPublicURLFunc(nil)},
	}
	t.Setenv("TWILIO_AUTH_TOKEN", token)
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			for constructor, err := range map[string]error{"NewHandler": handlerError(opts), "Verify": verifyError(opts)} {
				if err == nil || !strings.HasPrefix(err.Error(), "callback: ") || strings.Contains(err.Error(), token) {
					t.Errorf("%s: error %v", constructor, err)
				}
			}
		})
	}
	t.Run("accepted", func(t *testing.T) {
		opts := []callback.Option{
			callback.WithAuthTokens("a", "b"), callback.WithBodyLimit(1), callback.WithBodyLimit(32 << 20),
			callback.WithHandlingTimeout(15e9), callback.WithHandlingTimeout(1), callback.WithLogger(slog.Default()),
		}
		if err := handlerError(opts); err != nil {
			t.Error(err)
		}
		if err := verifyError(opts); err != nil {
			t.Error(err)
		}
	})
	t.Run("no function", func(t *testing.T) {
		if _, err := callback.NewHandler(nil); err == nil {
			t.Error("accepted")
		}
	})
	t.Run("deduplicator for Verify", func(t *testing.T) {
		if verifyError([]callback.Option{callback.WithDeduplicator(store{})}) == nil {
			t.Error("accepted")
		}
	})
}

func handlerError(opts []callback.Option) error {
	_, err := callback.NewHandler(ignore, opts...)
	return err
}

func verifyError(opts []callback.Option) error {
	_, err := callback.Verify(opts...)
	return err
}
