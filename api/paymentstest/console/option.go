package console

import (
	"errors"
	"fmt"
	"strings"
)

// Option changes how a [Console] behaves. [New] returns an error for an option
// with an invalid value.
type Option func(*config) error

type config struct {
	token   string
	chosen  bool
	hosts   []string
	remote  bool
	viewers int
}

// minToken is the minimum length of a chosen token, in bytes.
const minToken = 16

// WithToken sets the token that opens the console: 16 to 256 letters, digits,
// hyphens and underscores. Default: a random token for each Console.
func WithToken(token string) Option {
	return func(c *config) error {
		if len(token) < minToken || len(token) > 256 || strings.Trim(token, tokenLetters) != "" {
			return errors.New("WithToken: the token must be 16 to 256 letters, digits, hyphens and underscores")
		}
		c.token, c.chosen = token, true
		return nil
	}
}

const tokenLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// WithHosts accepts Host headers with these names, such as
// "host.docker.internal", besides the loopback names. Any port is accepted.
// Default: loopback names only.
func WithHosts(hosts ...string) Option {
	return func(c *config) error {
		for _, h := range hosts {
			if h == "" || strings.ContainsAny(h, ":/ @") {
				return fmt.Errorf("WithHosts: %q is not a host name without port", h)
			}
			c.hosts = append(c.hosts, strings.ToLower(strings.TrimSuffix(h, ".")))
		}
		return nil
	}
}

// AllowRemoteClients accepts any IP address as the Host header, for a console
// that other machines can reach. It requires [WithToken]. Use it behind TLS or in
// a network you trust: without TLS the token is sent in clear text. Default: off.
func AllowRemoteClients() Option {
	return func(c *config) error {
		c.remote = true
		return nil
	}
}

// WithMaxViewers limits how many event streams are open at once, from 1 to 1000.
// Further viewers get 503. Default: 16.
func WithMaxViewers(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 1000 {
			return fmt.Errorf("WithMaxViewers: must be 1 to 1000, not %d", n)
		}
		c.viewers = n
		return nil
	}
}
