package paymentstest

import (
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// update captures, completes or cancels, or refuses to.
func (s *Server) update(rec *Request) (*session, answer) {
	sess := s.sessions[rec.SID]
	if sess == nil || sess.call.SID != rec.CallSID || sess.accountSID != rec.AccountSID {
		return nil, notFound(rec.Path)
	}
	s.expire(sess)
	if sess.pending != nil {
		return nil, *invalid(payments.CodeInvalidOperation, "the payment is with the gateway")
	}
	if sess.finished {
		if status := s.config.assume.FinishedSessionStatus; status == 0 || status == http.StatusNotFound {
			return nil, notFound(rec.Path)
		}
		return nil, refuse(s.config.assume.FinishedSessionStatus, s.config.assume.FinishedSessionCode, "Pay: the payment session has ended")
	}
	var refusal *answer
	switch url := rec.Form.Get("StatusCallback"); rec.Operation {
	case Capture:
		refusal = s.capture(sess, payments.Capture(rec.Form.Get("Capture")), url)
	case Complete:
		refusal = s.complete(sess, url, rec.IdempotencyKey)
	case Cancel:
		s.finish(sess, url, ending{result: s.config.assume.cancelResult()})
	default:
		refusal = invalid(payments.CodeCaptureOrStatusNeeded, "exactly one of Capture and Status is needed")
	}
	if refusal != nil {
		return nil, *refusal
	}
	sess.updated = s.config.clock.Now()
	sess.touched, sess.lastURL = sess.updated, rec.Form.Get("StatusCallback")
	return sess, answer{}
}

// complete hands what was captured to the gateway, after the caller confirmed
// it if that was asked for.
func (s *Server) complete(sess *session, url, key string) *answer {
	if len(sess.required(false)) > 0 {
		return invalid(payments.CodeIncomplete, "required payment information is incomplete")
	}
	s.promptClosed(sess, PromptReplaced, "")
	sess.dropEntry()
	sess.key = key
	if sess.terms.confirm {
		sess.confirms = true
		sess.lastURL = url
		s.prompt(sess, Prompt{Confirm: true})
		s.sessionChanged(sess)
		return nil
	}
	s.settle(sess, url)
	return nil
}
