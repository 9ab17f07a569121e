package payments

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/hosturl"
	"github.com/twiliopay/twiliopay-go/internal/sid"
	"github.com/twiliopay/twiliopay-go/internal/version"
)

// config is everything that options set. A call with its own options works on a
// copy, so it never changes its client.
type config struct {
	auth           auth
	account        string
	baseURL        string
	region, edge   string
	http           *http.Client
	product        string
	maxRetries     int
	attemptTimeout time.Duration
	retryComplete  bool
	unchecked      bool
	logger         *slog.Logger
	extra          func() url.Values // behind a function, as credentials are
	info           *ResponseInfo
	hooks          Hooks
	backoff        *backoff // shared by all calls of a client; nil when off

	ownAuth   bool       // the options applied last named credentials
	envErr    error      // why the environment's credentials are unusable
	envURL    error      // why its base URL is unusable
	server    string     // from baseURL, region and edge
	endpoints *endpoints // for server and account
	userAgent string     // from product
}

// auth holds credentials behind functions, so that printing a struct with one in
// it shows addresses, whatever the verb.
type auth struct {
	account string
	header  func() string // nil when cache provides it
	secret  func() string
	cache   *credentialCache
	oauth   bool // the cache's credentials are access tokens for this account only
}

func newAuth(account, user, secret string) auth {
	header := "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+secret))
	return auth{account: account, header: func() string { return header }, secret: func() string { return secret }}
}

// fromEnvironment returns the defaults. An invalid variable is an error only if
// no option overrides it.
func fromEnvironment() config {
	c := config{
		http:           defaultHTTPClient,
		maxRetries:     3,
		attemptTimeout: 15 * time.Second,
		region:         os.Getenv("TWILIO_REGION"),
		edge:           os.Getenv("TWILIO_EDGE"),
		backoff:        new(backoff),
	}
	c.auth, c.envErr = environmentAuth()
	c.baseURL, c.envURL = environmentBaseURL()
	return c
}

// environmentAuth returns the environment's credentials, or an error that names
// the missing or invalid variable.
func environmentAuth() (auth, error) {
	account, token := os.Getenv("TWILIO_ACCOUNT_SID"), os.Getenv("TWILIO_AUTH_TOKEN")
	key, secret := os.Getenv("TWILIO_API_KEY"), os.Getenv("TWILIO_API_SECRET")
	client, clientSecret := os.Getenv("TWILIO_CLIENT_ID"), os.Getenv("TWILIO_CLIENT_SECRET")
	switch withKey := key != "" && secret != ""; {
	case account != "" && client != "" && clientSecret != "" && !withKey:
		if broken := checkClient(account, client, clientSecret); broken != "" {
			return auth{}, errors.New("payments: TWILIO_ACCOUNT_SID, TWILIO_CLIENT_ID: " + broken)
		}
		return oauthOf(account, client, clientSecret), nil
	case account == "" && token == "" && key == "" && secret == "" && client == "" && clientSecret == "":
		return auth{}, errors.New("payments: no credentials: use WithCredentials, WithAPIKey, WithOAuth or WithCredentialSource, or set TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, with TWILIO_API_KEY and TWILIO_API_SECRET, or with TWILIO_CLIENT_ID and TWILIO_CLIENT_SECRET")
	case account == "" && token != "":
		return auth{}, halfSet("TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID")
	case account == "" && key != "":
		return auth{}, halfSet("TWILIO_API_KEY", "TWILIO_ACCOUNT_SID")
	case account == "" && secret != "":
		return auth{}, halfSet("TWILIO_API_SECRET", "TWILIO_ACCOUNT_SID")
	case account == "" && client != "":
		return auth{}, halfSet("TWILIO_CLIENT_ID", "TWILIO_ACCOUNT_SID")
	case account == "":
		return auth{}, halfSet("TWILIO_CLIENT_SECRET", "TWILIO_ACCOUNT_SID")
	case token == "" && key != "" && secret == "":
		return auth{}, halfSet("TWILIO_API_KEY", "TWILIO_API_SECRET")
	case token == "" && secret != "" && key == "":
		return auth{}, halfSet("TWILIO_API_SECRET", "TWILIO_API_KEY")
	case token == "" && !withKey && client != "":
		return auth{}, halfSet("TWILIO_CLIENT_ID", "TWILIO_CLIENT_SECRET")
	case token == "" && !withKey && clientSecret != "":
		return auth{}, halfSet("TWILIO_CLIENT_SECRET", "TWILIO_CLIENT_ID")
	case token == "" && !withKey:
		return auth{}, halfSet("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN (or TWILIO_API_KEY with TWILIO_API_SECRET, or TWILIO_CLIENT_ID with TWILIO_CLIENT_SECRET)")
	case !sid.Account.Is(account):
		return auth{}, errors.New("payments: TWILIO_ACCOUNT_SID " + ruleAccount)
	case withKey && !sid.Key.Is(key):
		return auth{}, errors.New("payments: TWILIO_API_KEY " + ruleKey)
	case withKey:
		return newAuth(account, key, secret), nil
	default:
		return newAuth(account, account, token), nil
	}
}

func halfSet(set, missing string) error {
	return fmt.Errorf("payments: no credentials: %s is set, %s is not", set, missing)
}

// with returns the config with opts applied, complete and checked. On an error
// too the config is usable for logging the failure.
func (c config) with(opts []Option) (config, error) {
	inherited := c.account
	c.account, c.ownAuth = "", false
	var errs []error
	for i, opt := range opts {
		if opt == nil {
			errs = append(errs, optionError(fmt.Sprintf("option %d", i+1), "must not be nil"))
			continue
		}
		errs = append(errs, opt(&c))
	}
	if c.account == "" && !c.ownAuth {
		c.account = inherited
	}
	if err := errors.Join(errs...); err != nil {
		return c, oneLine{err}
	}
	if c.auth.header == nil && c.auth.cache == nil {
		return c, c.envErr
	}
	if c.envURL != nil {
		return c, c.envURL
	}
	c.userAgent = sdkUserAgent
	if c.product != "" {
		c.userAgent += " " + c.product
	}
	var err error
	if c.server, err = c.host(); err != nil {
		return c, err
	}
	if err := c.checkOAuth(); err != nil {
		return c, err
	}
	if c.accountSID() == "" { // a call has to name one
		c.endpoints = nil // the client's belong to its own account and server
		return c, nil
	}
	if e := c.endpoints; e == nil || e.server != c.server || e.account != c.accountSID() {
		c.endpoints, err = newEndpoints(c.server, c.accountSID())
	}
	return c, err
}

// accountSID is the account in the path.
func (c *config) accountSID() string {
	if c.account != "" {
		return c.account
	}
	return c.auth.account
}

var sdkUserAgent = fmt.Sprintf("twiliopay-go/%s (%s %s) %s", version.Version, runtime.GOOS, runtime.GOARCH, runtime.Version())

func optionError(option, rule string) error {
	return fmt.Errorf("payments: %s: %s", option, rule)
}

// regionEdges is the edge of each region, as Twilio documents it: a host name
// with a region but no edge no longer resolves since 2026.
var regionEdges = map[string]string{
	"us1": "ashburn",
	"us2": "umatilla",
	"ie1": "dublin",
	"au1": "sydney",
	"br1": "sao-paulo",
	"de1": "frankfurt",
	"jp1": "tokyo",
	"jp2": "osaka",
	"sg1": "singapore",
}

const (
	defaultServer = "https://api.twilio.com/"
	defaultRegion = "us1"
	ruleLabel     = "must be letters, digits and hyphens"
)

// host returns the server's URL, with a trailing slash.
func (c *config) host() (string, error) {
	region, edge := c.region, c.edge
	switch {
	case c.baseURL != "":
		return c.baseURL, nil
	case region == "" && edge == "":
		return defaultServer, nil
	case region == "":
		region = defaultRegion
	case edge == "":
		if edge = regionEdges[region]; edge == "" {
			return "", errors.New("payments: no edge is known for the region: set one with WithEdge or TWILIO_EDGE")
		}
	}
	if !isLabel(region) || !isLabel(edge) {
		return "", errors.New("payments: TWILIO_REGION and TWILIO_EDGE " + ruleLabel)
	}
	return "https://api." + edge + "." + region + ".twilio.com/", nil
}

// checkBaseURL returns base with a trailing slash, or the rule it breaks.
func checkBaseURL(base string) (checked, broken string) {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return "", "must be an absolute URL with a host"
	case u.User != nil:
		return "", "must not hold credentials"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", "must have neither query nor fragment"
	case u.Scheme != "https" && (u.Scheme != "http" || !hosturl.IsLoopback(u.Hostname())):
		return "", "must be https; plain http is for loopback addresses only"
	}
	return strings.TrimSuffix(u.String(), "/") + "/", ""
}

// environmentBaseURL reads TWILIO_BASE_URL, which points a program at a
// simulator on the same machine. It allows loopback addresses only: someone who
// can set a production program's environment must not be able to redirect its
// credentials.
func environmentBaseURL() (string, error) {
	base := os.Getenv("TWILIO_BASE_URL")
	if base == "" {
		return "", nil
	}
	checked, broken := checkBaseURL(base)
	if broken == "" {
		u, _ := url.Parse(checked)
		if !hosturl.IsLoopback(u.Hostname()) {
			broken = "must be a loopback address, such as http://127.0.0.1:4010; for another server use WithBaseURL"
		}
	}
	if broken != "" {
		return "", errors.New("payments: TWILIO_BASE_URL " + broken)
	}
	return checked, nil
}

func isLabel(s string) bool {
	return s != "" && len(s) <= 63 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}
