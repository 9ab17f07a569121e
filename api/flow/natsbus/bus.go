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

// Bus is a flow.Bus over NATS JetStream. Create one per process with [New].
type Bus struct {
	config config
	js     jetstream.JetStream
	claims jetstream.KeyValue
	expiry atomic.Int64 // in nanoseconds, as the stream has it; 0: never
	link   *link
	reader *reader

	opening bool // in New
}

var _ flow.Bus = (*Bus)(nil)

// New returns a bus over a connection, preferably one from [Connect].
// Credentials, TLS and servers are options of the connection. The caller keeps
// ownership of it: close it when all flows are closed. The servers need
// JetStream.
//
// New creates stream and bucket if they do not exist, and otherwise uses them
// as they are. It never changes them: if they differ from an option, or cannot
// be used, the error is a [*MismatchError] for each setting. A missing
// permission is a [*PermissionError].
//
// The bus handles permission errors first, then calls the connection's own
// error handler; set that before New.
func New(ctx context.Context, nc *nats.Conn, opts ...Option) (*Bus, error) {
	if nc == nil {
		return nil, errors.New("natsbus: New needs a connection")
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("natsbus: %w", err)
	}
	return NewWithJetStream(ctx, js, opts...)
}

// NewWithJetStream is [New] with the caller's jetstream.JetStream, such as one
// from jetstream.NewWithDomain for servers behind a leaf node, or from
// jetstream.NewWithAPIPrefix for a stream of another account.
func NewWithJetStream(ctx context.Context, js jetstream.JetStream, opts ...Option) (*Bus, error) {
	return open(ctx, js, opts, (*Bus).find)
}

// Update creates stream and bucket if they do not exist, and otherwise changes
// them to what the given options say and the bus needs. Settings that no option
// names stay as they are. Call it from a command, from one process at a time;
// flows may be open meanwhile. Servers refuse some changes, such as that of
// storage.
func Update(ctx context.Context, nc *nats.Conn, opts ...Option) error {
	if nc == nil {
		return errors.New("natsbus: Update needs a connection")
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("natsbus: %w", err)
	}
	return UpdateWithJetStream(ctx, js, opts...)
}

// UpdateWithJetStream is [Update] with the caller's jetstream.JetStream.
func UpdateWithJetStream(ctx context.Context, js jetstream.JetStream, opts ...Option) error {
	b, err := open(ctx, js, opts, (*Bus).change)
	if err == nil {
		close(b.link.done)
	}
	return err
}

func open(ctx context.Context, js jetstream.JetStream, opts []Option, prepare func(*Bus, context.Context, jetstream.StreamConfig) error) (_ *Bus, err error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if js == nil {
		return nil, errors.New("natsbus: needs a JetStream")
	}
	b := &Bus{config: c, js: js, link: watch(ctx, js.Conn()), opening: true}
	b.reader = &reader{bus: b, subs: make(map[string][]*subscription)}
	defer func() {
		if err != nil {
			close(b.link.done)
		}
	}()
	var mismatches []error
	for _, wanted := range []jetstream.StreamConfig{c.eventsConfig(), c.bucketConfig()} {
		err := prepare(b, ctx, wanted)
		if _, ok := errors.AsType[*MismatchError](err); err != nil && !ok {
			return nil, err
		}
		mismatches = append(mismatches, err)
	}
	if err := errors.Join(mismatches...); err != nil {
		return nil, err
	}
	if _, err := b.findEnd(ctx); err != nil {
		return nil, err
	}
	b.claims, err = again(ctx, b, func(ctx context.Context) (jetstream.KeyValue, error) {
		return js.KeyValue(ctx, c.bucket())
	}, b.api()+"STREAM.INFO."+c.bucketStream())
	b.opening = false
	return b, err
}

func (c config) stream() string { return strings.ToUpper(c.name) + "_EVENTS" }

func (c config) bucket() string { return c.name + "-claims" }

// bucketStream is the name of the bucket's stream.
func (c config) bucketStream() string { return "KV_" + c.bucket() }

// subject returns the subject of a session's messages. An empty SID matches
// all.
func (c config) subject(s flow.Session) string {
	return strings.Join([]string{c.name, "events", or(s.AccountSID), or(s.CallSID), or(s.SID)}, ".")
}

// subjects matches the messages of all sessions.
func (c config) subjects() string { return c.subject(flow.Session{}) }

// recordSubject returns the subject of a session's record.
func (c config) recordSubject(s flow.Session) string {
	return "$KV." + c.bucket() + "." + strings.Join([]string{or(s.AccountSID), or(s.CallSID), or(s.SID)}, ".")
}

// places returns the streams and subjects of a session's events and record.
func (c config) places(s flow.Session) map[string]string {
	return map[string]string{c.stream(): c.subject(s), c.bucketStream(): c.recordSubject(s)}
}

func or(sid string) string {
	if sid == "" {
		return "*"
	}
	return sid
}

// key returns the key of a session's record.
func key(s flow.Session) string { return s.AccountSID + "." + s.CallSID + "." + s.SID }

// Publish implements flow.Bus. It returns nil when the stream has stored the
// message on enough servers to survive the loss of one, if it has replicas.
func (b *Bus) Publish(ctx context.Context, m flow.Message) error {
	if err := m.Session.Validate(); err != nil {
		return err
	}
	if !b.config.seal.hasKey() {
		m = m.WithoutTokens()
	}
	subject := b.config.subject(m.Session)
	data := b.config.seal.seal(m.Encode(), place{b.config.stream(), subject})
	_, err := again(ctx, b, func(ctx context.Context) (*jetstream.PubAck, error) {
		return b.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data},
			jetstream.WithMsgID(key(m.Session)+"."+m.ID), jetstream.WithExpectStream(b.config.stream()))
	}, subject)
	return err
}
