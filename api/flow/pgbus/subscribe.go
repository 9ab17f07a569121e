package pgbus

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// ahead is how many unread events a subscription holds. Events beyond that are
// read again when needed, so an abandoned subscriber costs next to nothing.
const ahead = 16

// subscription is a position in the events of a session, or of a call. It has
// no goroutine: the hub puts events in, and Next takes them out. The hub's lock
// guards it.
type subscription struct {
	hub     *hub
	feed    *feed
	session flow.Session
	since   time.Time
	once    sync.Once
	closed  chan struct{}
	wake    chan struct{} // full when something has changed
	turn    chan struct{} // full while a caller is in Next

	at     position // after the last event that was put in or skipped
	behind bool     // it reads by itself from at on: the hub puts nothing in
	queue  []entry
	ended  error // why nothing follows once the queue is empty
}

// Subscribe implements flow.Bus. All subscriptions of a process share one
// listening connection and one reader. They read earlier events, and those they
// were too slow for, by themselves.
func (b *Bus) Subscribe(ctx context.Context, s flow.Session) ([]flow.Message, flow.Subscription, error) {
	if err := b.ready(ctx); err != nil {
		return nil, nil, err
	}
	if err := validate(s); err != nil {
		return nil, nil, err
	}
	sub := &subscription{
		hub: b.hub, session: s, since: time.Now(), behind: true,
		closed: make(chan struct{}), wake: make(chan struct{}, 1), turn: make(chan struct{}, 1),
	}
	b.hub.add(sub)
	past, err := sub.begin(ctx)
	if err != nil {
		_ = sub.Close()
		return nil, nil, err
	}
	return past, sub, nil
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

// begin returns the stored events, and positions the subscription after them.
func (s *subscription) begin(ctx context.Context) (past []flow.Message, err error) {
	for {
		e, next, err := s.pop()
		switch next {
		case handOut:
			m, err := s.hub.bus.decode(e)
			if err != nil {
				return nil, err
			}
			past = append(past, m)
		case catchUp:
			if err := s.fetch(ctx); err != nil {
				return nil, err
			}
		case wait:
			return past, nil
		case over:
			return nil, err
		}
	}
}

// decode opens an event.
func (b *Bus) decode(e entry) (flow.Message, error) {
	data, err := b.open(e.data, b.config.schema+".events", name(e.session))
	if err != nil {
		return flow.Message{}, err
	}
	m, err := flow.DecodeMessage(data)
	if err != nil {
		return flow.Message{}, err // such as a newer version's
	}
	if m.Session != e.session || string(digestOf(m)) != e.digest {
		return flow.Message{}, ErrUnreadable // a copied row is not another delivery
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
			m, err := s.hub.bus.decode(e)
			if err == nil {
				return m, nil
			}
			s.end(err) // skipping it would lose an event
		case catchUp:
			if err := s.fetch(ctx); err != nil {
				if endsAll(err) {
					s.end(err)
				} else if ctx.Err() == nil {
					_ = sleep.Jittered(ctx, firstPause)
				}
			}
		case wait:
			select {
			case <-s.wake:
			case <-s.closed:
			case <-ctx.Done():
			}
		case over:
			return flow.Message{}, err
		}
		if ctx.Err() != nil {
			return flow.Message{}, ctx.Err()
		}
	}
}

// what to do next
type what int

const (
	handOut what = iota // the event
	catchUp             // by reading what is stored
	wait                // for the hub
	over                // see the field ended
)

// pop returns the next event, or what to do to get one.
func (s *subscription) pop() (e entry, next what, err error) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	select {
	case <-s.closed:
		return entry{}, over, flow.ErrClosed
	default:
	}
	switch {
	case len(s.queue) > 0:
		e = s.queue[0]
		s.queue[0] = entry{}
		if s.queue = s.queue[1:]; len(s.queue) == 0 {
			s.queue = nil
		}
		return e, handOut, nil
	case s.ended != nil:
		return entry{}, over, s.ended
	case s.behind:
		return entry{}, catchUp, nil
	}
	return entry{}, wait, nil
}

// fetch reads what follows the subscription's position, up to one batch, and
// joins the hub if that was all.
func (s *subscription) fetch(ctx context.Context) error {
	from := s.place()
	got, err := again(ctx, s.hub.bus, func(ctx context.Context, conn *pgx.Conn) ([]found, error) {
		return s.hub.bus.readFrom(ctx, conn, []string{s.session.CallSID}, []position{from})
	})
	if err != nil {
		return err
	}
	next, fresh, complete, err := from.advance(got[0])
	if err != nil {
		return err
	}
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for _, e := range fresh {
		if s.session.Includes(e.session) {
			s.queue = append(s.queue, e)
		}
	}
	if s.at = next; complete {
		s.hub.join(s)
	}
	return nil
}

func (s *subscription) place() position {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.at
}

// put takes an event from the hub, which has then read the call up to that
// event. If the queue is full, the subscription falls behind.
func (s *subscription) put(e entry) {
	switch {
	case s.behind || e.number <= s.at.number:
		return
	case !s.session.Includes(e.session):
	case len(s.queue) >= ahead:
		s.behind = true
		return
	default:
		s.queue = append(s.queue, e)
		s.signal()
	}
	s.at.number, s.at.head, s.at.digest = e.number, e.number, e.digest
}

// end ends the subscription once its queue is empty. Only the first reason
// counts.
func (s *subscription) end(err error) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.fail(err)
}

func (s *subscription) fail(err error) {
	if s.ended == nil {
		s.ended = err
	}
	s.signal()
}

func (s *subscription) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Close implements flow.Subscription.
func (s *subscription) Close() error {
	s.once.Do(func() {
		close(s.closed)
		s.hub.remove(s)
	})
	return nil
}
