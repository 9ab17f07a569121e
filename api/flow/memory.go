package flow

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/option"
)

// Default limits of a memory bus.
const (
	defaultMaxSessions = 100_000
	defaultMaxEvents   = 1000
	defaultExpiry      = 24 * time.Hour
	minExpiry          = time.Hour
)

// Memory is the [Bus] of one process. It limits the sessions of an account and
// the events of a session, forgets calls without activity for a day, and runs
// no goroutine. Its contents are lost on restart.
//
// A session takes about 4 KB with the callbacks of a card number, because
// similar callbacks are stored as differences. When an account has too many
// sessions, the bus drops its longest idle call whose sessions are all over. It
// never drops an open session: if there is nothing else to drop, Publish and
// Swap for a new one fail with [ErrFull]. One account neither drops nor keeps
// out sessions of another.
type Memory struct {
	maxSessions, maxEvents int
	expiry                 time.Duration

	mu       sync.Mutex
	closed   bool
	lines    map[string]*memoryLine // by call SID
	accounts map[string]*memoryAccount
	timer    *time.Timer // for the next call to expire; nil if there is none
	numbers  uint64      // of the newest session
	pending  []func()    // called once the lock is released
}

// unlock releases the lock, and then calls the pending functions.
func (m *Memory) unlock() {
	pending := m.pending
	m.pending = nil
	m.mu.Unlock()
	for _, notify := range pending {
		notify()
	}
}

// memoryAccount is an account's part of a [Memory]. The lists are of
// *memoryCall, longest idle first.
type memoryAccount struct {
	sid      string
	open     *list.List // calls with a session that is open or being started
	over     *list.List // calls whose sessions are all over
	sessions int
}

// MemoryOption sets a limit of a [Memory].
type MemoryOption func(*Memory) error

// WithMaxSessions sets how many sessions of one account are held. Default
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

// WithMaxEvents sets how many events of one session are held. A card payment
// has about 40, one for every key the caller presses. Beyond the limit, the
// oldest event that only shows a digit is dropped; if there is none, Publish
// fails with [ErrFull]. The end of the session always has room, and a success
// before any other: what is dropped for it is the oldest event that matters less.
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
// are forgotten; their subscribers get [ErrExpired]. Default 24 h, at least an
// hour.
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
	if err := option.Apply("flow", m, opts); err != nil {
		return nil, err
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
// cannot be used afterwards.
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

// ready returns why the bus cannot be used now. The caller holds the lock.
func (m *Memory) ready(ctx context.Context) error {
	if m.closed {
		return ErrClosed
	}
	return ctx.Err()
}

// Format prints only the number of sessions, for every verb.
func (m *Memory) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "flow.Memory(%d sessions)", m.Sessions())
}
