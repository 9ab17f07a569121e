package callback

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// WithPublicURL sets the scheme and host under which Twilio knows this server,
// such as "https://pay.example.com", for servers behind a proxy. A port and,
// where the StatusCallback has it, user info belong to it. Path and query come
// from the request, as they were before any middleware changed them; when a
// proxy changes the path too, use [WithPublicURLFunc].
//
// The default is the request's own Host, and https only when this process
// itself speaks TLS. Headers such as X-Forwarded-Host are never read, because
// any sender can write them.
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
		c.publicURL = func(r *http.Request) string { return base + requestTarget(r) }
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
		c.publicURL = f
		return nil
	}
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
