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
)

// Limits and defaults of the options.
const (
	defaultBodyLimit = 64 << 10
	maxBodyLimit     = 32 << 20
	defaultTimeout   = 10 * time.Second
	maxTimeout       = 15 * time.Second // when Twilio gives up
)

// Option changes how [NewHandler] or [Verify] works. An option that is given
// twice counts as given last.
type Option func(*config) error

// config is what the options say.
type config struct {
	tokens       []string // until the verifier is made of them
	source       TokenSource
	publicURL    func(*http.Request) string // nil for that of the request, whose host is checked
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
// [wire.NewCredentials]. Nothing prints them.
type Credentials = wire.Credentials

func newConfig(opts []Option) (*config, error) {
	c := &config{bodyLimit: defaultBodyLimit, logger: slog.Default(), timeout: defaultTimeout}
	for i, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("callback: option %d: must not be nil", i+1)
		}
		if err := opt(c); err != nil {
			return nil, fmt.Errorf("callback: %w", err)
		}
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

// WithAuthTokens sets the auth tokens a signature may be made with; one that
// matches is enough. Give several while a token is being rotated, for accounts
// in several regions, and for a few subaccounts: Twilio signs with the primary
// auth token of the account that owns the call, never with an API key's secret.
// Whoever knows any of the tokens can sign events in the name of all accounts.
//
// The default is the environment variable TWILIO_AUTH_TOKEN.
func WithAuthTokens(tokens ...string) Option {
	return func(c *config) error {
		if len(tokens) == 0 {
			return errors.New("WithAuthTokens: needs a token")
		}
		for i, token := range tokens {
			if token == "" || strings.TrimSpace(token) != token {
				return fmt.Errorf("WithAuthTokens: token %d must not be empty or begin or end with white space", i+1)
			}
		}
		c.tokens = append([]string(nil), tokens...)
		return nil
	}
}

// WithTokenSource asks source for the auth tokens of the account that a delivery
// names, which is how many subaccounts are served. It has the shape of what
// payments.WithCredentialSource takes, so that one function serves both: of its
// [Credentials] the auth tokens count here. The account SID is what the sender
// says, checked for its form only, and is proven only when a token of that account
// made the signature. A request that names two accounts gets 403.
//
// No tokens and no error mean an unknown account, and the response is 403. An
// error is a failure on this side: the response is 500. The context ends with the
// bound of [WithHandlingTimeout], and source must then return: anyone can have it
// called, without a signature. Of calls that hang at most 16384 go on; more
// get 503. Nothing is cached. source is called from many goroutines at once.
//
// [Verify] reads AccountSid from the form or, when there is no body, from the
// query; source gets "" when there is none, as in JSON.
func WithTokenSource(source TokenSource) Option {
	return func(c *config) error {
		if source == nil {
			return errors.New("WithTokenSource: the source must not be nil")
		}
		c.source = source
		return nil
	}
}

// WithBodyLimit sets the most bytes a body may have; a longer one gets 413.
// Default 64 KiB; from 1 byte to 32 MiB. A form may have 1000 parameters whatever
// the limit.
func WithBodyLimit(bytes int64) Option {
	return func(c *config) error {
		if bytes < 1 || bytes > maxBodyLimit {
			return fmt.Errorf("WithBodyLimit: must be from 1 to %d bytes", maxBodyLimit)
		}
		c.bodyLimit = bytes
		return nil
	}
}

// WithLogger sets the logger for rejected and failed deliveries; the sender sees
// only the status code. The fields are an allow-list: reason, status, error, url
// (without query and user info), session, call, kind, result and duration. The
// error and the panic of your own function are logged as they are. Default
// [slog.Default].
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return errors.New("WithLogger: the logger must not be nil; use slog.DiscardHandler to log nothing")
		}
		c.logger = logger
		return nil
	}
}

// WithHandlingTimeout sets how long Twilio may be kept waiting, counted from
// the arrival of a request: reading, checking and your function together. Then
// the response is 408 when the body is still being read and 500 otherwise, and
// the function's context has ended. The default is 10 s, the most 15 s, when
// Twilio gives up by itself.
//
// [Verify] bounds reading and checking by it, not the handler it protects.
func WithHandlingTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 || d > maxTimeout {
			return fmt.Errorf("WithHandlingTimeout: must be above 0 and at most %s", maxTimeout)
		}
		c.timeout = d
		return nil
	}
}

// WithDeduplicator sets what remembers deliveries, so that one which comes
// again is not handled again. The default remembers in memory, as
// [NewMemoryDeduplicator] does without options; machines behind one load
// balancer need a store they share. [Verify] does not take it.
func WithDeduplicator(d Deduplicator) Option {
	return func(c *config) error {
		if d == nil {
			return errors.New("WithDeduplicator: the deduplicator must not be nil")
		}
		c.deduplicator = d
		return nil
	}
}

// WithPublicURL sets the scheme and host under which Twilio knows this server,
// such as "https://pay.example.com", for servers behind a proxy. A port and,
// where the StatusCallback has it, user info belong to it. Path and query come
// from the request, as they were before any middleware changed them; when a
// proxy changes the path too, use [WithPublicURLFunc].
//
// Without it, and without [WithPublicURLFunc] and [WithHosts], of which the last
// one counts, requests are taken for loopback hosts such as localhost only.
// Headers such as X-Forwarded-Host are never read, because any sender can write
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

// WithPublicURLFunc sets a function that returns the whole URL Twilio sent a
// request to, query included, exactly as it stands in StatusCallback. It is
// the way to trust a header of a proxy you run. The function is called from
// many goroutines at once and must not read the body.
func WithPublicURLFunc(f func(*http.Request) string) Option {
	return func(c *config) error {
		if f == nil {
			return errors.New("WithPublicURLFunc: the function must not be nil")
		}
		c.publicURL, c.hosts = f, nil
		return nil
	}
}

// WithHosts names the hosts under which Twilio reaches this server directly, such
// as "pay.example.com" and "pay.example.com:8443". The URL of a request is then
// made of its own Host, and of https where this process itself speaks TLS; behind
// a proxy that ends TLS, use [WithPublicURL]. A request for another host is
// refused with 403. Case does not matter, nor does the scheme's own port.
//
// The Host must be named because a sender writes what he likes there, as in an
// absolute request target: a callback signed for another server of the same
// account would pass with that server's name.
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
	if target = r.URL.RequestURI(); !strings.HasPrefix(target, "/") {
		return "/" + target // as of "x::8443/status", which must not make the host longer
	}
	return target
}
