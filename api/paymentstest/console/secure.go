package console

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/hosturl"
)

// policy lets the page run its own scripts and styles and connect to its own
// origin, nothing else. Text can never become markup or script.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// protect sets the security headers of every response.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
}

// serves reports whether a Host header names this console. With remote clients
// any IP address is accepted: only names can be rebound to another address.
func (c *Console) serves(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return hosturl.IsLoopback(host) || slices.Contains(c.config.hosts, host) || c.config.remote && net.ParseIP(host) != nil
}

// foreign reports whether a page of another origin sent the request. Navigation
// to the page is allowed from anywhere: without the cookie it shows nothing.
func (c *Console) foreign(r *http.Request) bool {
	if c.cross.Check(r) != nil {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" || strings.HasPrefix(r.URL.Path, apiPath)
}
