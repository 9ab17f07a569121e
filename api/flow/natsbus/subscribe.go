package natsbus

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// forgotten is after how long a server drops the consumer of a machine that has
// died.
const forgotten = 30 * time.Second

// ahead is how many messages a subscription holds that nobody has asked for.
const ahead = 16

// Subscribe implements flow.Bus, with an ordered consumer: what it misses, it
// gets again from the stream.
func (b *Bus) Subscribe(ctx context.Context, s flow.Session) ([]flow.Message, flow.Subscription, error) {
	var consumer jetstream.Consumer
	var messages jetstream.MessagesContext
	err := again(ctx, func(ctx context.Context) (err error) {
		consumer, err = b.js.OrderedConsumer(ctx, b.config.stream(), jetstream.OrderedConsumerConfig{
			FilterSubjects: []string{b.config.subject(s)}, DeliverPolicy: jetstream.DeliverAllPolicy,
			InactiveThreshold: forgotten,
		})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	stored := consumer.CachedInfo().NumPending
	if messages, err = consumer.Messages(jetstream.PullHeartbeat(b.config.heartbeat), jetstream.PullMaxMessages(ahead)); err != nil {
		return nil, nil, err
	}
	sub := &subscription{bus: b, from: messages, consumer: consumer, messages: make(chan flow.Message, ahead), closed: make(chan struct{})}
	go sub.read()
	var past []flow.Message
	for range stored {
		m, err := sub.Next(ctx)
		if err != nil {
			_ = sub.Close()
			return nil, nil, err
		}
		past = append(past, m)
	}
	return past, sub, nil
}

// subscription hands on what an ordered consumer reads. The consumer waits for
// servers without minding contexts, so that it has a goroutine of its own.
type subscription struct {
	bus      *Bus
	consumer jetstream.Consumer
	from     jetstream.MessagesContext
	messages chan flow.Message // closed when there will be no more
	err      error             // why; read after messages is closed

	once   sync.Once
	closed chan struct{}
}

// Next implements flow.Subscription.
func (s *subscription) Next(ctx context.Context) (flow.Message, error) {
	select {
	case <-s.closed:
		return flow.Message{}, flow.ErrClosed
	default:
	}
	select {
	case m, more := <-s.messages:
		if !more {
			return flow.Message{}, s.err
		}
		return m, nil
	case <-s.closed:
		return flow.Message{}, flow.ErrClosed
	case <-ctx.Done():
		return flow.Message{}, ctx.Err()
	}
}

// Close implements flow.Subscription.
func (s *subscription) Close() error {
	s.once.Do(func() {
		close(s.closed)
		go func() {
			s.from.Stop() // which waits for a server that is being asked
			ctx, cancel := context.WithTimeout(context.Background(), attemptTime)
			defer cancel()
			_ = s.bus.js.DeleteConsumer(ctx, s.bus.config.stream(), s.consumer.CachedInfo().Name) // or it is forgotten
		}()
	})
	return nil
}

func (s *subscription) read() {
	defer close(s.messages)
	for {
		raw, err := s.from.Next()
		var m flow.Message
		if err == nil {
			m, err = s.bus.decode(raw)
		}
		if err != nil {
			if s.err = err; errors.Is(err, jetstream.ErrMsgIteratorClosed) {
				s.err = flow.ErrClosed
			}
			return
		}
		select {
		case s.messages <- m:
		case <-s.closed:
			return
		}
	}
}

// decode opens a message. What is not readable ends the subscription: to leave
// it out would be to lose an event.
func (b *Bus) decode(raw jetstream.Msg) (flow.Message, error) {
	data, err := b.config.seal.open(raw.Data(), raw.Subject())
	if err != nil {
		return flow.Message{}, err
	}
	m, err := flow.DecodeMessage(data)
	if err != nil || b.config.subject(m.Session) != raw.Subject() {
		return flow.Message{}, ErrUnreadable
	}
	return m, nil
}
