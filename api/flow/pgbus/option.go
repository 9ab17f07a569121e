package pgbus

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/api/flow/internal/seal"
	"github.com/twiliopay/twiliopay-go/internal/option"
)

// Option configures a [Bus].
type Option func(*config) error

type config struct {
	schema string
	expiry time.Duration
	poll   time.Duration
	seal   seal.Sealer
	listen func(context.Context) (*pgx.Conn, error)

	silence time.Duration
}

const (
	defaultSchema = "twiliopay"
	defaultExpiry = 24 * time.Hour
	minExpiry     = time.Hour
	defaultPoll   = time.Second
	maxSchema     = 40 // channel and index names derive from it and have at most 63 bytes
)

func newConfig(opts []Option) (config, error) {
	c := config{schema: defaultSchema, expiry: defaultExpiry, poll: defaultPoll, silence: silence}
	err := option.Apply("pgbus", &c, opts)
	return c, err
}

// WithSchema sets the schema of the tables, so that several applications can
// share a database. Default "twiliopay".
func WithSchema(name string) Option {
	return func(c *config) error {
		if name == "" || len(name) > maxSchema || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || name[0] >= '0' && name[0] <= '9' {
			return errors.New("WithSchema: must be 1 to 40 lower-case letters, digits and underscores, and not begin with a digit")
		}
		c.schema = name
		return nil
	}
}

// WithExpiry sets how long after the last event or step of a call its sessions
// are forgotten; their subscribers get flow.ErrExpired. The database keeps them
// up to a sixteenth longer. If processes have different expiries, the longest
// counts for the calls they share. Default 24 h, longer than any telephone
// call; at least an hour.
func WithExpiry(d time.Duration) Option {
	return func(c *config) error {
		if d < minExpiry {
			return errors.New("WithExpiry: must be at least an hour")
		}
		c.expiry = d
		return nil
	}
}

// WithPollInterval sets how often a process looks for events of the calls that
// it waits for, in case a notification was lost: while the listening connection
// is being reopened, or if a process died between an event and its
// notification. Default 1 s, from 100 ms to 1 min.
func WithPollInterval(d time.Duration) Option {
	return func(c *config) error {
		if d < 100*time.Millisecond || d > time.Minute {
			return errors.New("WithPollInterval: must be from 100 ms to 1 min")
		}
		c.poll = d
		return nil
	}
}

// WithKey seals stored data with AES-256-GCM under key, and opens it with key
// or any of the older ones. To rotate the key, first deploy the new one as
// older everywhere, then as key. Keys have 32 random bytes; one is good for 2³²
// messages. Default: no key, and tokens are not stored.
func WithKey(key []byte, older ...[]byte) Option {
	return func(c *config) (err error) {
		c.seal, err = seal.New("pgbus", key, older)
		return err
	}
}

// WithListenConn sets how to open the one connection that listens for
// notifications, each time it is needed. It must lead to the same server as the
// pool, and not through a pooler that assigns a connection per transaction,
// such as PgBouncer in transaction mode. Default: like the pool's connections,
// but outside of the pool.
func WithListenConn(connect func(context.Context) (*pgx.Conn, error)) Option {
	return func(c *config) error {
		if connect == nil {
			return errors.New("WithListenConn: needs a function")
		}
		c.listen = connect
		return nil
	}
}
