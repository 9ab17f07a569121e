package flow

import (
	"cmp"
	"container/list"
	"slices"
	"time"
)

// memoryLine is what a [Memory] holds of one call SID. The bus's lock guards it
// and all below.
type memoryLine struct {
	sid     string
	parts   map[string]*memoryCall // by account; "" has those who subscribed to all
	last    uint64                 // number of the newest message
	waiting chan struct{}          // closed when a message comes; nil when nobody waits
}

// memoryCall is what an account has of a call.
type memoryCall struct {
	line     *memoryLine
	account  *memoryAccount
	messages []numbered
	sessions map[Session]*memorySession
	ended    error // why there will be no more; nil while there may be
	watchers int   // subscriptions that are not closed
	used     time.Time
	place    *list.Element // in the account's lists
	isOver   bool          // place is in the list of those that are over
}

// isForAll reports whether c stands for all accounts.
func (c *memoryCall) isForAll() bool { return c.account.sid == "" }

// numbered is a message and its place among those of its call: numbers stay
// when other messages go.
type numbered struct {
	number uint64
	Message
}

// memorySession is one session of a call.
type memorySession struct {
	name     Session
	number   uint64 // by which sessions are listed
	flow     string // of the latest message
	events   int
	over     bool
	record   []byte
	revision uint64
	changed  time.Time // when the record was last written
}

// after returns the first message of s with a number above n.
func (c *memoryCall) after(n uint64, s Session) (first numbered, found bool) {
	if !c.isForAll() {
		return c.ownAfter(n, s)
	}
	for _, part := range c.line.parts {
		if m, ok := part.ownAfter(n, s); ok && (!found || m.number < first.number) {
			first, found = m, true
		}
	}
	return first, found
}

func (c *memoryCall) ownAfter(n uint64, s Session) (numbered, bool) {
	i, _ := slices.BinarySearchFunc(c.messages, n+1, func(m numbered, n uint64) int { return cmp.Compare(m.number, n) })
	for _, m := range c.messages[i:] {
		if s.Includes(m.Session) {
			return m, true
		}
	}
	return numbered{}, false
}

// has reports whether a delivery is there already.
func (c *memoryCall) has(m Message) bool {
	return slices.ContainsFunc(c.messages, func(old numbered) bool { return old.ID == m.ID && old.Session == m.Session })
}

// add appends a message and wakes who waits.
func (c *memoryCall) add(m Message) {
	c.line.last++
	c.messages = append(c.messages, numbered{c.line.last, m})
	c.line.wake()
}

// thin makes room among the events of a session that has too many: the oldest
// one that only shows a digit goes, because the next shows more. It reports
// whether there was one.
func (c *memoryCall) thin(s Session) bool {
	for i, m := range c.messages {
		if m.Session == s && isDigit(m.Message) {
			c.messages = slices.Delete(c.messages, i, i+1)
			c.sessions[s].events--
			return true
		}
	}
	return false
}

func isDigit(m Message) bool {
	e, err := m.Event()
	return err == nil && e.Partial() && e.ErrorType == ""
}

func (l *memoryLine) wake() {
	if l.waiting != nil {
		close(l.waiting)
		l.waiting = nil
	}
}

// wait returns what is closed when something changes.
func (l *memoryLine) wait() <-chan struct{} {
	if l.waiting == nil {
		l.waiting = make(chan struct{})
	}
	return l.waiting
}

// settled reports whether all sessions of the call are over and nobody waits
// for another.
func (c *memoryCall) settled() bool {
	for _, s := range c.sessions {
		if !s.over {
			return false
		}
	}
	all := c.line.parts[""]
	return c.watchers == 0 && (all == nil || all.watchers == 0)
}

// held returns the call of a session that is held, or nil.
func (m *Memory) held(s Session) *memoryCall {
	if l := m.lines[s.CallSID]; l != nil {
		if c := l.parts[s.AccountSID]; c != nil && c.sessions[s] != nil {
			return c
		}
	}
	return nil
}

// call returns what an account has of a call, made when there is nothing.
func (m *Memory) call(account, sid string) *memoryCall {
	l := m.lines[sid]
	if l == nil {
		l = &memoryLine{sid: sid, parts: make(map[string]*memoryCall)}
		m.lines[sid] = l
	}
	c := l.parts[account]
	if c == nil {
		c = &memoryCall{line: l, account: m.account(account), sessions: make(map[Session]*memorySession), used: time.Now()}
		c.place = c.account.open.PushBack(c)
		l.parts[account] = c
		m.schedule()
	}
	return c
}

func (m *Memory) account(sid string) *memoryAccount {
	a := m.accounts[sid]
	if a == nil {
		a = &memoryAccount{sid: sid, open: list.New(), over: list.New()}
		m.accounts[sid] = a
	}
	return a
}

// session returns what is held of a session, made when there is room.
func (m *Memory) session(session Session) (*memoryCall, *memorySession, error) {
	if c := m.held(session); c != nil {
		return c, c.sessions[session], nil
	}
	if a := m.accounts[session.AccountSID]; a != nil && a.sessions >= m.maxSessions {
		e := a.over.Front()
		if e == nil {
			return nil, nil, ErrFull
		}
		m.forget(e.Value.(*memoryCall)) // the longest at rest of those that are over
	}
	c := m.call(session.AccountSID, session.CallSID)
	session = session.clone()
	m.numbers++
	s := &memorySession{name: session, number: m.numbers}
	c.sessions[session] = s
	c.account.sessions++
	return c, s, nil
}

// touch notes that something happened on a call.
func (m *Memory) touch(c *memoryCall) {
	now := time.Now()
	c.used = now
	if all := c.line.parts[""]; all != nil {
		all.used = now
	}
	m.sort(c.line)
}

// sort puts the parts of a call to their places in the lists.
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

// forget drops what an account has of a call, records and messages together.
func (m *Memory) forget(c *memoryCall) {
	c.list().Remove(c.place)
	c.account.sessions -= len(c.sessions)
	if c.account.open.Len()+c.account.over.Len() == 0 {
		delete(m.accounts, c.account.sid)
	}
	delete(c.line.parts, c.account.sid)
	if len(c.line.parts) == 0 {
		delete(m.lines, c.line.sid)
	}
	c.messages, c.ended = nil, ErrExpired
	c.line.wake()
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

// oldest returns the call longest at rest.
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

// expire forgets the calls whose time is over.
func (m *Memory) expire() {
	m.mu.Lock()
	defer m.mu.Unlock()
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
