package console

import (
	"errors"
	"fmt"
	"strings"
)

// Option changes how a [Console] behaves. An option with a value it cannot take
// makes [New] return an error.
type Option func(*config) error

type config struct {
	token   string
	chosen  bool
	hosts   []string
	remote  bool
	viewers int
}

// minToken is the shortest token one can choose, in bytes.
const minToken = 16

// WithToken chooses the token that opens the console, at least 16 letters, digits,
// hyphens and underscores. Default: a random one for each Console.
func WithToken(token string) Option {
	return func(c *config) error {
		if len(token) < minToken || len(token) > 256 || strings.Trim(token, tokenLetters) != "" {
			return errors.New("console: WithToken: the token must be 16 to 256 letters, digits, hyphens and underscores")
		}
		c.token, c.chosen = token, true
		return nil
	}
}

const tokenLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// WithHosts names hosts by which browsers call the console, such as
// "host.docker.internal", besides the loopback names. Any port is taken.
func WithHosts(hosts ...string) Option {
	return func(c *config) error {
		for _, h := range hosts {
			if h == "" || strings.ContainsAny(h, ":/ @") {
				return fmt.Errorf("console: WithHosts: %q is not a host name without port", h)
			}
			c.hosts = append(c.hosts, strings.ToLower(strings.TrimSuffix(h, ".")))
		}
		return nil
	}
}

// AllowRemoteClients takes requests that name any IP address as their Host, for a
// console that other machines reach. It needs [WithToken]. Use it behind TLS, or
// in a network you trust: without TLS the token travels in clear.
func AllowRemoteClients() Option {
	return func(c *config) error {
		c.remote = true
		return nil
	}
}

// WithMaxViewers bounds how many event streams are open at once, 1 to 1000.
// Default 16: others get 503.
func WithMaxViewers(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 1000 {
			return fmt.Errorf("console: WithMaxViewers: must be 1 to 1000, not %d", n)
		}
		c.viewers = n
		return nil
	}
}
