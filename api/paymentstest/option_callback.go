package paymentstest

import (
	"crypto/tls"
	"log/slog"
	"net"
	"strings"
)

// WithDelivery sets how callbacks are delivered. [Server.Deliver] changes it.
func WithDelivery(rule func(Callback) Delivery) Option {
	return func(c *config) error {
		c.rule = rule
		return nil
	}
}

// WithCallbackHosts lets callbacks leave this machine for these host names and
// IP addresses. Default none: they go to loopback addresses, written as such or
// as localhost or a name below it, and to handlers in process. The address is checked
// when it is dialled; a name that resolves to a link-local address, where clouds serve
// credentials, is refused.
func WithCallbackHosts(hosts ...string) Option {
	return func(c *config) error {
		for _, h := range hosts {
			if !isHostName(h) && net.ParseIP(h) == nil {
				return optionError("WithCallbackHosts host", "must be a host name without scheme or port")
			}
			c.callbackHosts = append(c.callbackHosts, strings.ToLower(h))
		}
		return nil
	}
}

// WithCallbackTLS sets the TLS config of callbacks to https URLs, for a receiver such as
// an httptest server. Default: the system's certificates. The config is cloned.
func WithCallbackTLS(tlsConfig *tls.Config) Option {
	return func(c *config) error {
		c.callbackTLS = tlsConfig.Clone()
		return nil
	}
}

// WithLogger logs requests, key presses, callbacks and deliveries. The fields are an
// allow-list without digits, tokens, bodies and credentials. Default none.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return optionError("WithLogger logger", "must not be nil")
		}
		c.logger = logger
		return nil
	}
}

// WithHistory keeps the last n requests, n callbacks and 10n entries of the
// journal, for servers that run for long. Charges and tokens are all kept. Default
// 0: keep all.
func WithHistory(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return optionError("WithHistory count", "must not be negative")
		}
		c.history = n
		return nil
	}
}

// WithHistoryBytes bounds the memory of requests, callbacks, charges, tokens and
// the journal: each of the five lists gets a fifth of about n bytes, and forgets
// its oldest entries above that. The newest one is always kept. Default 0: keep all.
func WithHistoryBytes(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return optionError("WithHistoryBytes size", "must not be negative")
		}
		c.historyBytes = n
		return nil
	}
}

// WithMaxSessions bounds how many calls and payment sessions are kept, for
// servers that run for long: above n the sessions that ended first are forgotten,
// with their idempotency keys and calls, so that a forgotten call is in progress
// again. While n are open, create is refused with 503, code 20503 and a message
// that says so. Then one session accepts at most 1,000 requests, and all together
// accept 20 for each session that may be open. Default 0: keep all.
func WithMaxSessions(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return optionError("WithMaxSessions count", "must not be negative")
		}
		c.maxSessions = n
		return nil
	}
}
