package paymentstest

import (
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// create starts a session, or refuses to.
func (s *Server) create(rec *Request) (*session, answer) {
	call := s.calls[rec.CallSID]
	if call == nil && s.config.assume.KnownCallsOnly {
		return nil, notFound(rec.Path)
	}
	if call != nil {
		if refusal := s.checkCall(call, rec); refusal != nil {
			return nil, *refusal
		}
	}
	t, refusal := s.readTerms(rec.Form)
	if refusal != nil {
		return nil, *refusal
	}
	if !s.room(1) {
		return nil, s.full()
	}
	if call = s.calls[rec.CallSID]; call == nil { // a call is only remembered with a session
		call = s.newCall(rec.CallSID)
	}
	call.accountSID = rec.AccountSID
	call.session = s.newSession(call, rec, t)
	s.sessions[call.session.sid] = call.session
	s.sessionOpened(call.session)
	s.mailStart(call.session)
	return call.session, answer{}
}

// checkCall returns why no session can start on a call, if there is a reason.
func (s *Server) checkCall(call *Call, rec *Request) *answer {
	if call.accountSID != "" && call.accountSID != rec.AccountSID {
		a := notFound(rec.Path)
		return &a
	}
	if call.ended {
		a := refuse(http.StatusBadRequest, 21220, "Invalid call state: the call is not in progress")
		return &a
	}
	s.expire(call.session)
	if open := call.session; open != nil && !open.finished {
		if s.config.assume.ReportSessionInProgress {
			s.mailUpdate(open, rec.Form.Get("StatusCallback"), "", false, callback.ErrorTypeSessionInProgress)
		}
		return invalid(payments.CodeInvalidOperation, "a payment session is open on this call")
	}
	return nil
}

// expire ends a session that was left alone for longer than sessions live.
func (s *Server) expire(sess *session) {
	limit := s.config.assume.SessionLifetime
	if limit > 0 && sess != nil && !sess.finished && sess.pending == nil && s.config.clock.Now().Sub(sess.touched) >= limit {
		s.promptClosed(sess, PromptSessionEnded, "")
		sess.end(s.config)
		s.retire(sess)
		s.sessionEnded(sess, "SessionLifetime")
	}
}
