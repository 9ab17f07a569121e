package natsbus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Subscribe implements flow.Bus. All subscriptions of a process share one
// consumer. They read earlier messages, and those they were too slow for, from
// the stream.
func (b *Bus) Subscribe(ctx context.Context, s flow.Session) ([]flow.Message, flow.Subscription, error) {
	if err := validate(s); err != nil {
		return nil, nil, err
	}
	sub := newSubscription(b, s)
	past, err := sub.begin(ctx)
	if err != nil {
		_ = sub.Close()
		return nil, nil, err
	}
	return past, sub, nil
}

// begin registers the subscription for new messages, and returns earlier ones.
func (s *subscription) begin(ctx context.Context) ([]flow.Message, error) {
	if err := s.bus.reader.add(ctx, s); err != nil {
		return nil, err
	}
	s.due(time.Duration(s.bus.expiry.Load()))
	var all []taken
	for {
		switch e, next, err := s.pop(); next {
		case handOut:
			m, err := s.bus.decode(e)
			if err != nil {
				return nil, err
			}
			all = append(all, taken{m, e.at})
		case catchUp:
			if err := s.fetch(ctx); err != nil {
				return nil, err
			}
		case over:
			return nil, err
		default:
			return s.bus.remembered(ctx, all)
		}
	}
}

// validate returns an error if s would match more than the sessions of one call.
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

// decode opens a message.
func (b *Bus) decode(e entry) (flow.Message, error) {
	data, err := b.config.seal.open(e.data, place{b.config.stream(), e.subject})
	if err != nil {
		return flow.Message{}, err
	}
	m, err := flow.DecodeMessage(data)
	if err != nil {
		return flow.Message{}, err // such as a newer version's
	}
	if b.config.subject(m.Session) != e.subject {
		return flow.Message{}, ErrUnreadable
	}
	return m, nil
}

// Next implements flow.Subscription.
func (s *subscription) Next(ctx context.Context) (flow.Message, error) {
	select {
	case s.turn <- struct{}{}:
	case <-s.closed:
		return flow.Message{}, flow.ErrClosed
	case <-ctx.Done():
		return flow.Message{}, ctx.Err()
	}
	defer func() { <-s.turn }()
	for {
		e, next, err := s.pop()
		switch next {
		case handOut:
			var m flow.Message
			if m, err = s.bus.decode(e); err == nil {
				return m, nil
			}
			s.end(err) // skipping it would lose an event
		case catchUp:
			err = s.fetch(ctx)
		case wait:
			err = s.await(ctx)
		case over:
			return flow.Message{}, err
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return flow.Message{}, ctx.Err()
		case errors.Is(err, nats.ErrConnectionClosed):
			s.end(flow.ErrClosed)
		case isFinal(err):
			s.end(err)
		}
	}
}

// await waits until there is something to do, and ends the subscription if the
// bus has forgotten the session.
func (s *subscription) await(ctx context.Context) error {
	var forgets <-chan time.Time
	if left, bounded := s.left(); bounded {
		timer := time.NewTimer(left)
		defer timer.Stop()
		forgets = timer.C
	}
	select {
	case <-s.wake:
		return nil
	case <-s.closed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-forgets:
	}
	remaining, err := s.bus.remaining(ctx, s.session)
	if err != nil {
		return err
	}
	if remaining <= 0 {
		s.end(flow.ErrExpired)
	}
	s.due(max(remaining, time.Second))
	return nil
}
