package paymentstest

import (
	"net/http"
	"time"
)

// serve acts on a valid request and answers it, with the fault that was chosen
// for it. What the request sets off begins when the answer is out.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, rec *Request) {
	fault := s.choose(rec)
	if !fault.commit {
		s.pause(fault.delay)
	}
	var a answer
	after := func() {}
	if fault.commit || fault.kind == faultNone {
		if rec.issue != nil {
			a = rec.issue()
		} else {
			a, after = s.act(rec)
		}
	}
	followed := false
	follow := func() {
		if !followed {
			followed = true
			s.logRequest(rec)
			after()
		}
	}
	defer follow()
	if fault.commit {
		s.pause(fault.delay)
	}
	if fault.delay > 0 { // the answer's time begins now; without a connection there is none to keep
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
	}
	switch fault.kind {
	case faultNone:
		s.answer(w, rec, a)
		_ = http.NewResponseController(w).Flush()
	case faultRespond:
		s.respond(w, rec, fault)
	case faultHalfBody:
		s.halve(w, rec, a)
	case faultReset:
		s.reset(w, rec)
	case faultSilence:
		s.respondWith(rec, response{})
		follow()
		s.silence(r)
	}
}

// pause lets d of the server's time pass, or less when the server closes.
func (s *Server) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	passed := make(chan struct{})
	stop := s.config.clock.AfterFunc(d, func() { close(passed) })
	select {
	case <-passed:
	case <-s.ctx.Done():
		stop()
		panic(http.ErrAbortHandler)
	}
}
