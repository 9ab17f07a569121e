package paymentstest

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/hosturl"
)

// Option changes how a [Server] behaves. With an invalid value [Start] returns an error
// and [NewServer] ends the test.
type Option func(*config) error

// optionError returns the error of an option. The name is that of the option, which a
// space and the part that is wrong may follow.
func optionError(name, rule string) error {
	option, part, found := strings.Cut(name, " ")
	if found {
		rule = "the " + part + " " + rule
	}
	return fmt.Errorf("paymentstest: %s: %s", option, rule)
}

// WithCredentials sets the account of the server and its auth token, which also signs
// callbacks. Default [DefaultAccountSID] and [DefaultAuthToken]; with
// [AllowRemoteClients] the token is random, see [Server.AuthToken].
func WithCredentials(accountSID, authToken string) Option {
	return func(c *config) error {
		if err := checkAccount("WithCredentials", accountSID, authToken); err != nil {
			return err
		}
		c.credentials.main, c.credentials.token = accountSID, authToken
		return nil
	}
}

// WithSubaccount adds a subaccount with its own token, which signs its callbacks. The
// main account's credentials give access to it, too; its own give access to nothing
// else.
func WithSubaccount(accountSID, authToken string) Option {
	return func(c *config) error {
		if err := checkAccount("WithSubaccount", accountSID, authToken); err != nil {
			return err
		}
		c.credentials.subs[accountSID] = authToken
		return nil
	}
}

// WithAPIKey adds an API key of the main account. It gives access to that account and
// its subaccounts, and signs nothing.
func WithAPIKey(keySID, secret string) Option {
	return func(c *config) error {
		if !keyPattern.MatchString(keySID) {
			return optionError("WithAPIKey key SID", "must be SK and 32 hexadecimal digits")
		}
		if secret == "" {
			return optionError("WithAPIKey secret", "must not be empty")
		}
		c.credentials.apiKeys[keySID] = secret
		return nil
	}
}

// WithAddr sets the address to listen on, host:port. Default 127.0.0.1 and a
// free port. It must be a loopback address unless [AllowRemoteClients] is given.
func WithAddr(addr string) Option {
	return func(c *config) error {
		c.addr = addr
		return nil
	}
}

// AllowRemoteClients lets [WithAddr] name an address other machines can reach.
// The auth token is then random unless [WithCredentials] sets one, because the
// default is published. Requests may name any IP address as their Host; names
// other than localhost need [WithHosts].
func AllowRemoteClients() Option {
	return func(c *config) error {
		c.anyAddr = true
		return nil
	}
}

// WithHosts names hosts by which clients call the server, such as
// "host.docker.internal", in addition to the loopback names with the port it
// listens on. Any port is accepted with them. Requests for other hosts get 421 and
// are not recorded, so that no web page can reach the server by its own name (DNS
// rebinding).
func WithHosts(hosts ...string) Option {
	return func(c *config) error {
		for _, h := range hosts {
			if !isHostName(h) {
				return optionError("WithHosts host", "must be a host name without scheme or port")
			}
			c.hosts = append(c.hosts, strings.ToLower(strings.TrimSuffix(h, ".")))
		}
		return nil
	}
}

func isHostName(h string) bool { return h != "" && !strings.ContainsAny(h, "/:@ ") }

// InMemory makes a server without a socket, for tests inside a testing/synctest
// bubble. Only [Server.Client], and clients made with [Server.ClientOptions],
// reach it; handlers get its callbacks through [Server.Handle].
func InMemory() Option {
	return func(c *config) error {
		c.inMemory = true
		return nil
	}
}

// AllowInvalidRequests keeps requests that violate the contract from failing the test.
// They are still refused, and recorded with their [Request.Violation].
func AllowInvalidRequests() Option {
	return func(c *config) error {
		c.allowInvalid = true
		return nil
	}
}

// WithClock sets the server's time. Default the time of package time.
func WithClock(clock Clock) Option {
	return func(c *config) error {
		if clock == nil {
			return optionError("WithClock clock", "must not be nil")
		}
		c.clock = clock
		return nil
	}
}

// WithSeed sets what SIDs, tokens and confirmation codes are derived from: the
// same seed and the same requests give the same ones. Default 1.
func WithSeed(seed uint64) Option {
	return func(c *config) error {
		c.seed = seed
		return nil
	}
}

// WithFaults makes requests fail from the start, as [Server.Inject] does later.
func WithFaults(injectors ...Injector) Option {
	return func(c *config) error {
		for _, in := range injectors {
			if in == nil {
				return optionError("WithFaults injector", "must not be nil")
			}
		}
		c.injectors = append(c.injectors, injectors...)
		return nil
	}
}

// config is the result of a server's options. Once the server runs only the
// credentials change, which have their own lock.
type config struct {
	credentials     *credentials
	addr            string
	anyAddr         bool
	inMemory        bool
	allowInvalid    bool
	capitalBooleans bool
	clock           Clock
	seed            uint64
	injectors       []Injector
	rule            func(Callback) Delivery
	caller          Caller
	gateway         func(Payment) Verdict
	live            bool
	history         int
	historyBytes    int
	maxSessions     int
	logger          *slog.Logger

	hosts         []string // of WithHosts
	callbackHosts []string
	callbackTLS   *tls.Config

	assume Assumptions
}

func newConfig(opts []Option) (*config, error) {
	c := &config{
		credentials: newCredentials(),
		addr:        "127.0.0.1:0",
		clock:       systemClock{},
		seed:        1,
	}
	for i, opt := range opts {
		if opt == nil {
			return c, fmt.Errorf("paymentstest: option %d: must not be nil", i+1)
		}
		if err := opt(c); err != nil {
			return c, err
		}
	}
	host, _, err := net.SplitHostPort(c.addr)
	if err != nil {
		return c, optionError("WithAddr", "must be host:port")
	}
	if !c.anyAddr && !hosturl.IsLoopback(host) {
		return c, errAddr
	}
	if c.anyAddr && c.credentials.token == "" {
		c.credentials.token = strings.ToLower(rand.Text()) // the default is published
	}
	if c.credentials.token == "" {
		c.credentials.token = DefaultAuthToken
	}
	return c, nil
}

// WithCaller sets a scripted caller for every call. Default none: the test presses the
// keys. [Call.AnswerWith] changes it for one call.
func WithCaller(caller Caller) Option {
	return func(c *config) error {
		if caller == nil {
			return optionError("WithCaller caller", "must not be nil; without the option, the test presses the keys")
		}
		c.caller = caller
		return nil
	}
}

// WithGateway decides payments. It is called for one payment at a time, after
// [Server.DeclineNext] and the check of TEST mode. It may block: requests about other
// sessions, keys and callbacks are handled meanwhile. Default: everything is approved.
func WithGateway(gateway func(Payment) Verdict) Option {
	return func(c *config) error {
		if gateway == nil {
			return optionError("WithGateway gateway", "must not be nil")
		}
		c.gateway = gateway
		return nil
	}
}

// LiveMode makes the connector accept any card and bank account with a valid number.
// Default is TEST mode, which accepts Twilio's test cards and test bank accounts and
// declines others with 64022 and 64023.
func LiveMode() Option {
	return func(c *config) error {
		c.live = true
		return nil
	}
}
