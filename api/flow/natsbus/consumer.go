package natsbus

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// idle is the status of heartbeats and flow control requests. Any other status
// means that the consumer no longer exists.
const idle = "100"

// abandoned is how long a server keeps the consumer of a dead machine.
const abandoned = 30 * time.Second

// consumer reads the events of all sessions from the stream, in order, each
// once. It is an ordered consumer, but not the one of package jetstream. That
// one does not notice a lost message without a successor (it ignores the
// sequence number in heartbeats), continues in a stream that was deleted and
// recreated as if it were the old one, and waits ten seconds for a request on a
// dead connection.
type consumer struct {
	bus  *Bus
	from position // where to resume

	name      string // name of the consumer on the servers
	inbox     *nats.Subscription
	delivered uint64 // sequence number of the last message, as the consumer counts
}

// position is a position in a stream.
type position struct {
	created time.Time // the stream
	last    uint64    // sequence number of the last message
	at      int64     // when the stream stored that message; 0 if unknown
	now     int64     // by the server's clock
}

// findEnd returns the end of the stream.
func (b *Bus) findEnd(ctx context.Context) (position, error) {
	return again(ctx, b, b.end, b.api()+"STREAM.INFO."+b.config.stream())
}

func (b *Bus) end(ctx context.Context) (position, error) {
	stream, err := b.js.Stream(ctx, b.config.stream())
	if err != nil {
		return position{}, err
	}
	info := stream.CachedInfo()
	b.expiry.Store(int64(info.Config.MaxAge / kept))
	return position{created: info.Created, last: info.State.LastSeq, now: info.TimeStamp.UnixNano()}, nil
}

// errRecreated means that this is not the stream that was read before, so there
// is no position to resume from.
var errRecreated = fmt.Errorf("natsbus: the stream was deleted and recreated: %w", flow.ErrExpired)

// check reports whether the stream still has what was read from it, and returns
// its end. A server that returns from a power failure may have lost its latest
// messages, and may have reused their numbers.
func (b *Bus) check(ctx context.Context, p position) (end position, whole bool, err error) {
	end, err = b.findEnd(ctx)
	switch {
	case err != nil:
		return end, false, err
	case end.created.After(p.created):
		return end, false, errRecreated
	case end.last < p.last:
		return end, false, nil
	case p.at == 0:
		return end, true, nil
	}
	e, err := b.newest(ctx, getRequest{Sequence: p.last})
	return end, e == nil || e.at == p.at, err
}

// create creates a consumer on the servers that starts after the last message.
// Repeated requests create only one, because name and inbox are the same.
func (c *consumer) create(ctx context.Context) (err error) {
	nc := c.bus.js.Conn()
	if c.inbox, err = nc.SubscribeSync(nc.NewInbox()); err != nil {
		return err
	}
	c.name, c.delivered = "twiliopay-"+rand.Text(), 0
	config := jetstream.ConsumerConfig{
		Name: c.name, DeliverSubject: c.inbox.Subject, FilterSubject: c.bus.config.subjects(),
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: c.from.last + 1,
		AckPolicy: jetstream.AckNonePolicy, MaxDeliver: 1, MemoryStorage: true, Replicas: 1,
		FlowControl: true, IdleHeartbeat: c.bus.config.heartbeat, InactiveThreshold: abandoned,
	}
	_, err = again(ctx, c.bus, func(ctx context.Context) (jetstream.PushConsumer, error) {
		return c.bus.js.CreatePushConsumer(ctx, c.bus.config.stream(), config)
	}, c.bus.api()+"CONSUMER.CREATE."+c.bus.config.stream())
	if err != nil {
		c.drop()
	}
	return err
}

// drop deletes the consumer from the servers, in the background.
func (c *consumer) drop() {
	_ = c.inbox.Unsubscribe()
	c.bus.forgetConsumer(c.bus.config.stream(), c.name)
}

// forgetConsumer deletes a consumer from the servers, in the background.
func (b *Bus) forgetConsumer(stream, name string) {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), attemptTime)
		defer cancel()
		_ = b.js.DeleteConsumer(ctx, stream, name) // if this fails, the server drops it later
	}()
}

// read delivers messages until one is missing, nothing has arrived for two
// heartbeats, the connection is lost, or the context ends.
func (c *consumer) read(ctx context.Context, deliver func(entry)) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	changed := c.bus.link.next()
	go func() {
		select {
		case <-changed:
			stop()
		case <-ctx.Done():
		}
	}()
	patience := 2 * c.bus.config.heartbeat
	silence := time.AfterFunc(patience, stop)
	defer silence.Stop()
	for {
		m, err := c.inbox.NextMsgWithContext(ctx)
		if err != nil {
			return
		}
		silence.Reset(patience)
		switch status := m.Header.Get("Status"); {
		case status == "" && c.follows(m):
			deliver(entry{subject: m.Subject, sequence: c.from.last, at: c.from.at, data: m.Data})
		case status == idle && c.agrees(m):
			c.resume(m)
		default:
			return
		}
	}
}

// follows reports whether m is the message after the last one.
func (c *consumer) follows(m *nats.Msg) bool {
	meta, err := m.Metadata()
	if err != nil || meta.Consumer != c.name || meta.Sequence.Consumer != c.delivered+1 {
		return false
	}
	c.delivered, c.from.last, c.from.at = meta.Sequence.Consumer, meta.Sequence.Stream, meta.Timestamp.UnixNano()
	return true
}

// agrees reports whether a heartbeat confirms that no message is missing.
func (c *consumer) agrees(m *nats.Msg) bool {
	last, err := strconv.ParseUint(m.Header.Get("Nats-Last-Consumer"), 10, 64)
	return err != nil || last == c.delivered
}

// resume lets a server that waits for flow control continue.
func (c *consumer) resume(m *nats.Msg) {
	for _, subject := range []string{m.Reply, m.Header.Get("Nats-Consumer-Stalled")} {
		if subject != "" {
			_ = c.bus.js.Conn().Publish(subject, nil) // if this fails, the server asks again
		}
	}
}
