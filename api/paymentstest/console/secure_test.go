package console_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// TestAccess sends the requests of programs, of pages in the developer's browser,
// and of a rebound DNS name.
func TestAccess(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		opts    []console.Option
		host    string
		origin  string
		site    string
		mode    string
		noToken bool
		token   string
		read    int // GET snapshot
		command int // POST calls
		page    int // GET /
	}{
		{name: "a program", read: 200, command: 201, page: 200},
		{name: "without a token", noToken: true, read: 401, command: 401, page: 200},
		{name: "with another token", token: "abcdefghijklmnop", read: 401, command: 401, page: 200},
		{name: "the page itself", site: "same-origin", read: 200, command: 201, page: 200},
		{name: "a typed address", site: "none", mode: "navigate", read: 200, command: 201, page: 200},
		{name: "by name", host: "localhost:1", read: 200, command: 201, page: 200},
		{name: "by IPv6", host: "[::1]:1", read: 200, command: 201, page: 200},
		{name: "rebound name", host: "evil.example:80", read: 421, command: 421, page: 421},
		{name: "name with an allowed prefix", host: "localhost.evil.example", read: 421, command: 421, page: 421},
		{name: "name with an allowed suffix", host: "evil.localhost", read: 421, command: 421, page: 421},
		{name: "address of another machine", host: "192.0.2.1:80", read: 421, command: 421, page: 421},
		{name: "named host", opts: []console.Option{console.WithHosts("Host.Docker.Internal")}, host: "host.docker.internal:4010", read: 200, command: 201, page: 200},
		{
			name: "remote client", opts: []console.Option{console.AllowRemoteClients(), console.WithToken("a-token-of-my-choice")},
			host: "192.0.2.1:80", read: 200, command: 201, page: 200,
		},
		{
			name: "remote console, rebound name", opts: []console.Option{console.AllowRemoteClients(), console.WithToken("a-token-of-my-choice")},
			host: "evil.example", read: 421, command: 421, page: 421,
		},
		{name: "script of another site", site: "cross-site", mode: "no-cors", read: 403, command: 403, page: 403},
		{name: "script of another port", site: "same-site", mode: "cors", read: 403, command: 403, page: 403},
		{name: "a link on another site", site: "cross-site", mode: "navigate", read: 403, command: 403, page: 200},
		{name: "form of an old browser", origin: "https://evil.example", read: 200, command: 403, page: 200},
		{name: "form of a file", origin: "null", read: 200, command: 403, page: 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, tt.opts...)
			change := func(r *http.Request) {
				if tt.host != "" {
					r.Host = tt.host
				}
				for name, value := range map[string]string{"Origin": tt.origin, "Sec-Fetch-Site": tt.site, "Sec-Fetch-Mode": tt.mode} {
					if value != "" {
						r.Header.Set(name, value)
					}
				}
				switch {
				case tt.noToken:
					r.Header.Del("Authorization")
				case tt.token != "":
					r.Header.Set("Authorization", "Bearer "+tt.token)
				}
			}
			if a := d.do(t, http.MethodGet, "/console-api/snapshot", nil, change); a.status != tt.read {
				t.Errorf("read: status %d, want %d: %.200s", a.status, tt.read, a.body)
			}
			if a := d.do(t, http.MethodPost, "/console-api/calls", strings.NewReader("{}"), change); a.status != tt.command {
				t.Errorf("command: status %d, want %d: %.200s", a.status, tt.command, a.body)
			}
			if a := d.do(t, http.MethodGet, "/", nil, change); a.status != tt.page {
				t.Errorf("page: status %d, want %d: %.200s", a.status, tt.page, a.body)
			}
		})
	}
}

// TestOnlyJSONIsACommand: media types that an HTML form can send without a CORS
// preflight are refused whatever the origin.
func TestOnlyJSONIsACommand(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for kind, want := range map[string]int{
		"application/json": 201, "application/json; charset=utf-8": 201, "text/plain": 415, "application/x-www-form-urlencoded": 415,
		"multipart/form-data; boundary=x": 415, "": 415, "application/jsonp": 415,
	} {
		a := d.do(t, http.MethodPost, "/console-api/calls", strings.NewReader("{}"), func(r *http.Request) { r.Header.Set("Content-Type", kind) })
		if a.status != want {
			t.Errorf("%q: status %d, want %d", kind, a.status, want)
		}
	}
}

// TestCookie: the cookie opens the API as the token does, works for this console
// only, and does not reveal the token.
func TestCookie(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t)
	page, err := console.New(srv)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(page.Close)
	mux := http.NewServeMux()
	mux.Handle("/deep/console", http.StripPrefix("/deep/console", page))
	mux.Handle("/deep/console/", http.StripPrefix("/deep/console", page))
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	d := &desk{srv, page, web.URL + "/deep/console", web.Client()}
	noToken := func(r *http.Request) { r.Header.Del("Authorization") }
	if a := noSlash(t, d); a != web.URL+"/deep/console/" {
		t.Errorf("without its slash the prefix leads to %s", a)
	}
	opened := d.do(t, http.MethodPost, "/console-api/session", strings.NewReader(`{"token":"`+page.Token()+`"}`), noToken)
	cookies := (&http.Response{Header: opened.header}).Cookies()
	if opened.status != 204 || len(cookies) != 1 {
		t.Fatalf("status %d, want 204; cookies %v", opened.status, cookies)
	}
	c := cookies[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/deep/console/console-api/" || c.Domain != "" {
		t.Errorf("cookie %v, want HttpOnly, SameSite http.SameSiteStrictMode, Path /deep/console/console-api/, Domain \"\"", c)
	}
	if strings.Contains(c.Value, page.Token()) {
		t.Error("the cookie contains the token")
	}
	with := func(c *http.Cookie) func(*http.Request) {
		return func(r *http.Request) { noToken(r); r.AddCookie(c) }
	}
	if a := d.do(t, http.MethodGet, "/console-api/snapshot", nil, with(c)); a.status != 200 {
		t.Errorf("with the cookie: status %d, want 200", a.status)
	}
	for name, wrong := range map[string]*http.Cookie{
		"token as cookie": {Name: c.Name, Value: page.Token()}, "other value": {Name: c.Name, Value: strings.Repeat("0", len(c.Value))}, "other name": {Name: "console", Value: c.Value},
	} {
		if a := d.do(t, http.MethodGet, "/console-api/snapshot", nil, with(wrong)); a.status != 401 {
			t.Errorf("%s: status %d, want 401", name, a.status)
		}
	}
	other := newDesk(t)
	if a := other.do(t, http.MethodGet, "/console-api/snapshot", nil, with(c)); a.status != 401 {
		t.Errorf("another console accepts the cookie: status %d, want 401", a.status)
	}
	if a := d.do(t, http.MethodPost, "/console-api/session/end", strings.NewReader("{}"), with(c)); a.status != 204 || !strings.Contains(a.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("end: status %d, want 204; %v", a.status, a.header["Set-Cookie"])
	}
}

// noSlash returns the address that the prefix without its slash redirects to.
func noSlash(t *testing.T, d *desk) string {
	t.Helper()
	resp, err := d.client.Get(d.base) //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.Request.URL.String()
}

// TestTokenGuessing: after many wrong tokens even the right one is rejected, while
// the cookie still works.
func TestTokenGuessing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	opened := d.post(t, "session", `{"token":"`+d.page.Token()+`"}`)
	cookie := (&http.Response{Header: opened.header}).Cookies()[0]
	for range 40 {
		d.do(t, http.MethodGet, "/console-api/about", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer guess") })
	}
	if a := d.get(t, "about"); a.status != 401 {
		t.Errorf("the right token after 40 wrong ones: status %d, want 401", a.status)
	}
	a := d.do(t, http.MethodGet, "/console-api/about", nil, func(r *http.Request) { r.Header.Del("Authorization"); r.AddCookie(cookie) })
	if a.status != 200 {
		t.Errorf("the cookie: status %d, want 200", a.status)
	}
}

// TestRateLimit: commands above the rate are refused with Retry-After.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 1000 {
		a := d.do(t, http.MethodPost, "/console-api/faults/disarm", strings.NewReader("{}"), nil)
		if a.status == http.StatusTooManyRequests {
			if a.code() != "too-fast" || a.header.Get("Retry-After") != "1" {
				t.Errorf("%s, Retry-After %q, want \"1\"", a.body, a.header.Get("Retry-After"))
			}
			return
		}
	}
	t.Error("1000 commands at once are accepted")
}

// TestSecurityHeaders: the page's files, the API and every refusal have them.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for path, change := range map[string]func(*http.Request){
		"/": nil, "/api.html": nil, "/console-api/about": nil, "/console-api/openapi.json": nil, "/nothing": nil, "/console-api/nothing": nil,
		"/2010-04-01/x":          nil,
		"/?rebound":              func(r *http.Request) { r.Host = "evil.example" },
		"/console-api/snapshot":  func(r *http.Request) { r.Header.Del("Authorization") },
		"/console-api/entries":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"/console-api/entries/1": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
	} {
		h := d.do(t, http.MethodGet, path, nil, change).header
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
				"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", path, name, got, want)
			}
		}
		for name := range h {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: has %s", path, name)
			}
		}
	}
}

// TestTwilioPaths: whatever its prefix, the console leaves the paths of Twilio's
// API to the simulation.
func TestTwilioPaths(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, path := range []string{"/2010-04-01", "/2010-04-01/", "/2010-04-01/Accounts", "/2010-04-01/console-api/snapshot", "/2010-04-01/index.html"} {
		if a := d.get(t, "../.."+path); a.status < 300 {
			t.Errorf("%s: status %d", path, a.status)
		}
		if a := d.do(t, http.MethodGet, path, nil, nil); a.status != 404 {
			t.Errorf("%s: status %d, want 404", path, a.status)
		}
	}
	for _, path := range []string{"/console-api/../web/index.html", "//console-api/snapshot", "/js/../../apidoc.go", "/web/index.html", "/apidoc.html", "/js", "/js/"} {
		if a := d.do(t, http.MethodGet, path, nil, nil); a.status != 404 {
			t.Errorf("%s: status %d, want 404", path, a.status)
		}
	}
}

// TestPageFollowsPolicy: no file of the page contains what the Content Security
// Policy forbids, or loads anything from another origin.
func TestPageFollowsPolicy(t *testing.T) {
	t.Parallel()
	forbidden := map[string]*regexp.Regexp{
		"an inline script":      regexp.MustCompile(`<script(?:\s+(?:type|src)="[^"]*")*\s*>\s*[^<\s]`),
		"an inline style":       regexp.MustCompile(`(?i)<style|\sstyle=`),
		"an inline handler":     regexp.MustCompile(`(?i)<[^>]+\son[a-z]+=`),
		"markup made of text":   regexp.MustCompile(`\.(innerHTML|outerHTML|insertAdjacentHTML|write|writeln|createContextualFragment|setHTMLUnsafe)\b`),
		"code made of text":     regexp.MustCompile(`\beval\(|new Function\(|setTimeout\(\s*["'` + "`" + `]`),
		"something elsewhere":   regexp.MustCompile(`(?i)(src|href)="(https?:)?//|@import |\burl\((["']?)(https?:|//|data:)`),
		"the browser's storage": regexp.MustCompile(`sessionStorage|indexedDB|document\.cookie`),
	}
	err := fs.WalkDir(os.DirFS("web"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(os.DirFS("web"), name)
		if err != nil {
			return err
		}
		for what, pattern := range forbidden {
			if found := pattern.Find(text); found != nil {
				t.Errorf("%s has %s: %s", name, what, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestInvalidOptions(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t)
	for want, opts := range map[string][]console.Option{
		"WithToken: the token must be 16":            {console.WithToken("short")},
		"WithToken: the token must be":               {console.WithToken("sixteen letters and <tags>")},
		"WithHosts: \"a:1\" is not a host name":      {console.WithHosts("a:1")},
		"WithMaxViewers: must be 1 to 1000":          {console.WithMaxViewers(0)},
		"AllowRemoteClients needs WithToken: choose": {console.AllowRemoteClients()},
		"option 2: must not be nil":                  {console.WithMaxViewers(1), nil},
	} {
		if _, err := console.New(srv, opts...); err == nil || !strings.HasPrefix(err.Error(), "console: "+want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := console.New(nil); err == nil {
		t.Error("New accepts a nil server")
	}
	page, err := console.New(srv, console.WithToken("a-token-of-my-choice"))
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	for base, want := range map[string]string{"http://127.0.0.1:1": "http://127.0.0.1:1/#token=a-token-of-my-choice", "http://h/console/": "http://h/console/#token=a-token-of-my-choice"} {
		if got := page.URL(base); got != want {
			t.Errorf("URL(%s) = %s, want %s", base, got, want)
		}
	}
}
