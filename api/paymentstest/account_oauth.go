package paymentstest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// OAuthApp is an app whose access tokens give access to one account: a subaccount
// needs its own app. Tokens are fetched from /v2/token at the server's URL, as
// payments.WithOAuth does for a client of this server, and are sent as bearer
// tokens.
type OAuthApp struct {
	AccountSID   string // default: the server's account
	ClientID     string // OQ and more characters
	ClientSecret string
	// TokenLife is from 60 s to 30 days; default an hour.
	TokenLife time.Duration
	// Lacks are permissions that the app does not have: then every request with one
	// of its tokens is refused with 403 and code 70051, which names them.
	Lacks []string
}

// accessToken is what the server keeps about an issued token.
type accessToken struct {
	clientID string
	expires  time.Time
}

const (
	tokenPath    = "/v2/token" // #nosec G101 -- a path
	minTokenLife = time.Minute
	maxTokenLife = 30 * 24 * time.Hour
	maxTokens    = 10_000
)

// FetchToken is the operation of a request for an access token, where faults are
// described. Its attempts are counted for each app's account.
const FetchToken Operation = "token"

// WithOAuthApp adds an app. See [Server.AddOAuthApp].
func WithOAuthApp(app OAuthApp) Option {
	return func(c *config) error { return c.credentials.addApp("WithOAuthApp", app) }
}

// AddOAuthApp adds an app while the server runs, or changes the one with its
// client ID; issued tokens stay valid. Tokens give access only to known accounts.
func (s *Server) AddOAuthApp(app OAuthApp) error {
	return s.config.credentials.addApp("AddOAuthApp", app)
}

// RevokeTokens revokes all access tokens issued so far: requests with one get 401.
func (s *Server) RevokeTokens() {
	c := s.config.credentials
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.tokens)
}

func (c *credentials) addApp(option string, app OAuthApp) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if app.TokenLife == 0 {
		app.TokenLife = time.Hour
	}
	switch {
	case app.AccountSID != "" && !accountPattern.MatchString(app.AccountSID):
		return optionError(option+" account SID", "must be AC and 32 hexadecimal digits")
	case !strings.HasPrefix(app.ClientID, "OQ"):
		return optionError(option+" client ID", "must begin with OQ")
	case app.ClientSecret == "":
		return optionError(option+" client secret", "must not be empty")
	case app.TokenLife < minTokenLife || app.TokenLife > maxTokenLife:
		return optionError(option+" token life", "must be from 60 s to 30 days")
	}
	c.apps[app.ClientID] = app
	return nil
}

func bearerOf(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, strings.EqualFold(scheme, "Bearer")
}

// asContract returns a request as the contract describes it. The contract has no
// access tokens, so that one counts as basic auth if there is an app.
func (c *credentials) asContract(r *http.Request) *http.Request {
	c.mu.RLock()
	apps := len(c.apps)
	c.mu.RUnlock()
	if _, ok := bearerOf(r); !ok || apps == 0 {
		return r
	}
	known := *r
	known.Header = maps.Clone(r.Header)
	known.SetBasicAuth("bearer", "token")
	return &known
}

// serveToken serves a request for an access token, with faults as any other.
// Nothing of its body is kept.
func (h *handler) serveToken(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
	if err != nil {
		http.Error(w, "the body is too long, or ended early", http.StatusRequestEntityTooLarge)
		return
	}
	form, err := url.ParseQuery(string(body))
	isForm := err == nil && r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	rec := &Request{Time: h.config.clock.Now(), Method: r.Method, Path: tokenPath, Operation: FetchToken, started: time.Now()}
	rec.AccountSID = h.config.credentials.accountOf(form.Get("client_id"))
	rec.issue = func() response {
		if !isForm {
			return oauthError(http.StatusBadRequest, "invalid_request")
		}
		return h.config.credentials.issue(form, h.config.clock.Now())
	}
	h.requests.add(rec, true)
	h.serve(w, r, rec)
}

func (c *credentials) accountOf(clientID string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.accountOfApp(c.apps[clientID])
}

func (c *credentials) accountOfApp(app OAuthApp) string {
	if app.ClientID != "" && app.AccountSID == "" {
		return c.main
	}
	return app.AccountSID
}

// issue responds to a request for a token (RFC 6749, sections 4.4 and 5).
func (c *credentials) issue(form url.Values, now time.Time) response {
	c.mu.Lock()
	defer c.mu.Unlock()
	app, known := c.apps[form.Get("client_id")]
	switch {
	case form.Get("grant_type") != "client_credentials":
		return oauthError(http.StatusBadRequest, "unsupported_grant_type")
	case !known || !same(form.Get("client_secret"), app.ClientSecret):
		return oauthError(http.StatusUnauthorized, "invalid_client")
	}
	maps.DeleteFunc(c.tokens, func(_ [sha256.Size]byte, t accessToken) bool { return !now.Before(t.expires) })
	if len(c.tokens) >= maxTokens {
		clear(c.tokens) // a client that fetches one for each call will fetch another
	}
	token := "simulated." + rand.Text() + rand.Text()
	c.tokens[sha256.Sum256([]byte(token))] = accessToken{app.ClientID, now.Add(app.TokenLife)}
	return jsonResponse(http.StatusOK, map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": int(app.TokenLife.Seconds()),
	})
}

func oauthError(status int, code string) response {
	return jsonResponse(status, map[string]any{"error": code})
}

func jsonResponse(status int, v map[string]any) response {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // text and numbers can always be encoded
	}
	return response{status: status, body: body}
}

// lacking refuses a request whose app lacks permissions.
func lacking(permissions []string) response {
	return refuse(http.StatusForbidden, 70051, "Authorization failed: the access token lacks the permission "+strings.Join(permissions, ", "))
}
