package paymentstest

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// The account of a server unless [WithCredentials] sets another. Both values are
// made up and give access to nothing.
const (
	DefaultAccountSID = "ACdeadbeefdeadbeefdeadbeefdeadbeef"
	DefaultAuthToken  = "feedfacefeedfacefeedfacefeedface"
)

var (
	accountPattern = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	keyPattern     = regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`)
)

// credentials are the accounts, keys and apps a server knows. They change while
// it runs.
type credentials struct {
	main string

	mu      sync.RWMutex
	token   string
	subs    map[string]string // subaccount SID to auth token
	apiKeys map[string]string // key SID to secret
	apps    map[string]OAuthApp
	tokens  map[[sha256.Size]byte]accessToken
}

func newCredentials() *credentials {
	return &credentials{
		main: DefaultAccountSID, // the token depends on who can reach the server
		subs: map[string]string{}, apiKeys: map[string]string{},
		apps: map[string]OAuthApp{}, tokens: map[[sha256.Size]byte]accessToken{},
	}
}

// tokenOf returns the auth token of an account, if it is known.
func (c *credentials) tokenOf(accountSID string) (string, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.known(accountSID)
}

func (c *credentials) known(accountSID string) (string, bool) {
	if accountSID == c.main {
		return c.token, true
	}
	token, known := c.subs[accountSID]
	return token, known
}

// permits reports whether r's credentials give access to the account: the account's
// own token, the main account's token or API key for itself and its subaccounts, or
// an access token of an app of the account. An app without some permissions is
// accepted, with what it lacks.
func (c *credentials) permits(r *http.Request, accountSID string, now time.Time) (ok bool, lacks []string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if _, known := c.known(accountSID); !known {
		return false, nil
	}
	if bearer, isBearer := bearerOf(r); isBearer {
		token, known := c.tokens[sha256.Sum256([]byte(bearer))]
		app := c.apps[token.clientID]
		return known && now.Before(token.expires) && strings.EqualFold(c.accountOfApp(app), accountSID), app.Lacks
	}
	user, password, ok := r.BasicAuth()
	if !ok {
		return false, nil
	}
	if secret, isKey := c.apiKeys[user]; isKey {
		return same(password, secret), nil
	}
	token, known := c.known(user)
	return known && same(password, token) && (user == accountSID || user == c.main), nil
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// AddAccount adds a subaccount while the server runs. For a known account,
// including the main one, it rotates the auth token: from now on the old one is
// refused, and callbacks are signed with the new one.
func (s *Server) AddAccount(accountSID, authToken string) error {
	if err := checkAccount("AddAccount", accountSID, authToken); err != nil {
		return err
	}
	c := s.config.credentials
	c.mu.Lock()
	defer c.mu.Unlock()
	if accountSID == c.main {
		c.token = authToken
	} else {
		c.subs[accountSID] = authToken
	}
	return nil
}

func checkAccount(option, accountSID, authToken string) error {
	if !accountPattern.MatchString(accountSID) {
		return optionError(option+" account SID", "must be AC and 32 hexadecimal digits")
	}
	if authToken == "" {
		return optionError(option+" auth token", "must not be empty")
	}
	return nil
}
