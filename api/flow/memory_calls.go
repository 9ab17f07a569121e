package flow

import (
	"cmp"
	"container/list"
	"slices"
	"strings"
	"time"
)

// memoryLine is what a [Memory] holds for one call SID. The bus's lock guards
// it and all below.
type memoryLine struct {
	sid     string
	parts   []*memoryCall         // one for each account; that of "" has the subscribers to all accounts
	last    uint64                // number of the newest message
	pushed  []*memorySubscription // subscriptions to which messages are pushed
	waiting chan struct{}         // closed when a message arrives; nil if nothing waits
}

// memoryCall is what an account has for a call.
type memoryCall struct {
	line     *memoryLine
	account  *memoryAccount
	messages []memoryMessage
	sessions []*memorySession
	ended    error // why no more messages follow; nil while they may
	watchers int   // subscriptions that are not closed
	used     time.Time
	place    *list.Element // in the account's lists
	isOver   bool          // place is in the list of calls that are over
}

// isForAll reports whether c covers all accounts.
func (c *memoryCall) isForAll() bool { return c.account.sid == "" }

// memorySession is one session of a call.
type memorySession struct {
	name     Session
	number   uint64  // orders the list of sessions
	flow     string  // of its messages, except those that have their own
	base     *string // a body that others are stored as differences to
	events   int
	ended    bool // a message ends it
	final    bool // such a message is final
	over     bool // it makes room for others, and List leaves it out
	record   []byte
	revision uint64
	changed  time.Time // when the record was last written
}

// settle updates over. A session whose end is not final is over only if its record
// has no complete that was sent, or may have been.
func (s *memorySession) settle() {
	s.over = s.final
	if s.ended && !s.final {
		r, err := decodeRecord(s.record)
		s.over = s.record == nil || err == nil && r.Complete == ""
	}
}

// part returns an account's part of the call, or nil.
func (l *memoryLine) part(account string) *memoryCall {
	for _, c := range l.parts {
		if c.account.sid == account {
			return c
		}
	}
	return nil
}

// session returns a session of the call, or nil.
func (c *memoryCall) session(name Session) *memorySession {
	for _, s := range c.sessions {
		if s.name == name {
			return s
		}
	}
	return nil
}

// after returns the first message of s with a number above n, or nil.
func (c *memoryCall) after(n uint64, s Session) (first *memoryMessage) {
	if !c.isForAll() {
		return c.ownAfter(n, s)
	}
	for _, part := range c.line.parts {
		if m := part.ownAfter(n, s); m != nil && (first == nil || m.number < first.number) {
			first = m
		}
	}
	return first
}

func (c *memoryCall) ownAfter(n uint64, s Session) *memoryMessage {
	i, _ := slices.BinarySearchFunc(c.messages, n+1, func(m memoryMessage, n uint64) int { return cmp.Compare(m.number, n) })
	for ; i < len(c.messages); i++ {
		if m := &c.messages[i]; s.Includes(m.session.name) {
			return m
		}
	}
	return nil
}

// has reports whether a delivery is stored already.
func (c *memoryCall) has(m Message) bool {
	digest, isDigest := digestOf(m.ID)
	for i := range c.messages {
		if c.messages[i].is(m.Session, m.ID, digest, isDigest) {
			return true
		}
	}
	return false
}

// add appends a message and wakes waiters.
func (m *Memory) add(c *memoryCall, held memoryMessage) {
	c.line.last++
	held.number = c.line.last
	c.messages = append(withRoom(c.messages), held)
	m.wake(c.line)
}

// makeRoom makes room for m in a session that has too many events, and reports
// whether it could. It drops the oldest of those that matter least, if m matters
// more or they only show a digit: the next digit shows them all.
func (c *memoryCall) makeRoom(s *memorySession, m Message) bool {
	place, least := -1, max(weightOf(m), digit+1)
	for i := range c.messages {
		if held := &c.messages[i]; held.session == s {
			if w := weightOf(held.message()); w < least {
				place, least = i, w
			}
		}
	}
	if place < 0 {
		return false
	}
	c.messages = slices.Delete(c.messages, place, place+1)
	s.events--
	return true
}

// wake makes all subscribers of the call look for a message.
func (m *Memory) wake(l *memoryLine) {
	for _, s := range l.pushed {
		m.pending = append(m.pending, s.ready)
	}
	if l.waiting != nil {
		close(l.waiting)
		l.waiting = nil
	}
}

// wait returns a channel that is closed when something changes.
func (l *memoryLine) wait() <-chan struct{} {
	if l.waiting == nil {
		l.waiting = make(chan struct{})
	}
	return l.waiting
}

// settled reports whether all sessions of the call are over and no subscriber
// waits for another.
func (c *memoryCall) settled() bool {
	for _, s := range c.sessions {
		if !s.over {
			return false
		}
	}
	all := c.line.part("")
	return c.watchers == 0 && (all == nil || all.watchers == 0)
}

// held returns a session and its call; nil if the bus has none.
func (m *Memory) held(name Session) (*memoryCall, *memorySession) {
	if l := m.lines[name.CallSID]; l != nil {
		if c := l.part(name.AccountSID); c != nil {
			if s := c.session(name); s != nil {
				return c, s
			}
		}
	}
	return nil, nil
}

// call returns an account's part of a call, and creates it if necessary.
func (m *Memory) call(account, sid string) *memoryCall {
	l := m.lines[sid]
	if l == nil {
		l = &memoryLine{sid: strings.Clone(sid)}
		m.lines[l.sid] = l
	}
	c := l.part(account)
	if c == nil {
		c = &memoryCall{line: l, account: m.account(account), used: time.Now()}
		c.place = c.account.open.PushBack(c)
		l.parts = append(l.parts, c)
		m.schedule()
	}
	return c
}

func (m *Memory) account(sid string) *memoryAccount {
	a := m.accounts[sid]
	if a == nil {
		a = &memoryAccount{sid: strings.Clone(sid), open: list.New(), over: list.New()}
		m.accounts[a.sid] = a
	}
	return a
}

// session returns a session, and creates it if there is room.
func (m *Memory) session(session Session) (*memoryCall, *memorySession, error) {
	if c, s := m.held(session); s != nil {
		return c, s, nil
	}
	if a := m.accounts[session.AccountSID]; a != nil && a.sessions >= m.maxSessions {
		e := a.over.Front()
		if e == nil {
			return nil, nil, ErrFull
		}
		m.forget(e.Value.(*memoryCall)) // the longest idle of those that are over
	}
	c := m.call(session.AccountSID, session.CallSID)
	m.numbers++
	s := &memorySession{name: Session{c.account.sid, c.line.sid, strings.Clone(session.SID)}, number: m.numbers}
	c.sessions = append(c.sessions, s)
	c.account.sessions++
	return c, s, nil
}

// touch records activity on a call.
func (m *Memory) touch(c *memoryCall) {
	now := time.Now()
	c.used = now
	if all := c.line.part(""); all != nil {
		all.used = now
	}
	m.sort(c.line)
}

// sort moves the parts of a call to their places in the lists.
func (m *Memory) sort(l *memoryLine) {
	for _, c := range l.parts {
		c.list().Remove(c.place)
		c.isOver = c.settled()
		to := c.list()
		after := to.Back()
		for after != nil && after.Value.(*memoryCall).used.After(c.used) {
			after = after.Prev()
		}
		if after == nil {
			c.place = to.PushFront(c)
		} else {
			c.place = to.InsertAfter(c, after)
		}
	}
}

// list returns the list that the call is in.
func (c *memoryCall) list() *list.List {
	if c.isOver {
		return c.account.over
	}
	return c.account.open
}

// forget drops an account's part of a call, records and messages together.
func (m *Memory) forget(c *memoryCall) {
	c.list().Remove(c.place)
	c.account.sessions -= len(c.sessions)
	if c.account.open.Len()+c.account.over.Len() == 0 {
		delete(m.accounts, c.account.sid)
	}
	c.line.parts = slices.DeleteFunc(c.line.parts, func(part *memoryCall) bool { return part == c })
	if len(c.line.parts) == 0 {
		delete(m.lines, c.line.sid)
	}
	c.messages, c.sessions, c.ended = nil, nil, ErrExpired
	m.wake(c.line)
}

// schedule sets the timer for the call that expires next, if none is set.
func (m *Memory) schedule() {
	if m.timer != nil {
		return
	}
	if next, ok := m.oldest(); ok {
		m.timer = time.AfterFunc(time.Until(next.used.Add(m.expiry)), m.expire)
	}
}

// oldest returns the call that has been idle longest.
func (m *Memory) oldest() (oldest *memoryCall, found bool) {
	for _, a := range m.accounts {
		for _, calls := range []*list.List{a.open, a.over} {
			if e := calls.Front(); e != nil {
				if c := e.Value.(*memoryCall); !found || c.used.Before(oldest.used) {
					oldest, found = c, true
				}
			}
		}
	}
	return oldest, found
}

// expire forgets the calls that have expired.
func (m *Memory) expire() {
	m.mu.Lock()
	defer m.unlock()
	m.timer = nil
	if m.closed {
		return
	}
	for _, a := range m.accounts {
		for _, calls := range []*list.List{a.open, a.over} {
			for e := calls.Front(); e != nil && time.Since(e.Value.(*memoryCall).used) >= m.expiry; e = calls.Front() {
				m.forget(e.Value.(*memoryCall))
			}
		}
	}
	m.schedule()
}
