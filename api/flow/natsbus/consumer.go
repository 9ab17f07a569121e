package natsbus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// idle is the status of a heartbeat; others tell that the consumer is gone.
const idle = "100"

// forgotten is after how long a server drops the consumer of a machine that has
// died.
const forgotten = 30 * time.Second

// consumer reads the messages of a subject from the stream in order, each once.
// It is an ordered consumer as nats.go has them, but pushed to: a request to
// pull that is made right after a cluster has made the consumer may be lost, and
// then nothing comes until two heartbeats are missed.
type consumer struct {
	bus     *Bus
	subject string

	name      string // of the consumer on the servers
	inbox     *nats.Subscription
	arrived   chan *nats.Msg
	dropped   chan struct{} // closed when nothing is read from arrived any more
	delivered uint64        // of this consumer: the sequence number of the last message
	last      uint64        // of the stream: the sequence number of the last message
	at        time.Time     // when the stream took that
}

// create makes a consumer on the servers that begins after the last message, and
// returns how many messages are there already.
func (c *consumer) create(ctx context.Context) (stored uint64, err error) {
	c.drop()
	if c.last > 0 {
		if err := c.checkStream(ctx); err != nil {
			return 0, err
		}
	}
	nc := c.bus.js.Conn()
	arrived, dropped := make(chan *nats.Msg), make(chan struct{})
	c.inbox, err = nc.Subscribe(nc.NewInbox(), func(m *nats.Msg) { // the client holds what nobody has asked for yet
		select {
		case arrived <- m:
		case <-dropped:
		}
	})
	if err != nil {
		return 0, err
	}
	c.arrived, c.dropped, c.delivered = arrived, dropped, 0
	config := jetstream.ConsumerConfig{
		DeliverSubject: c.inbox.Subject, FilterSubject: c.subject, DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy: jetstream.AckNonePolicy, MaxDeliver: 1, MemoryStorage: true, Replicas: 1,
		IdleHeartbeat: c.bus.config.heartbeat, InactiveThreshold: forgotten,
	}
	if c.last > 0 {
		config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, c.last+1
	}
	made, err := c.bus.js.CreatePushConsumer(ctx, c.bus.config.stream(), config)
	if err != nil {
		c.drop()
		return 0, err
	}
	info := made.CachedInfo()
	c.name = info.Name
	return info.NumPending, nil
}

// errMadeAnew tells that the stream is another than the one that was read, or
// has lost its end: where to go on in it is not known.
var errMadeAnew = fmt.Errorf("natsbus: the stream was made anew: %w", flow.ErrExpired)

func (c *consumer) checkStream(ctx context.Context) error {
	stream, err := c.bus.js.Stream(ctx, c.bus.config.stream())
	if err != nil {
		return err
	}
	if info := stream.CachedInfo(); info.Created.After(c.at) || info.State.LastSeq < c.last {
		return errMadeAnew
	}
	return nil
}

// drop gives the consumer back to the servers, in its own time.
func (c *consumer) drop() {
	if c.inbox != nil {
		_ = c.inbox.Unsubscribe()
		close(c.dropped)
	}
	if name := c.name; name != "" {
		js, stream := c.bus.js, c.bus.config.stream()
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), attemptTime)
			defer cancel()
			_ = js.DeleteConsumer(ctx, stream, name) // or it is forgotten
		}()
	}
	c.inbox, c.name = nil, ""
}

// next returns the next message. When one was missed, or nothing has come for
// two heartbeats, the consumer is made anew, on whichever server there is.
func (c *consumer) next(closed <-chan struct{}) (*nats.Msg, error) {
	for {
		silence := time.NewTimer(2 * c.bus.config.heartbeat)
		select {
		case m := <-c.arrived:
			silence.Stop()
			switch status := m.Header.Get("Status"); {
			case status == "" && c.follows(m):
				return m, nil
			case status == idle && c.agrees(m):
				continue
			}
		case <-silence.C:
		case <-c.bus.gone:
			silence.Stop()
			return nil, flow.ErrClosed
		case <-closed:
			silence.Stop()
			return nil, flow.ErrClosed
		}
		if err := c.recreate(closed); err != nil {
			return nil, err
		}
	}
}

// follows reports whether m is the message after the last one.
func (c *consumer) follows(m *nats.Msg) bool {
	meta, err := m.Metadata()
	if err != nil || meta.Consumer != c.name || meta.Sequence.Consumer != c.delivered+1 {
		return false
	}
	c.delivered, c.last, c.at = meta.Sequence.Consumer, meta.Sequence.Stream, meta.Timestamp
	return true
}

// agrees reports whether a heartbeat says that no message is missing.
func (c *consumer) agrees(m *nats.Msg) bool {
	last, err := strconv.ParseUint(m.Header.Get("Nats-Last-Consumer"), 10, 64)
	return err != nil || last == c.delivered
}

// recreate tries until there is a consumer again. It gives up when the stream is
// gone or another, and when the subscription or the connection is closed.
func (c *consumer) recreate(closed <-chan struct{}) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-closed:
			cancel()
		case <-done:
		}
	}()
	for {
		err := c.bus.again(ctx, func(ctx context.Context) error {
			_, err := c.create(ctx)
			return err
		})
		switch {
		case err == nil, errors.Is(err, jetstream.ErrStreamNotFound), errors.Is(err, flow.ErrExpired):
			return err
		case ctx.Err() != nil, c.bus.js.Conn().IsClosed():
			return flow.ErrClosed
		}
		select {
		case <-time.After(pause):
		case <-closed:
		}
	}
}
