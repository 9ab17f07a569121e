package paymentstest

import (
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/generated"
)

// create starts a session, or refuses to.
func (s *Server) create(rec *Request) (*session, answer) {
	call := s.calls[rec.CallSID]
	if call == nil {
		if s.config.knownCalls {
			return nil, notFound(rec.Path)
		}
		call = s.newCall(rec.CallSID)
	}
	if call.accountSID != "" && call.accountSID != rec.AccountSID {
		return nil, notFound(rec.Path)
	}
	if call.ended {
		return nil, refuse(http.StatusBadRequest, 21220, "Invalid call state: the call is not in progress")
	}
	s.expire(call.session)
	if open := call.session; open != nil && !open.finished {
		if s.config.reportInProgress {
			s.mailUpdate(open, rec.Form.Get("StatusCallback"), "", false, generated.ErrorTypeSessionInProgress)
		}
		return nil, *invalid(payments.CodeInvalidOperation, "a payment session is open on this call")
	}
	t, refusal := s.readTerms(rec.Form)
	if refusal != nil {
		return nil, *refusal
	}
	call.accountSID = rec.AccountSID
	call.session = s.newSession(call, rec, t)
	s.sessions[call.session.sid] = call.session
	s.mailStart(call.session)
	return call.session, answer{}
}

// expire ends a session that was left alone for longer than sessions live.
func (s *Server) expire(sess *session) {
	limit := s.config.lifetime
	if limit > 0 && sess != nil && !sess.finished && s.config.clock.Now().Sub(sess.touched) >= limit {
		sess.end(s.config)
	}
}
