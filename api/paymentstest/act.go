package paymentstest

import "net/http"

// act does what a valid request asks for, unless its idempotency key is known,
// and notes what came of it. The function it returns sets off what follows.
func (s *Server) act(rec *Request) (answer, func()) {
	s.lock(rec.entry)
	defer s.mu.Unlock()
	id, request := s.identify(rec)
	if a, known := s.replay(rec, id, request); known {
		return a, func() {}
	}
	if a, full := s.exhausted(rec); full {
		return a, func() {}
	}
	after := func() { s.follow(rec.CallSID) }
	sess, refusal := s.perform(rec)
	if sess == nil {
		return refusal, after
	}
	status := http.StatusAccepted
	if rec.Operation == Create {
		status = http.StatusCreated
	}
	a := accept(status, sess)
	rec.Committed, rec.SID = true, sess.sid
	s.keys[id] = keyUse{request: request, answer: a, session: sess.sid}
	if s.config.maxSessions > 0 {
		sess.keys = append(sess.keys, id)
	}
	return a, after
}

// perform returns the session the request made or changed, or a refusal.
func (s *Server) perform(rec *Request) (*session, answer) {
	if rec.Operation == Create {
		return s.create(rec)
	}
	return s.update(rec)
}

// follow sets off what a request led to: callbacks go out, and a scripted
// caller hears the question.
func (s *Server) follow(callSID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call := s.calls[callSID]
	if call == nil || call.session == nil {
		return
	}
	s.deliver(call.session)
	s.ask(call)
}
