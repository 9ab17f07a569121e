package flow

import (
	"bytes"
	"context"
	"strings"
	"sync"
)

// Publish implements [Bus].
func (m *Memory) Publish(ctx context.Context, msg Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	if err := msg.Session.Validate(); err != nil {
		return err
	}
	c, s, err := m.session(msg.Session)
	if err != nil {
		return err
	}
	if c.has(msg) {
		return nil
	}
	if s.events >= m.maxEvents && !c.thin(msg.Session) {
		return ErrFull
	}
	s.events++
	s.over = s.over || msg.Final
	c.add(s.compact(msg))
	m.touch(c)
	return nil
}

// compact returns a message whose names are those that the session has already:
// parts of the request would keep all of it.
func (s *memorySession) compact(msg Message) Message {
	if s.flow != msg.Flow {
		s.flow = strings.Clone(msg.Flow)
	}
	msg.Session, msg.Flow, msg.ID = s.name, s.flow, strings.Clone(msg.ID)
	return msg
}

// Subscribe implements [Bus].
func (m *Memory) Subscribe(ctx context.Context, s Session) ([]Message, Subscription, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return nil, nil, err
	}
	if err := s.validatePattern(); err != nil {
		return nil, nil, err
	}
	c := m.call(s.AccountSID, s.CallSID)
	c.watchers++
	if c.isForAll() {
		m.touch(c) // a session is being started on the call
	}
	m.sort(c.line)
	sub := &memorySubscription{bus: m, call: c, session: s, closed: make(chan struct{})}
	var past []Message
	for msg, ok := c.after(0, s); ok; msg, ok = c.after(msg.number, s) {
		past = append(past, msg.Message)
	}
	sub.seen = c.line.last
	return past, sub, nil
}

// Load implements [Bus].
func (m *Memory) Load(ctx context.Context, s Session) ([]byte, uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return nil, 0, err
	}
	if err := s.Validate(); err != nil {
		return nil, 0, err
	}
	if c := m.held(s); c != nil {
		return bytes.Clone(c.sessions[s].record), c.sessions[s].revision, nil
	}
	return nil, 0, nil
}

// Swap implements [Bus].
func (m *Memory) Swap(ctx context.Context, session Session, value []byte, revision uint64) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return 0, err
	}
	if err := session.Validate(); err != nil {
		return 0, err
	}
	if revision != 0 && m.held(session) == nil {
		return 0, ErrConflict
	}
	c, s, err := m.session(session)
	if err != nil {
		return 0, err
	}
	if s.revision != revision {
		return 0, ErrConflict
	}
	s.record, s.revision = bytes.Clone(value), revision+1
	m.touch(c)
	return s.revision, nil
}

// memorySubscription is a place in the messages of a call. It holds no
// messages: a subscriber that never comes back costs nothing but itself.
type memorySubscription struct {
	bus     *Memory
	call    *memoryCall
	session Session
	seen    uint64 // the bus's lock guards it

	once   sync.Once
	closed chan struct{}
}

// Next implements [Subscription].
func (s *memorySubscription) Next(ctx context.Context) (Message, error) {
	for {
		msg, found, changed, err := s.next()
		if found || err != nil {
			return msg, err
		}
		select {
		case <-changed:
		case <-s.closed:
			return Message{}, ErrClosed
		case <-ctx.Done():
			return Message{}, ctx.Err()
		}
	}
}

func (s *memorySubscription) next() (Message, bool, <-chan struct{}, error) {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	select {
	case <-s.closed:
		return Message{}, false, nil, ErrClosed
	default:
	}
	if m, ok := s.call.after(s.seen, s.session); ok {
		s.seen = m.number
		return m.Message, true, nil, nil
	}
	if s.call.ended != nil {
		return Message{}, false, nil, s.call.ended
	}
	return Message{}, false, s.call.line.wait(), nil
}

// Close implements [Subscription].
func (s *memorySubscription) Close() error {
	s.once.Do(func() {
		close(s.closed)
		s.bus.mu.Lock()
		defer s.bus.mu.Unlock()
		s.call.watchers--
		if s.call.ended != nil {
			return
		}
		if len(s.call.sessions) == 0 && s.call.watchers == 0 {
			s.bus.forget(s.call) // nothing came of it
		}
		s.bus.sort(s.call.line)
	})
	return nil
}
