package natsbus

import (
	"context"
	"errors"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// ahead is how many messages a subscription holds that nobody has asked for.
const ahead = 16

// Subscribe implements flow.Bus, with an ordered consumer: what it misses, it
// gets again from the stream.
func (b *Bus) Subscribe(ctx context.Context, s flow.Session) ([]flow.Message, flow.Subscription, error) {
	err := validate(s)
	if err != nil {
		return nil, nil, err
	}
	c := &consumer{bus: b, subject: b.config.subject(s)}
	var stored uint64
	err = b.again(ctx, func(ctx context.Context) (err error) {
		stored, err = c.create(ctx)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	sub := &subscription{bus: b, from: c, messages: make(chan flow.Message, ahead), closed: make(chan struct{})}
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

// validate returns an error when s would stand for more than sessions of a call.
func validate(s flow.Session) error {
	if s.AccountSID == "" {
		s.AccountSID = "AC" + anySID
	}
	if s.SID == "" {
		s.SID = "PK" + anySID
	}
	return s.Validate()
}

const anySID = "00000000000000000000000000000000"

// subscription hands on what a consumer reads.
type subscription struct {
	bus      *Bus
	from     *consumer         // read's own
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
	s.once.Do(func() { close(s.closed) })
	return nil
}

// read reads until the subscription or the connection is closed, or a message
// cannot be opened: to leave that out would be to lose an event.
func (s *subscription) read() {
	defer close(s.messages)
	defer s.from.drop()
	for {
		raw, err := s.from.next(s.closed)
		var m flow.Message
		if err == nil {
			m, err = s.bus.decode(raw)
		}
		if err != nil {
			s.err = err
			return
		}
		select {
		case s.messages <- m:
		case <-s.closed:
			s.err = flow.ErrClosed
			return
		}
	}
}

// decode opens a message.
func (b *Bus) decode(raw *nats.Msg) (flow.Message, error) {
	data, err := b.config.seal.open(raw.Data, raw.Subject)
	if err != nil {
		return flow.Message{}, err
	}
	m, err := flow.DecodeMessage(data)
	if errors.Is(err, flow.ErrFormat) && len(data) > 0 && data[0] == '{' {
		return flow.Message{}, err // a newer version has written it
	}
	if err != nil || b.config.subject(m.Session) != raw.Subject {
		return flow.Message{}, ErrUnreadable
	}
	return m, nil
}
