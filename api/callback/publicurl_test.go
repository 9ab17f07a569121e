package callback_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// TestPublicURL checks which URL a request counts as sent to.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	proxy := callback.WithPublicURL("https://pay.example.com")
	hosts := []callback.Option{callback.WithHosts("h", "h:8443")}
	tests := map[string]struct {
		opts    []callback.Option
		target  string // of the request line
		host    string
		tls     bool
		headers []string
		signed  string // Twilio's URL
		status  int
	}{
		"plain":                          {hosts, "/status?a=1", "h", false, nil, "http://h/status?a=1", 204},
		"TLS":                            {hosts, "/status", "h", true, nil, "https://h/status", 204},
		"host with port":                 {hosts, "/status", "h:8443", true, nil, "https://h:8443/status", 204},
		"TLS ended before":               {hosts, "/status", "h", false, nil, "https://h/status", 403},
		"absolute request line":          {hosts, "http://h/status?a=1", "h", false, nil, "http://h/status?a=1", 204},
		"absolute request line, no path": {hosts, "http://h", "h", false, nil, "http://h", 204},
		"no request line":                {hosts, "", "h", false, nil, "http://h/from/url?x=y", 204},
		"forwarded host is not trusted": {hosts, "/status", "h", false,
			[]string{"X-Forwarded-Host", "evil", "X-Forwarded-Proto", "https", "Forwarded", "host=evil;proto=https", "X-Original-Host", "evil"}, "https://evil/status", 403},
		"forwarded headers change nothing": {hosts, "/status", "h", false,
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

// TestHostMustBeNamed: a delivery was signed for another server of the same account,
// and the sender writes that server's name wherever possible.
func TestHostMustBeNamed(t *testing.T) {
	t.Parallel()
	const other = "http://other.example.com/status"
	named := []callback.Option{callback.WithHosts("pay.example.com", "Pay.Example.com:8443", "[2001:db8::1]:81", "10.0.0.7")}
	tests := map[string]struct {
		opts         []callback.Option
		target, host string // of the request on the connection
		tls          bool
		signed       string
		status       int
	}{
		"host of another":             {nil, "/status", "other.example.com", false, other, 403},
		"target of another":           {nil, other, "localhost", false, other, 403},
		"target and host of another":  {nil, other, "other.example.com", false, other, 403},
		"host of another, named":      {named, "/status", "other.example.com", false, other, 403},
		"target of another, named":    {named, other, "pay.example.com", false, other, 403},
		"target without a slash":      {named, "x:.au/status", "pay.example.com", false, "http://pay.example.com.au/status", 403},
		"target with a port":          {[]callback.Option{callback.WithPublicURL("https://pay.example.com")}, "x::8443/status", "backend", false, "https://pay.example.com:8443/status", 403},
		"target with an at sign":      {nil, "x:@other.example.com/status", "localhost", false, "http://localhost@other.example.com/status", 403},
		"like a named one":            {named, "/status", "pay.example.com.other.example.com", false, "http://pay.example.com.other.example.com/status", 403},
		"user info before another":    {named, "/status", "pay.example.com@other.example.com", false, "http://pay.example.com@other.example.com/status", 403},
		"loopback before another":     {nil, "/status", "localhost:80@other.example.com", false, "http://localhost:80@other.example.com/status", 403},
		"like a loopback name":        {nil, "/status", "localhost.example.com", false, "http://localhost.example.com/status", 403},
		"like a loopback address":     {nil, "/status", "127.0.0.1.example.com", false, "http://127.0.0.1.example.com/status", 403},
		"no host":                     {nil, "/status", "", false, "http:///status", 403},
		"another port":                {named, "/status", "pay.example.com:9999", false, "http://pay.example.com:9999/status", 403},
		"address that is not named":   {named, "/status", "10.0.0.8", false, "http://10.0.0.8/status", 403},
		"private address":             {nil, "/status", "10.0.0.7", false, "http://10.0.0.7/status", 403},
		"named":                       {named, "/status", "pay.example.com", false, "http://pay.example.com/status", 204},
		"named, over TLS":             {named, "/status", "pay.example.com", true, "https://pay.example.com/status", 204},
		"named, in capitals":          {named, "/status", "PAY.example.com", false, "http://PAY.example.com/status", 204},
		"named, with a port":          {named, "/status", "pay.example.com:8443", true, "https://pay.example.com:8443/status", 204},
		"named, default port http":    {named, "/status", "pay.example.com:80", false, "http://pay.example.com/status", 204},
		"named, default port https":   {named, "/status", "pay.example.com:443", true, "https://pay.example.com/status", 204},
		"named, port of the other":    {named, "/status", "pay.example.com:443", false, "http://pay.example.com:443/status", 403},
		"named address":               {named, "/status", "10.0.0.7", false, "http://10.0.0.7/status", 204},
		"named IPv6 address":          {named, "/status", "[2001:db8::1]:81", false, "http://[2001:db8::1]:81/status", 204},
		"named in the target":         {named, "http://pay.example.com/status", "other.example.com", false, "http://pay.example.com/status", 204},
		"loopback name":               {nil, "/status", "localhost:8080", false, "http://localhost:8080/status", 204},
		"loopback name, capitals":     {nil, "/status", "LocalHost", false, "http://LocalHost/status", 204},
		"loopback address":            {nil, "/status", "127.0.0.1:8080", false, "http://127.0.0.1:8080/status", 204},
		"loopback IPv6 address":       {nil, "/status", "[::1]:8080", false, "http://[::1]:8080/status", 204},
		"loopback and named hosts":    {named, "/status", "localhost:8080", false, "http://localhost:8080/status", 204},
		"public URL, host of another": {[]callback.Option{callback.WithPublicURL("https://pay.example.com")}, other, "other.example.com", false, other, 403},
		"named after a public URL":    {append([]callback.Option{callback.WithPublicURL("https://x.example.com")}, named...), "/status", "pay.example.com", false, "http://pay.example.com/status", 204},
		"public URL after names":      {append(named[:1:1], callback.WithPublicURL("https://x.example.com")), "/status", "backend", false, "https://x.example.com/status", 204},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := session().Encode()
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(fmt.Sprintf(
				"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nX-Twilio-Signature: %s\r\nContent-Length: %d\r\n\r\n%s",
				test.target, test.host, formType, callback.Sign(token, test.signed, session()), len(body), body))))
			if err != nil {
				t.Fatal(err)
			}
			if test.tls {
				r.TLS = &tls.ConnectionState{}
			}
			opts := append([]callback.Option{callback.WithAuthTokens(token)}, test.opts...)
			var log logBuffer
			h, err := callback.NewHandler(ignore, append(opts, withLog(&log))...)
			if err != nil {
				t.Fatal(err)
			}
			verify, err := callback.Verify(append(opts, withLog(&log))...)
			if err != nil {
				t.Fatal(err)
			}
			again := r.Clone(t.Context())
			again.Body = io.NopCloser(strings.NewReader(body))
			if w := serve(h, r); w.Code != test.status {
				t.Errorf("status %d, want %d: %s", w.Code, test.status, &log)
			}
			if w := serve(verify(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })), again); w.Code != test.status {
				t.Errorf("Verify: status %d, want %d: %s", w.Code, test.status, &log)
			}
		})
	}
}

var fromHeader = callback.WithPublicURLFunc(func(r *http.Request) string { return r.Header.Get("X-Public") })

// TestBehindStripPrefix: middleware that changes the path does not change the
// verified URL.
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
		t.Errorf("status %d, want 204", resp.StatusCode)
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
		"public host only":      {callback.WithPublicURL("pay.example.com")},
		"public URL with path":  {callback.WithPublicURL("https://pay.example.com/x")},
		"public URL with query": {callback.WithPublicURL("https://pay.example.com?")},
		"public URL with #":     {callback.WithPublicURL("https://pay.example.com#rc=1")},
		"public URL of ftp":     {callback.WithPublicURL("ftp://pay.example.com")},
		"public URL broken":     {callback.WithPublicURL("https://pay.example.com:x%")},
		"no public function":    {callback.WithPublicURLFunc(nil)},
		"no hosts":              {callback.WithHosts()},
		"empty host":            {callback.WithHosts("pay.example.com", "")},
		"host with a scheme":    {callback.WithHosts("https://pay.example.com")},
		"host with a path":      {callback.WithHosts("pay.example.com/")},
		"host with user info":   {callback.WithHosts("u:p@pay.example.com")},
		"host with a wild card": {callback.WithHosts("*.example.com")},
		"host without its port": {callback.WithHosts("pay.example.com:")},
		"only a port":           {callback.WithHosts(":8080")},
		"two hosts in one":      {callback.WithHosts("a.example.com,b.example.com")},
		"host with a space":     {callback.WithHosts("pay.example.com ")},
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
