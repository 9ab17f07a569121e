package flow

import (
	"container/list"
	"context"
	"errors"
	"fmt"
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
// A session takes about 4 KB with the callbacks of a card number: of callbacks that
// are alike it holds what differs. When an account
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
	pending  []func()    // to be called once the lock is released
}

// unlock releases the lock, and then tells those whose messages are pushed.
func (m *Memory) unlock() {
	pending := m.pending
	m.pending = nil
	m.mu.Unlock()
	for _, tell := range pending {
		tell()
	}
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
	defer m.unlock()
	m.closed = true
	for _, l := range m.lines {
		for _, c := range l.parts {
			c.ended = ErrClosed
		}
		m.wake(l)
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
