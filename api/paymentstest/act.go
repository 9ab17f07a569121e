package paymentstest

import (
	"net/http"
	"strconv"
)

// act does what a valid request asks for, unless its idempotency key is known,
// and notes what came of it. The function it returns sets off what follows.
func (s *Server) act(rec *Request) (answer, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := keyID{rec.AccountSID, rec.IdempotencyKey}
	request := fingerprint(rec.Operation, rec.CallSID, rec.SID, rec.Form)
	if use, known, refusal := s.replay(id, request); known {
		if refusal.status != 0 {
			return refusal, func() {}
		}
		rec.Replayed, rec.SID = true, use.session
		return use.answer, func() {}
	}
	sess, refusal := s.perform(rec)
	if sess == nil {
		return refusal, func() {}
	}
	status := http.StatusAccepted
	if rec.Operation == Create {
		status = http.StatusCreated
	}
	a := accept(status, sess)
	rec.Committed, rec.SID = true, sess.sid
	s.keys[id] = keyUse{request: request, answer: a, session: sess.sid}
	return a, func() {}
}

// perform returns the session the request made or changed, or a refusal.
func (s *Server) perform(rec *Request) (*session, answer) {
	if rec.Operation == Create {
		return s.create(rec)
	}
	return s.update(rec)
}

func (s *Server) create(rec *Request) (*session, answer) {
	call := s.call(rec.CallSID)
	switch {
	case call.accountSID == "":
		call.accountSID = rec.AccountSID
	case call.accountSID != rec.AccountSID:
		return nil, notFound(rec.Path)
	}
	if call.session != nil && !call.session.finished {
		return nil, refuse(http.StatusBadRequest, 64021, "Pay: a session is in progress on this call")
	}
	call.sessions++
	now := s.config.clock.Now()
	sess := &session{
		sid: "PK" + s.derive(32, "session", call.SID, strconv.Itoa(call.sessions)), accountSID: rec.AccountSID, call: call,
		created: now, updated: now,
	}
	call.session = sess
	s.sessions[sess.sid] = sess
	return sess, answer{}
}

func (s *Server) update(rec *Request) (*session, answer) {
	sess := s.sessions[rec.SID]
	if sess == nil || sess.call.SID != rec.CallSID || sess.accountSID != rec.AccountSID || sess.finished {
		return nil, notFound(rec.Path)
	}
	if rec.Operation == Update {
		return nil, refuse(http.StatusBadRequest, 64018, "Pay: exactly one of Capture and Status is needed")
	}
	sess.updated = s.config.clock.Now()
	sess.finished = rec.Operation == Complete || rec.Operation == Cancel
	return sess, answer{}
}

// call returns the call of that SID, which is in progress as soon as someone
// speaks of it.
func (s *Server) call(sid string) *Call {
	c := s.calls[sid]
	if c == nil {
		c = &Call{SID: sid, server: s}
		s.calls[sid] = c
	}
	return c
}
