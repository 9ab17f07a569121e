package flow

import (
	"bytes"
	"cmp"
	"container/list"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What a memory bus holds by default.
const (
	defaultMaxSessions = 100_000
	defaultMaxEvents   = 1000
	defaultExpiry      = 24 * time.Hour
	minExpiry          = time.Hour
)

// Memory is the [Bus] of one process. It is bounded in sessions of an account
// and in events of a session, forgets calls that nothing happened on for a day,
// and runs no goroutine. A restart loses what it holds.
//
// A session takes the bytes of its callbacks and about 1.5 KB. When an account
// has too many sessions, its call longest at rest of those whose sessions are
// all over makes room. An open session never does: when there is nothing else,
// Publish and Swap for a new one fail with [ErrFull]. What one account does
// neither drops nor keeps out a session of another.
type Memory struct {
	maxSessions, maxEvents int
	expiry                 time.Duration

	mu       sync.Mutex
	closed   bool
	lines    map[string]*memoryLine // by call SID
	accounts map[string]*memoryAccount
	timer    *time.Timer // for the next call to expire; nil when there is none
	numbers  uint64      // of the newest session
}

// memoryAccount is what an account has on a [Memory]. The lists are of
// *memoryCall, longest at rest first.
type memoryAccount struct {
	sid      string
	open     *list.List // a session is open, or awaited
	over     *list.List // those whose sessions are all over
	sessions int
}

// MemoryOption sets a bound of a [Memory].
type MemoryOption func(*Memory) error

// WithMaxSessions sets how many sessions are held of one account. Default
// 100000, at least 1.
func WithMaxSessions(n int) MemoryOption {
	return func(m *Memory) error {
		if n < 1 {
			return errors.New("WithMaxSessions: must be at least 1")
		}
		m.maxSessions = n
		return nil
	}
}

// WithMaxEvents sets how many events are held of one session. A card payment
// has about 40, one for every key the caller presses. When there are more, the
// oldest digit gives way; if there is none, Publish fails with [ErrFull].
// Default 1000, at least 8.
func WithMaxEvents(n int) MemoryOption {
	return func(m *Memory) error {
		if n < 8 {
			return errors.New("WithMaxEvents: must be at least 8")
		}
		m.maxEvents = n
		return nil
	}
}

// WithExpiry sets how long after the last event or step of a call its sessions
// are forgotten; who still waits for them gets [ErrExpired]. Default 24 h, at
// least an hour.
func WithExpiry(d time.Duration) MemoryOption {
	return func(m *Memory) error {
		if d < minExpiry {
			return errors.New("WithExpiry: must be at least an hour")
		}
		m.expiry = d
		return nil
	}
}

// NewMemory returns an empty bus for one process.
func NewMemory(opts ...MemoryOption) (*Memory, error) {
	m := &Memory{
		maxSessions: defaultMaxSessions, maxEvents: defaultMaxEvents, expiry: defaultExpiry,
		lines: make(map[string]*memoryLine), accounts: make(map[string]*memoryAccount),
	}
	for i, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("flow: option %d: must not be nil", i+1)
		}
		if err := opt(m); err != nil {
			return nil, fmt.Errorf("flow: %w", err)
		}
	}
	return m, nil
}

// Sessions returns how many sessions are held.
func (m *Memory) Sessions() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, a := range m.accounts {
		n += a.sessions
	}
	return n
}

// Close forgets everything and ends all subscriptions with [ErrClosed]. The bus
// cannot be used any more.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for _, l := range m.lines {
		for _, c := range l.parts {
			c.ended = ErrClosed
		}
		l.wake()
	}
	m.lines, m.accounts = nil, nil
	if m.timer != nil {
		m.timer.Stop()
	}
	return nil
}

// ready returns why nothing can be done now. The caller holds the lock.
func (m *Memory) ready(ctx context.Context) error {
	if m.closed {
		return ErrClosed
	}
	return ctx.Err()
}

// Format prints how many sessions are held and nothing of them, for every verb.
func (m *Memory) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "flow.Memory(%d sessions)", m.Sessions())
}

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
	s.record, s.revision, s.changed = bytes.Clone(value), revision+1, time.Now()
	m.touch(c)
	return s.revision, nil
}

// List implements [Bus]. Sessions come in the order in which the bus first heard
// of them.
func (m *Memory) List(ctx context.Context, q ListQuery) (page ListPage, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return page, err
	}
	if err := q.Validate(); err != nil {
		return page, err
	}
	var after uint64
	if q.After != "" {
		if after, err = strconv.ParseUint(q.After, 10, 64); err != nil {
			return page, WrongCursor()
		}
	}
	var found []*memorySession
	for sid, a := range m.accounts {
		if q.AccountSID == "" || q.AccountSID == sid {
			found = a.recorded(found, after)
		}
	}
	slices.SortFunc(found, func(a, b *memorySession) int { return cmp.Compare(a.number, b.number) })
	if len(found) > q.Limit {
		found = found[:q.Limit]
		page.Next = strconv.FormatUint(found[q.Limit-1].number, 10)
	}
	for _, s := range found {
		page.Records = append(page.Records, ListedRecord{Session: s.name, Value: bytes.Clone(s.record), Revision: s.revision, Changed: s.changed})
	}
	return page, nil
}

// recorded appends the sessions that have a record and a number above after, and
// are not over.
func (a *memoryAccount) recorded(found []*memorySession, after uint64) []*memorySession {
	for e := a.open.Front(); e != nil; e = e.Next() {
		for _, s := range e.Value.(*memoryCall).sessions {
			if s.revision != 0 && !s.over && s.number > after {
				found = append(found, s)
			}
		}
	}
	return found
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
