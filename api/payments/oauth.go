package payments

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/sid"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

const oauthServer = "https://oauth.twilio.com/"

// WithOAuth authenticates with access tokens of an OAuth app (client
// credentials, RFC 6749 section 4.4), whose client ID starts with OQ. Default:
// TWILIO_CLIENT_ID and TWILIO_CLIENT_SECRET with TWILIO_ACCOUNT_SID, unless an
// API key is set too.
//
// The first call fetches the token from https://oauth.twilio.com/v2/token. It
// is renewed before it expires: in the background once four fifths of its
// lifetime have passed, and it is never sent within its last 10 s. One fetch
// runs at a time; calls that need its result wait within their own contexts, for
// at most 31 s. A fetch uses the client's http.Client, is retried after failures
// of the connection and after 408, 429, 500, 502, 503 and 504, takes at most 10 s
// per attempt and 30 s in total, and is not logged. If it fails, so does the
// call: its [*Error] matches [ErrCredentials], and nothing is sent without a
// token. After a 401 from the API the client fetches a new token once and
// continues the call; that attempt does not count as a retry.
//
// Twilio offers OAuth in US1 only, and an app works for its own account only:
// another region, or [WithAccount] with another account, is an error. A
// subaccount needs its own app. With [WithBaseURL] the token is fetched from
// that server (v2/token below its path). Twilio documents no scope for
// payments; [Error.Permissions] names a permission that the app lacks.
//
// See https://www.twilio.com/docs/iam/oauth-apps
func WithOAuth(accountSID, clientID, clientSecret string) Option {
	return func(c *config) error {
		if broken := checkClient(accountSID, clientID, clientSecret); broken != "" {
			return optionError("WithOAuth", broken)
		}
		c.auth, c.ownAuth = oauthOf(accountSID, clientID, clientSecret), true
		return nil
	}
}

func checkClient(account, id, secret string) (broken string) {
	switch {
	case !sid.Account.Is(account):
		return "the account SID " + ruleAccount
	case !strings.HasPrefix(id, "OQ") || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "the client ID must start with OQ"
	case secret == "":
		return "the client secret must not be empty"
	}
	return ""
}

func oauthOf(account, id, secret string) auth {
	client := oauthClient{func() string {
		return url.Values{"client_id": {id}, "client_secret": {secret}, "grant_type": {"client_credentials"}}.Encode()
	}}
	return auth{account: account, oauth: true, cache: newCredentialCache(client.fetch, 0)}
}

// checkOAuth refuses a region or account that the app does not work for.
func (c *config) checkOAuth() error {
	switch {
	case !c.auth.oauth:
		return nil
	case c.account != "" && !strings.EqualFold(c.account, c.auth.account):
		return optionError("WithAccount", "the OAuth app works for "+c.auth.account+" only: a subaccount needs its own app")
	case c.baseURL == "" && c.region != "" && c.region != defaultRegion:
		return optionError("WithRegion", "Twilio offers OAuth in us1 only")
	}
	return nil
}

// oauthClient fetches access tokens. This is not golang.org/x/oauth2, because that
// fetches with the context of its construction rather than the call's, does not
// renew a token after a 401, and would be a dependency for every user.
type oauthClient struct{ form func() string } // behind a function, like all secrets

const (
	tokenTimeout = 10 * time.Second // of one attempt
	maxToken     = 64 << 10         // of a response
)

// fetch implements [credentialCache.fetch].
func (o oauthClient) fetch(ctx context.Context, c *config, _ string) (Credentials, error) {
	server := oauthServer
	if c.baseURL != "" {
		server = c.server
	}
	broken := false // whether the previous attempt lost its connection
	for number := 1; ; number++ {
		got, retry, err := o.attempt(ctx, c, server+"v2/token", broken)
		if err == nil || !retry.allowed || number > c.maxRetries {
			return got, err
		}
		broken = retry.broken
		delay := delayAfter(retry.header, number)
		if deadline, _ := ctx.Deadline(); time.Until(deadline) <= delay || sleep.For(ctx, delay) != nil {
			return got, err
		}
	}
}

// secrets are the values of the token request that a transport's error may repeat.
func (o oauthClient) secrets() (s secrets) {
	form := o.form()
	sent, _ := url.ParseQuery(form)
	s.add(form, sent.Get("client_secret"))
	return s
}

// fetchRetry says whether a failed fetch may be retried.
type fetchRetry struct {
	allowed bool
	broken  bool        // no complete response: the pooled connections may be dead
	header  http.Header // for Retry-After
}

var errNoToken = errors.New("the OAuth server's response has no access token")

func (o oauthClient) attempt(ctx context.Context, c *config, address string, renew bool) (Credentials, fetchRetry, error) {
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	if renew {
		ctx = onNewConnection(ctx, c.http)
	}
	began := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(o.form()))
	if err != nil {
		return Credentials{}, fetchRetry{}, err
	}
	req.Header.Set("Content-Type", formType)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := send(c.http, req)
	if isTimeout(err) {
		err = ErrAttemptTimeout
		leaveConnections(c.http)
	}
	if err != nil {
		return Credentials{}, fetchRetry{allowed: true, broken: true}, &CredentialError{err: redactCause(withoutURL(err), o.secrets())}
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < http.StatusOK { // after a 101, no context ends reading the connection
		return Credentials{}, fetchRetry{}, &CredentialError{Status: resp.StatusCode}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxToken))
	if err != nil {
		return Credentials{}, fetchRetry{true, true, resp.Header}, &CredentialError{Status: resp.StatusCode, err: redactCause(withoutURL(err), o.secrets())}
	}
	var token struct {
		AccessToken string  `json:"access_token"`
		TokenType   string  `json:"token_type"`
		ExpiresIn   float64 `json:"expires_in"`
		Error       string  `json:"error"`
	}
	err = json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), &token)
	notJSON := err != nil && !isWrongType(err)
	switch {
	case resp.StatusCode >= http.StatusMultipleChoices:
		return Credentials{}, fetchRetry{allowed: isTemporary(resp.StatusCode), header: resp.Header}, &CredentialError{Status: resp.StatusCode, Reason: oauthReason(token.Error)}
	case notJSON || token.AccessToken == "" || !strings.EqualFold(token.TokenType, "bearer"):
		return Credentials{}, fetchRetry{}, &CredentialError{Status: resp.StatusCode, err: errNoToken}
	}
	life := time.Hour
	if token.ExpiresIn > 0 {
		life = time.Duration(min(token.ExpiresIn, maxTokenLife.Seconds()) * float64(time.Second))
	}
	return Credentials{}.WithBearer(token.AccessToken, began.Add(life)), fetchRetry{}, nil
}

// maxTokenLife is the longest lifetime that Twilio documents for an access token.
const maxTokenLife = 30 * 24 * time.Hour

// oauthReason returns code if it is an error code of RFC 6749 section 5.2. Any
// other text might repeat a secret of the request.
func oauthReason(code string) string {
	switch code {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
		return code
	}
	return ""
}
