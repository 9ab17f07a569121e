package natsbus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Bus is a flow.Bus over NATS JetStream. Make one per process with [New].
type Bus struct {
	config config
	js     jetstream.JetStream
	claims jetstream.KeyValue
	expiry atomic.Int64 // in nanoseconds, as the stream has it; 0 is never
	link   *link
	reader *reader
}

var _ flow.Bus = (*Bus)(nil)

// New returns a bus over a connection, and makes or changes its stream and
// bucket to be as the options say. Credentials, TLS and servers are options of
// the connection, which stays the caller's: close it when all flows are closed.
// The servers need JetStream.
func New(ctx context.Context, nc *nats.Conn, opts ...Option) (_ *Bus, err error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if nc == nil {
		return nil, errors.New("natsbus: New needs a connection")
	}
	b := &Bus{config: c}
	var stop func()
	b.link, stop = watch(nc)
	defer func() {
		if err != nil {
			stop()
		}
	}()
	b.reader = &reader{bus: b, subs: make(map[string][]*subscription)}
	if b.js, err = jetstream.New(nc); err != nil {
		return nil, fmt.Errorf("natsbus: %w", err)
	}
	if _, err = again(ctx, b, b.makeStream); err != nil {
		return nil, fmt.Errorf("natsbus: stream: %w", err)
	}
	if _, err = again(ctx, b, b.end); err != nil {
		return nil, fmt.Errorf("natsbus: stream: %w", err)
	}
	if b.claims, err = again(ctx, b, b.makeBucket); err != nil {
		return nil, fmt.Errorf("natsbus: bucket: %w", err)
	}
	return b, nil
}

func (c config) stream() string { return strings.ToUpper(c.name) + "_EVENTS" }

func (c config) bucket() string { return c.name + "-claims" }

// subject returns where the messages of a session are; a SID that is not named
// stands for all.
func (c config) subject(s flow.Session) string {
	return strings.Join([]string{c.name, "events", or(s.AccountSID), or(s.CallSID), or(s.SID)}, ".")
}

// subjects are those of all sessions.
func (c config) subjects() string { return c.subject(flow.Session{}) }

// places returns the stream and subject of a session's events, and those of its
// record.
func (c config) places(s flow.Session) map[string]string {
	return map[string]string{
		c.stream():         c.subject(s),
		"KV_" + c.bucket(): "$KV." + c.bucket() + "." + strings.Join([]string{or(s.AccountSID), or(s.CallSID), or(s.SID)}, "."),
	}
}

func or(sid string) string {
	if sid == "" {
		return "*"
	}
	return sid
}

// key returns the key of a session's record.
func key(s flow.Session) string { return s.AccountSID + "." + s.CallSID + "." + s.SID }
