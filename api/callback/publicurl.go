package callback

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/hosturl"
)

// WithPublicURL sets the scheme and host under which Twilio knows this server,
// such as "https://pay.example.com", for servers behind a proxy. A port and,
// where the StatusCallback has it, user info belong to it. Path and query come
// from the request, as they were before any middleware changed them; when a
// proxy changes the path too, use [WithPublicURLFunc].
//
// Without it, and without [WithPublicURLFunc] and [WithHosts], of which the last
// one counts, requests are taken for loopback hosts such as localhost alone.
// Headers such as X-Forwarded-Host are never read, because any sender can write
// them.
func WithPublicURL(base string) Option {
	return func(c *config) error {
		u, err := url.Parse(base)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return errors.New("public URL must be http:// or https:// and a host")
		}
		if u.Path != "" && u.Path != "/" || strings.ContainsAny(base, "?#") {
			return errors.New("public URL must have no path, query or fragment; use WithPublicURLFunc when a proxy changes the path")
		}
		base := strings.TrimSuffix(base, "/")
		c.publicURL, c.hosts = func(r *http.Request) string { return base + requestTarget(r) }, nil
		return nil
	}
}

// WithPublicURLFunc sets a function that returns the whole URL Twilio sent a
// request to, query included, exactly as it stands in StatusCallback. It is
// the way to trust a header of a proxy you run. The function is called from
// many goroutines at once and must not read the body.
func WithPublicURLFunc(f func(*http.Request) string) Option {
	return func(c *config) error {
		if f == nil {
			return errors.New("WithPublicURLFunc needs a function")
		}
		c.publicURL, c.hosts = f, nil
		return nil
	}
}

// WithHosts names the hosts under which Twilio reaches this server directly, such
// as "pay.example.com" and "pay.example.com:8443". The URL of a request is then
// made of its own Host, and of https where this process itself speaks TLS; behind
// a proxy that ends TLS, use [WithPublicURL]. A request for another host is
// answered 403. Case does not matter, nor does the scheme's own port.
//
// The Host must be named because a sender writes what he likes there, as in an
// absolute request target: a callback signed for another server of the same
// account would pass with that server's name.
func WithHosts(hosts ...string) Option {
	return func(c *config) error {
		if len(hosts) == 0 {
			return errors.New("WithHosts needs a host")
		}
		names := make(map[string]bool, len(hosts))
		for i, host := range hosts {
			if !isHost(host) {
				return fmt.Errorf("host %d of WithHosts must be a name or an address with or without a port, such as pay.example.com:8443", i+1)
			}
			names[strings.ToLower(host)] = true
		}
		c.publicURL, c.hosts = nil, names
		return nil
	}
}

// isHost reports whether s is a host and nothing more.
func isHost(s string) bool {
	u, err := url.Parse("http://" + s)
	return err == nil && u.Host == s && u.Hostname() != "" && s == strings.TrimSpace(s) &&
		!strings.ContainsAny(s, "*,@%") && !strings.HasSuffix(s, ":")
}

// errHost is the error of a request for a host that nobody named.
func errHost(host string) error {
	const most = 100
	return fmt.Errorf("host %q is not one of this server's; give WithPublicURL or WithHosts", host[:min(len(host), most)])
}

// ownHost reports whether a request's Host is this server's: one that was named,
// or a loopback name or address, whose URL Twilio cannot reach, so that
// development needs no option.
func (c *config) ownHost(r *http.Request) bool {
	if !isHost(r.Host) {
		return false
	}
	u := url.URL{Host: strings.ToLower(r.Host)}
	if c.hosts[u.Host] || hosturl.IsLoopback(u.Hostname()) {
		return true
	}
	own := ":80" // the port that its scheme stands for
	if r.TLS != nil {
		own = ":443"
	}
	if u.Port() == "" {
		return c.hosts[u.Host+own]
	}
	name, found := strings.CutSuffix(u.Host, own)
	return found && c.hosts[name]
}

// requestURL returns the URL of a request that came without a proxy.
func requestURL(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + requestTarget(r)
}

// requestTarget returns path and query as the sender wrote them. RequestURI is
// untouched by http.StripPrefix and the like; a request that did not come over
// a connection has none.
func requestTarget(r *http.Request) string {
	target := r.RequestURI
	if strings.HasPrefix(target, "/") {
		return target
	}
	if _, rest, ok := strings.Cut(target, "://"); ok { // the form proxies are asked in
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			return rest[i:]
		}
		return ""
	}
	return r.URL.RequestURI()
}
