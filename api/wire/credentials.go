package wire

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"
)

// Credentials are the credentials of an account: its auth tokens and, optionally,
// an API key or access token for requests. One value serves both sides: a
// payments.Client authenticates requests with it, and a callback.Handler verifies
// status callbacks, which Twilio always signs with an auth token.
//
// They are never printed, not even as a field of another struct: every verb of fmt,
// slog, JSON, XML and YAML show "…", and nothing for the zero Credentials; gob
// refuses them.
type Credentials struct{ read func() credentials } // behind a function, for printers that call no methods

type credentials struct {
	tokens        []string
	instead       bool   // requests do not use the first token
	authorization string // the header to use instead
	secret        string // the secret in that header
	expires       time.Time
}

// NewCredentials returns credentials with auth tokens. Requests use the first one;
// callbacks may be signed with any of them, so give both tokens during a rotation.
func NewCredentials(authTokens ...string) Credentials {
	return Credentials{}.with(func(c *credentials) { c.tokens = slices.Clone(authTokens) })
}

// WithAPIKey returns c with an API key for requests; its SID starts with SK.
// Callbacks are still verified with the auth tokens.
func (c Credentials) WithAPIKey(keySID, secret string) Credentials {
	return c.with(func(c *credentials) {
		c.instead, c.authorization, c.secret, c.expires = true, basic(keySID, secret), secret, time.Time{}
	})
}

// WithBearer returns c with an access token for requests. The zero expires means
// that the token does not expire.
func (c Credentials) WithBearer(token string, expires time.Time) Credentials {
	return c.with(func(c *credentials) {
		c.instead, c.authorization, c.secret, c.expires = true, "", token, expires
		if token != "" {
			c.authorization = "Bearer " + token
		}
	})
}

func (c Credentials) with(edit func(*credentials)) Credentials {
	var held credentials
	if c.read != nil {
		held = c.read()
	}
	edit(&held)
	return Credentials{func() credentials { return held }}
}

// AuthTokens returns the auth tokens.
func (c Credentials) AuthTokens() []string {
	if c.read == nil {
		return nil
	}
	return slices.Clone(c.read().tokens)
}

// Authorization returns the Authorization header of a request to an account, and
// the secret in it. Both are empty if c has no usable credentials.
func (c Credentials) Authorization(accountSID string) (header, secret string) {
	if c.read == nil {
		return "", ""
	}
	switch held := c.read(); {
	case held.instead:
		return held.authorization, held.secret
	case len(held.tokens) > 0 && held.tokens[0] != "":
		return basic(accountSID, held.tokens[0]), held.tokens[0]
	}
	return "", ""
}

// Expires returns when the access token expires; the zero time if c has none, or
// if it does not expire.
func (c Credentials) Expires() time.Time {
	if c.read == nil {
		return time.Time{}
	}
	return c.read().expires
}

func basic(user, secret string) string {
	if secret == "" {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+secret))
}

// String returns "…", and "" for the zero Credentials.
func (c Credentials) String() string {
	if c.read == nil {
		return ""
	}
	return "…"
}

// Format prints the result of String for every verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue returns the result of String.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText returns the result of String.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
