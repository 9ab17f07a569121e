package wire

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"
)

// Credentials are what an account and Twilio know each other by: its auth
// tokens, and what requests to the API carry when that is not an auth token. One
// value serves both sides: a payments.Client sends requests with it, and a
// callback.Handler checks the signatures of status callbacks, which are made
// with auth tokens only.
//
// Nothing prints them, also as a field of another struct: every verb of fmt,
// slog, JSON, XML and YAML show "…", and nothing for the zero Credentials; gob
// refuses them. They are behind a function.
type Credentials struct{ read func() credentials }

type credentials struct {
	tokens        []string
	instead       bool   // requests are not made by the first token
	authorization string // other than by the first token
	secret        string // what is secret in it
	expires       time.Time
}

// NewCredentials returns credentials of auth tokens. The first one signs
// requests; all of them are taken from callbacks, so that while a token is
// rotated both are given.
func NewCredentials(authTokens ...string) Credentials {
	return Credentials{}.with(func(c *credentials) { c.tokens = slices.Clone(authTokens) })
}

// WithAPIKey returns c for requests made by an API key, whose SID begins with
// SK. Callbacks are still signed with an auth token.
func (c Credentials) WithAPIKey(keySID, secret string) Credentials {
	return c.with(func(c *credentials) {
		c.instead, c.authorization, c.secret, c.expires = true, basic(keySID, secret), secret, time.Time{}
	})
}

// WithBearer returns c for requests made by an access token, which expires then;
// the zero time when it does not.
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
// what is secret in it; empty when there is nothing to send.
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

// Expires returns when the access token expires; the zero time when nothing of c
// does.
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

// String returns "…", and nothing for the zero Credentials.
func (c Credentials) String() string {
	if c.read == nil {
		return ""
	}
	return "…"
}

// Format prints what String returns, for every verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue logs what String returns.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText writes what String returns.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
