package pgbus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/api/flow/internal/seal"
)

// Option sets one thing for a [Bus].
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
	maxSchema     = 40 // channel and index names are made of it, and have 63 bytes at most
)

func newConfig(opts []Option) (config, error) {
	c := config{schema: defaultSchema, expiry: defaultExpiry, poll: defaultPoll, silence: silence}
	for i, opt := range opts {
		if opt == nil {
			return c, fmt.Errorf("pgbus: option %d: must not be nil", i+1)
		}
		if err := opt(&c); err != nil {
			return c, errors.New("pgbus: " + err.Error())
		}
	}
	return c, nil
}

// WithSchema sets the schema that has the tables, so that several applications
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
// are forgotten; who still waits for them gets flow.ErrExpired. The database has
// them for up to a sixteenth longer. Where processes have different ones, the
// longest counts for the calls that they share. Default 24 h, which no telephone
// call outlasts; at least an hour.
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
// it waits for, should a notification be lost: while the listening connection is
// made again, and when a process dies between an event and its notification.
// Default 1 s, from 100 ms to 1 min.
func WithPollInterval(d time.Duration) Option {
	return func(c *config) error {
		if d < 100*time.Millisecond || d > time.Minute {
			return errors.New("WithPollInterval: must be from 100 ms to 1 min")
		}
		c.poll = d
		return nil
	}
}

// WithKey seals what is stored with AES-256-GCM under key, and opens it with key
// or any of the older ones. To change the key, first give the new one as older
// everywhere, then as key. Keys have 32 random bytes; one is good for 2³²
// messages. Default: no key, and tokens are not stored.
func WithKey(key []byte, older ...[]byte) Option {
	return func(c *config) (err error) {
		c.seal, err = seal.New("pgbus", key, older)
		return err
	}
}

// WithListenConn sets how the one connection is made that listens for
// notifications, again each time when it was lost. It must lead to the server
// that the pool leads to, and not through a pooler that gives each transaction
// another connection, such as PgBouncer in transaction mode. Default: as the
// pool makes its connections, outside of the pool.
func WithListenConn(connect func(context.Context) (*pgx.Conn, error)) Option {
	return func(c *config) error {
		if connect == nil {
			return errors.New("WithListenConn: needs a function")
		}
		c.listen = connect
		return nil
	}
}
