package callback

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/hosturl"
	"github.com/twiliopay/twiliopay-go/internal/option"
)

// Limits and defaults of the options.
const (
	defaultBodyLimit = 64 << 10
	maxBodyLimit     = 32 << 20
	defaultTimeout   = 10 * time.Second
	maxTimeout       = 15 * time.Second // Twilio's own timeout
)

// An Option configures [NewHandler], [Verify] or [Explain]. Of an option given
// twice, the last one counts.
type Option func(*config) error

// config holds the values of the options.
type config struct {
	tokens       []string // until newVerifier turns them into keys
	source       TokenSource
	publicURL    func(*http.Request) string // nil: use the request's URL and check its host
	hosts        map[string]bool            // in lower case
	bodyLimit    int64
	logger       *slog.Logger
	timeout      time.Duration
	deduplicator Deduplicator
	explainer    explainer
	hooks        Hooks
}

// TokenSource returns the auth tokens of an account, for example from a
// database of subaccounts. See [WithTokenSource].
type TokenSource = func(ctx context.Context, accountSID string) (Credentials, error)

// Credentials hold the auth tokens of an account. Make them with
// [wire.NewCredentials]. They are never printed.
type Credentials = wire.Credentials

func newConfig(opts []Option) (*config, error) {
	c := &config{bodyLimit: defaultBodyLimit, logger: slog.Default(), timeout: defaultTimeout}
	if err := option.Apply("callback", c, opts); err != nil {
		return nil, err
	}
	if c.tokens != nil && c.source != nil {
		return nil, errors.New("callback: give WithAuthTokens or WithTokenSource, not both")
	}
	if c.tokens == nil && c.source == nil {
		token := os.Getenv("TWILIO_AUTH_TOKEN")
		if token == "" {
			return nil, errors.New("callback: no auth token: set TWILIO_AUTH_TOKEN, or give WithAuthTokens or WithTokenSource")
		}
		if err := WithAuthTokens(token)(c); err != nil {
			return nil, fmt.Errorf("callback: TWILIO_AUTH_TOKEN: %w", err)
		}
	}
	return c, nil
}

// WithAuthTokens sets the auth tokens that a signature may be made with; one match
// is enough. Give several while a token is being rotated, for accounts in several
// regions, and for a few subaccounts: Twilio signs with the primary auth token of
// the account that owns the call, never with an API key's secret. Whoever knows
// one of the tokens can sign events for all of the accounts.
//
// Default: the environment variable TWILIO_AUTH_TOKEN.
func WithAuthTokens(tokens ...string) Option {
	return func(c *config) error {
		if len(tokens) == 0 {
			return errors.New("WithAuthTokens: needs a token")
		}
		for i, token := range tokens {
			if token == "" || strings.TrimSpace(token) != token {
				return fmt.Errorf("WithAuthTokens: token %d must not be empty or have white space around it", i+1)
			}
		}
		c.tokens = append([]string(nil), tokens...)
		return nil
	}
}

// WithTokenSource calls source for the auth tokens of the account that a delivery
// names. Use it for many subaccounts. One function can serve this option and
// payments.WithCredentialSource; only the auth tokens of its [Credentials] are
// used here. The account SID comes from the sender. Its form is checked, but only
// a signature made with a token of that account proves it. A request that names
// two accounts gets 403.
//
// If source returns neither tokens nor an error, the account is unknown and the
// response is 403. An error makes it 500. The context ends with
// [WithHandlingTimeout], and source must then return, because anyone can cause a
// call without a signature. At most 16384 calls run at once; more get 503. Nothing
// is cached, and source is called from many goroutines at once.
//
// [Verify] reads AccountSid from the form or, without a body, from the query;
// source gets "" if there is none, as for JSON.
func WithTokenSource(source TokenSource) Option {
	return func(c *config) error {
		if source == nil {
			return errors.New("WithTokenSource: the source must not be nil")
		}
		c.source = source
		return nil
	}
}

// WithBodyLimit limits the size of a body; a larger one gets 413. Default 64 KiB;
// from 1 byte to 32 MiB. A form may have at most 1000 parameters, whatever the
// limit.
func WithBodyLimit(bytes int64) Option {
	return func(c *config) error {
		if bytes < 1 || bytes > maxBodyLimit {
			return fmt.Errorf("WithBodyLimit: must be from 1 to %d bytes", maxBodyLimit)
		}
		c.bodyLimit = bytes
		return nil
	}
}

// WithLogger sets the logger: handled deliveries are logged at debug level,
// refused ones at warn and failed ones at error level. The fields are status,
// duration, error, the stack of a panic, event (what [Event.String] shows) and,
// with a 403, url (without query and user info) and explanation. Errors and panics
// of your own functions are logged unchanged. Default: [slog.Default].
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return errors.New("WithLogger: the logger must not be nil; use slog.DiscardHandler to log nothing")
		}
		c.logger = logger
		return nil
	}
}

// WithHandlingTimeout limits the time from the arrival of a request to the
// response: reading, checking and your function together. When it is over, the
// function's context ends, and the response is 408 if the body is still being
// read, otherwise 500. Default 10 s; at most 15 s, which is Twilio's own timeout.
//
// In [Verify] it limits reading and checking, not the handler behind it.
func WithHandlingTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 || d > maxTimeout {
			return fmt.Errorf("WithHandlingTimeout: must be above 0 and at most %s", maxTimeout)
		}
		c.timeout = d
		return nil
	}
}

// WithDeduplicator sets the store that remembers deliveries, so that a repeated
// one is not handled again. Default: a [MemoryDeduplicator] of 100000 deliveries
// and one hour. Machines behind one load balancer need a shared store. [Verify]
// refuses this option.
func WithDeduplicator(d Deduplicator) Option {
	return func(c *config) error {
		if d == nil {
			return errors.New("WithDeduplicator: the deduplicator must not be nil")
		}
		c.deduplicator = d
		return nil
	}
}

// WithPublicURL sets the scheme and host at which Twilio reaches this server, such
// as "https://pay.example.com", for servers behind a proxy. Include the port and
// user info if the StatusCallback has them. Path and query come from the request,
// as they were before any middleware changed them; if a proxy changes the path
// too, use [WithPublicURLFunc].
//
// Of this option, [WithPublicURLFunc] and [WithHosts], the last one counts.
// Default: only requests for loopback hosts such as localhost are accepted.
// Headers such as X-Forwarded-Host are never trusted, because any sender can write
// them.
func WithPublicURL(base string) Option {
	return func(c *config) error {
		u, err := url.Parse(base)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return errors.New("WithPublicURL: must be http:// or https:// and a host")
		}
		if u.Path != "" && u.Path != "/" || strings.ContainsAny(base, "?#") {
			return errors.New("WithPublicURL: must have no path, query or fragment; use WithPublicURLFunc when a proxy changes the path")
		}
		base := strings.TrimSuffix(base, "/")
		c.publicURL, c.hosts = func(r *http.Request) string { return base + requestTarget(r) }, nil
		return nil
	}
}

// WithPublicURLFunc sets a function that returns the full URL that Twilio sent a
// request to, query included, exactly as given in StatusCallback. Use it to trust
// a header of your own proxy. The function is called from many goroutines at once
// and must not read the body. Default: see [WithPublicURL].
func WithPublicURLFunc(f func(*http.Request) string) Option {
	return func(c *config) error {
		if f == nil {
			return errors.New("WithPublicURLFunc: the function must not be nil")
		}
		c.publicURL, c.hosts = f, nil
		return nil
	}
}

// WithHosts names the hosts at which Twilio reaches this server directly, such as
// "pay.example.com" and "pay.example.com:8443". The URL of a request then consists
// of its Host header and the scheme https if this process terminates TLS itself,
// otherwise http; behind a proxy that terminates TLS, use [WithPublicURL]. A
// request for another host gets 403. Case and the scheme's default port do not
// matter. Default: see [WithPublicURL].
//
// The hosts must be named because a sender can write any Host header or absolute
// request target. Otherwise a callback signed for another server of the same
// account would be accepted with that server's name.
func WithHosts(hosts ...string) Option {
	return func(c *config) error {
		if len(hosts) == 0 {
			return errors.New("WithHosts: needs a host")
		}
		names := make(map[string]bool, len(hosts))
		for i, host := range hosts {
			if !isHost(host) {
				return fmt.Errorf("WithHosts: host %d must be a name or an address with or without a port, such as pay.example.com:8443", i+1)
			}
			names[strings.ToLower(host)] = true
		}
		c.publicURL, c.hosts = nil, names
		return nil
	}
}

// isHost reports whether s is just a host, with or without a port.
func isHost(s string) bool {
	u, err := url.Parse("http://" + s)
	return err == nil && u.Host == s && u.Hostname() != "" && s == strings.TrimSpace(s) &&
		!strings.ContainsAny(s, "*,@%") && !strings.HasSuffix(s, ":")
}

// errHost is the error of a request for another host.
func errHost(host string) error {
	const most = 100
	return fmt.Errorf("host %q is not one of this server's; give WithPublicURL or WithHosts", host[:min(len(host), most)])
}

// ownHost reports whether a request's Host is this server's: a named one, or a
// loopback name or address, so that development needs no option. Twilio cannot
// reach a loopback URL, so it never signs for one.
func (c *config) ownHost(r *http.Request) bool {
	if !isHost(r.Host) {
		return false
	}
	u := url.URL{Host: strings.ToLower(r.Host)}
	if c.hosts[u.Host] || hosturl.IsLoopback(u.Hostname()) {
		return true
	}
	own := ":80" // the scheme's default port
	if r.TLS != nil {
		own = ":443"
	}
	if u.Port() == "" {
		return c.hosts[u.Host+own]
	}
	name, found := strings.CutSuffix(u.Host, own)
	return found && c.hosts[name]
}

// requestURL returns the URL of a request that arrived without a proxy.
func requestURL(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + requestTarget(r)
}

// requestTarget returns path and query as the sender wrote them. http.StripPrefix
// and the like do not change RequestURI. A request that did not arrive over a
// connection has none.
func requestTarget(r *http.Request) string {
	target := r.RequestURI
	if strings.HasPrefix(target, "/") {
		return target
	}
	if _, rest, ok := strings.Cut(target, "://"); ok { // the absolute form, as sent to proxies
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			return rest[i:]
		}
		return ""
	}
	if target = r.URL.RequestURI(); !strings.HasPrefix(target, "/") {
		return "/" + target // "x::8443/status" must not extend the host
	}
	return target
}
