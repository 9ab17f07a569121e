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
	"time"

	"github.com/twiliopay/twiliopay-go/internal/version"
)

// config is everything options set. It is copied for a call with options of its
// own, so that a call never touches its client.
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
	extra          url.Values
	info           *ResponseInfo

	server    string   // from baseURL, region and edge
	userAgent []string // from product
}

// auth holds credentials behind functions: printing a struct that holds it, by
// whatever verb, shows addresses.
type auth struct {
	account string
	header  func() []string
	secret  func() string
}

func newAuth(account, user, secret string) auth {
	header := []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+secret))}
	return auth{account: account, header: func() []string { return header }, secret: func() string { return secret }}
}

func fromEnvironment() (config, error) {
	c := config{
		http:           defaultHTTPClient,
		maxRetries:     3,
		attemptTimeout: 15 * time.Second,
	}
	account, token := os.Getenv("TWILIO_ACCOUNT_SID"), os.Getenv("TWILIO_AUTH_TOKEN")
	key, secret := os.Getenv("TWILIO_API_KEY"), os.Getenv("TWILIO_API_SECRET")
	switch {
	case account != "" && key != "" && secret != "":
		c.auth = newAuth(account, key, secret)
	case account != "" && token != "":
		c.auth = newAuth(account, account, token)
	}
	c.region, c.edge = os.Getenv("TWILIO_REGION"), os.Getenv("TWILIO_EDGE")
	return c, nil
}

// with returns the config with options over it, complete and checked.
func (c config) with(opts []Option) (config, error) {
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt(&c); err != nil {
			return config{}, err
		}
	}
	if c.auth.header == nil {
		return config{}, errors.New("payments: no credentials: use WithCredentials or WithAPIKey, or set TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN or with TWILIO_API_KEY and TWILIO_API_SECRET")
	}
	if !isSID(c.accountSID(), prefixAccount) {
		return config{}, errors.New("payments: TWILIO_ACCOUNT_SID " + ruleAccount)
	}
	var err error
	if c.server, err = c.host(); err != nil {
		return config{}, err
	}
	c.userAgent = []string{sdkUserAgent}
	if c.product != "" {
		c.userAgent = []string{sdkUserAgent + " " + c.product}
	}
	return c, nil
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
