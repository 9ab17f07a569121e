package callback

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"
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
}

// TokenSource returns the auth tokens of an account, for example from a
// database of subaccounts. See [WithTokenSource].
type TokenSource func(ctx context.Context, accountSID string) ([]string, error)

func newConfig(opts []Option) (*config, error) {
	c := &config{bodyLimit: defaultBodyLimit, logger: slog.Default(), timeout: defaultTimeout}
	for i, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("callback: option %d is nil", i+1)
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
			return errors.New("WithAuthTokens needs a token")
		}
		for i, token := range tokens {
			if token == "" || strings.TrimSpace(token) != token {
				return fmt.Errorf("auth token %d must not be empty or begin or end with white space", i+1)
			}
		}
		c.tokens = append([]string(nil), tokens...)
		return nil
	}
}

// WithTokenSource asks source for the tokens of the account that a delivery
// names, which is how many subaccounts are served. The account SID is what the
// sender says, checked for form alone, and is proven only when a token of that
// account made the signature.
//
// No tokens and no error mean an unknown account, and the answer is 403. An
// error is a failure on this side: the answer is 500. The context ends with the
// bound of [WithHandlingTimeout], and source must then return: anyone can have it
// called, without a signature. Of calls that hang at most 16384 go on; more are
// answered 503. Nothing is cached. source is called from many goroutines at once.
//
// [Verify] reads AccountSid from the form or, when there is no body, from the
// query; source gets "" when there is none, as in JSON.
func WithTokenSource(source func(ctx context.Context, accountSID string) ([]string, error)) Option {
	return func(c *config) error {
		if source == nil {
			return errors.New("WithTokenSource needs a function")
		}
		c.source = source
		return nil
	}
}

// WithBodyLimit sets the most bytes a body may have; a longer one is answered
// 413. The default is 65536, at least 1 and at most 33554432 can be set. A form
// may have 1000 parameters whatever the limit.
func WithBodyLimit(bytes int64) Option {
	return func(c *config) error {
		if bytes < 1 || bytes > maxBodyLimit {
			return fmt.Errorf("body limit must be from 1 to %d bytes", maxBodyLimit)
		}
		c.bodyLimit = bytes
		return nil
	}
}

// WithLogger sets where it is written why a delivery was refused or failed,
// which the sender is not told. The fields are an allow-list: reason, status,
// error, url (without query and user info), session, call, kind, result and
// duration. The error and the panic of your own function are written as they
// are.
//
// The default is [slog.Default].
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return errors.New("WithLogger needs a logger; use slog.DiscardHandler to log nothing")
		}
		c.logger = logger
		return nil
	}
}

// WithHandlingTimeout sets how long Twilio may be kept waiting, counted from
// the arrival of a request: reading, checking and your function together. Then
// the answer is 408 when the body is still being read and 500 otherwise, and
// the function's context has ended. The default is 10 s, the most 15 s, when
// Twilio gives up by itself.
//
// [Verify] bounds reading and checking by it, not the handler it protects.
func WithHandlingTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 || d > maxTimeout {
			return fmt.Errorf("handling timeout must be above 0 and at most %s", maxTimeout)
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
			return errors.New("WithDeduplicator needs a deduplicator")
		}
		c.deduplicator = d
		return nil
	}
}
