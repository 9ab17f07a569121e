package flow

import (
	"container/list"
	"time"
)

// call returns what is held of a call, made when there is nothing.
func (m *Memory) call(sid string) *memoryCall {
	c := m.calls[sid]
	if c == nil {
		c = &memoryCall{sid: sid, sessions: make(map[Session]*memorySession), used: time.Now()}
		c.place = m.open.PushBack(c)
		m.calls[sid] = c
		m.schedule()
	}
	return c
}

// session returns what is held of a session, made when there is room.
func (m *Memory) session(session Session) (*memoryCall, *memorySession, error) {
	c := m.calls[session.CallSID]
	if c != nil && c.sessions[session] != nil {
		return c, c.sessions[session], nil
	}
	if m.sessions >= m.maxSessions && !m.makeRoom() {
		return nil, nil, ErrFull
	}
	c = m.call(session.CallSID)
	s := new(memorySession)
	c.sessions[session] = s
	m.sessions++
	return c, s, nil
}

// makeRoom forgets the call longest at rest of those that are over.
func (m *Memory) makeRoom() bool {
	e := m.over.Front()
	if e != nil {
		m.forget(e.Value.(*memoryCall))
	}
	return e != nil
}

// touch notes that something happened on a call.
func (m *Memory) touch(c *memoryCall) {
	c.used = time.Now()
	from, to := m.listOf(c.isOver), m.listOf(c.settled())
	if from == to {
		to.MoveToBack(c.place)
	} else {
		from.Remove(c.place)
		c.isOver = !c.isOver
		c.place = to.PushBack(c)
	}
}

func (m *Memory) listOf(over bool) *list.List {
	if over {
		return m.over
	}
	return m.open
}

func (m *Memory) forget(c *memoryCall) {
	m.listOf(c.isOver).Remove(c.place)
	m.sessions -= len(c.sessions)
	delete(m.calls, c.sid)
	c.messages = nil
	c.end(ErrExpired)
}

// schedule sets the timer for the call that expires next, if none is set.
func (m *Memory) schedule() {
	var next time.Time
	for _, calls := range []*list.List{m.open, m.over} {
		if e := calls.Front(); e != nil {
			if used := e.Value.(*memoryCall).used; next.IsZero() || used.Before(next) {
				next = used
			}
		}
	}
	if m.timer != nil || next.IsZero() {
		return
	}
	m.timer = time.AfterFunc(time.Until(next.Add(m.expiry)), m.expire)
}

// expire forgets the calls whose time is over.
func (m *Memory) expire() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.timer = nil
	if m.closed {
		return
	}
	for _, calls := range []*list.List{m.open, m.over} {
		for e := calls.Front(); e != nil && time.Since(e.Value.(*memoryCall).used) >= m.expiry; e = calls.Front() {
			m.forget(e.Value.(*memoryCall))
		}
	}
	m.schedule()
}
