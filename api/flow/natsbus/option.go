package natsbus

import (
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/internal/option"
)

// Option configures a [Bus]. Options about stream and bucket apply when these
// are created, and are compared with existing ones.
type Option func(*config) error

type config struct {
	name      string
	heartbeat time.Duration

	// Of stream and bucket; zero if no option was given.
	replicas int
	expiry   time.Duration
	memory   bool
	storage  jetstream.StorageType
	maxBytes int64

	seal sealer
}

func newConfig(opts []Option) (config, error) {
	c := config{name: "twiliopay", heartbeat: 2 * time.Second, storage: jetstream.FileStorage}
	err := option.Apply("natsbus", &c, opts)
	return c, err
}

// WithName sets the prefix of stream, subjects and bucket, so that several
// applications can share a NATS account. Default "twiliopay".
func WithName(name string) Option {
	return func(c *config) error {
		if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return errors.New("WithName: must be lower-case letters, digits and hyphens")
		}
		c.name = name
		return nil
	}
}

// WithReplicas sets how many servers of a cluster store events and claims, when
// stream and bucket are created. Default 1; with 3, one server may fail.
func WithReplicas(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 5 {
			return errors.New("WithReplicas: must be from 1 to 5")
		}
		c.replicas = n
		return nil
	}
}

// WithExpiry sets how long after the last event or step of a session it is
// forgotten; its subscribers get flow.ErrExpired. Servers keep messages for
// twice as long. Default 24 h, longer than any telephone call; at least an
// hour.
func WithExpiry(d time.Duration) Option {
	return func(c *config) error {
		if d < minExpiry {
			return errors.New("WithExpiry: must be at least an hour")
		}
		c.expiry = d
		return nil
	}
}

const minExpiry = time.Hour

// WithMemoryStorage keeps events and claims in the servers' memory. It is
// faster, but a server that restarts has only what its replicas have. Default:
// on disk.
func WithMemoryStorage() Option {
	return func(c *config) error {
		c.memory, c.storage = true, jetstream.MemoryStorage
		return nil
	}
}

// WithMaxBytes limits the stream of events, and the bucket of records to an
// eighth of that, at least 1 MiB; some accounts require a limit. When one is
// full, nothing is dropped: publishing, or the step, fails with flow.ErrFull
// until something has expired. Default: only the account's limit.
func WithMaxBytes(n int64) Option {
	return func(c *config) error {
		if n < minBytes {
			return errors.New("WithMaxBytes: must be at least 1048576")
		}
		c.maxBytes = n
		return nil
	}
}

// WithHeartbeat sets how often a server confirms to a waiting process that it
// is alive. After two missed heartbeats the consumer is recreated on another
// server. Default 2 s, from 500 ms to 15 s.
func WithHeartbeat(d time.Duration) Option {
	return func(c *config) error {
		if d < 500*time.Millisecond || d > 15*time.Second {
			return errors.New("WithHeartbeat: must be from 500 ms to 15 s")
		}
		c.heartbeat = d
		return nil
	}
}

// WithKey seals stored data with AES-256-GCM under key, and opens it with key
// or any of the older ones. To rotate the key, first deploy the new one as
// older everywhere, then as key. Keys have 32 random bytes; one is good for 2³²
// messages. Default: no key, and tokens are not stored.
func WithKey(key []byte, older ...[]byte) Option {
	return func(c *config) (err error) {
		c.seal, err = newSealer(key, older)
		return err
	}
}
