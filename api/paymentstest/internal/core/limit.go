package core

import (
	"fmt"
	"net/http"
)

// Idempotency keys are kept as long as their session, so MaxSessions also bounds
// requests: those of one session, and on average those of all.
const (
	maxRequests    = 1000
	keysPerSession = 20
)

// retire lets a session that is over be forgotten.
func (m *Machine) retire(s *session) {
	if m.config.MaxSessions > 0 {
		m.ended = append(m.ended, s)
	}
}

// room makes room for one more key and some more sessions. It forgets the sessions
// that ended first, with their calls. It returns false if all are open.
func (m *Machine) room(sessions int) bool {
	limit := m.config.MaxSessions
	for limit > 0 && (len(m.sessions)+sessions > limit || len(m.keys) >= limit*keysPerSession) {
		if len(m.ended) == 0 {
			return false
		}
		m.forget(m.ended[0])
		m.ended[0], m.ended = nil, m.ended[1:]
	}
	return true
}

// exhausted refuses a capture if a limit is reached. Complete and cancel, which make
// room, are never refused.
func (m *Machine) exhausted(r Request) bool {
	open := m.sessions[r.SID]
	switch {
	case r.Operation != Capture || m.config.MaxSessions == 0 || open == nil:
		return false
	case len(open.keys) >= maxRequests:
		m.emit(Response{
			Status: http.StatusTooManyRequests, Code: 20429,
			Message: fmt.Sprintf("the simulation takes %d requests for one payment session, and then complete or cancel", maxRequests),
		})
		return true
	case !m.room(0):
		m.emit(m.full().response)
		return true
	}
	return false
}

func (m *Machine) forget(s *session) {
	delete(m.sessions, s.sid)
	for _, id := range s.keys {
		delete(m.keys, id)
	}
	m.emit(SessionForgotten{SID: s.sid})
	if c := s.call; c.session == s && m.calls[c.sid] == c {
		delete(m.calls, c.sid)
		m.era++
		m.emit(CallForgotten{CallSID: c.sid})
	}
}

// full refuses a request because a limit is reached.
func (m *Machine) full() *refusal {
	m.emit(Full{Sessions: len(m.sessions), Keys: len(m.keys)})
	return &refusal{response: Response{
		Status: http.StatusServiceUnavailable, Code: 20503,
		Message: fmt.Sprintf("the simulation is full: %d payment sessions are open, with %d idempotency keys; its limit is %d sessions, and %d keys for each; complete or cancel some, or start it with a higher limit",
			len(m.sessions), len(m.keys), m.config.MaxSessions, keysPerSession),
	}}
}
