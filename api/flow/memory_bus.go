package flow

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"
)

// Publish implements [Bus].
func (m *Memory) Publish(ctx context.Context, msg Message) error {
	m.mu.Lock()
	defer m.unlock()
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
	if s.events >= m.maxEvents && !c.makeRoom(s, msg) {
		return ErrFull
	}
	s.events++
	s.ended, s.final = s.ended || msg.isEnd(), s.final || msg.Final
	s.settle()
	m.add(c, s.hold(msg))
	m.touch(c)
	return nil
}

// Subscribe implements [Bus].
func (m *Memory) Subscribe(ctx context.Context, s Session) ([]Message, Subscription, error) {
	m.mu.Lock()
	defer m.unlock()
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
	sub := &memorySubscription{bus: m, call: c, session: s}
	var past []Message
	for msg := c.after(0, s); msg != nil; msg = c.after(msg.number, s) {
		past = append(past, msg.message())
	}
	sub.seen = c.line.last
	return past, sub, nil
}

// Load implements [Bus].
func (m *Memory) Load(ctx context.Context, s Session) ([]byte, uint64, error) {
	m.mu.Lock()
	defer m.unlock()
	if err := m.ready(ctx); err != nil {
		return nil, 0, err
	}
	if err := s.Validate(); err != nil {
		return nil, 0, err
	}
	if _, held := m.held(s); held != nil {
		return bytes.Clone(held.record), held.revision, nil
	}
	return nil, 0, nil
}

// Swap implements [Bus].
func (m *Memory) Swap(ctx context.Context, session Session, value []byte, revision uint64) (uint64, error) {
	m.mu.Lock()
	defer m.unlock()
	if err := m.ready(ctx); err != nil {
		return 0, err
	}
	if err := session.Validate(); err != nil {
		return 0, err
	}
	if _, held := m.held(session); held == nil && revision != 0 {
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
	s.settle()
	m.touch(c)
	return s.revision, nil
}

// List implements [Bus]. Sessions are listed in the order in which the bus
// first received something for them. Those that ended without a complete are left
// out, too.
func (m *Memory) List(ctx context.Context, q ListQuery) (page ListPage, err error) {
	m.mu.Lock()
	defer m.unlock()
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

// recorded appends the sessions that have a record and a number above after,
// and are not over.
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
