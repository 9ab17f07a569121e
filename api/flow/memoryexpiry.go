package flow

import (
	"container/list"
	"time"
)

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
	s := &memorySession{name: session}
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
