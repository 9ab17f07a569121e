package paymentstest

import (
	"crypto/subtle"
	"net/http"
	"regexp"
)

// The account every server knows unless [WithCredentials] names another. They
// are made up and open nothing.
const (
	DefaultAccountSID = "ACdeadbeefdeadbeefdeadbeefdeadbeef"
	DefaultAuthToken  = "feedfacefeedfacefeedfacefeedface"
)

var (
	accountPattern = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	keyPattern     = regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`)
)

// credentials are the accounts and keys a server knows.
type credentials struct {
	main    string
	token   string
	subs    map[string]string // subaccount SID to auth token
	apiKeys map[string]string // key SID to secret
}

func newCredentials() credentials {
	return credentials{
		main: DefaultAccountSID, // the token depends on who can reach the server
		subs: map[string]string{}, apiKeys: map[string]string{},
	}
}

// tokenOf returns the auth token of an account, if it is known.
func (c credentials) tokenOf(accountSID string) (string, bool) {
	if accountSID == c.main {
		return c.token, true
	}
	token, known := c.subs[accountSID]
	return token, known
}

// permits reports whether r's basic auth opens the account: the account's own
// token, or the main account's token or API key for itself and its subaccounts.
func (c credentials) permits(r *http.Request, accountSID string) bool {
	user, password, ok := r.BasicAuth()
	if !ok {
		return false
	}
	if _, known := c.tokenOf(accountSID); !known {
		return false
	}
	if secret, isKey := c.apiKeys[user]; isKey {
		return same(password, secret)
	}
	token, known := c.tokenOf(user)
	return known && same(password, token) && (user == accountSID || user == c.main)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
