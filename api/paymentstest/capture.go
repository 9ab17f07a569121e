package paymentstest

import (
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// capture begins to ask the caller for a field.
func (s *Server) capture(sess *session, capture payments.Capture, url string) *answer {
	if !sess.takes(capture) {
		return invalid(payments.CodeInvalidParameterValue, "Capture does not belong to this session")
	}
	if sess.asked == nil {
		sess.asked, sess.values, sess.matched = map[payments.Capture]int{}, values{}, map[payments.Capture]bool{}
	}
	s.promptClosed(sess, PromptReplaced, "")
	sess.dropEntry()
	sess.confirms = false
	field, again := fieldOf(capture)
	_, captured := sess.values[field]
	_, card := sess.values[payments.CapturePaymentCardNumber]
	switch {
	case field == payments.CaptureSecurityCode && !card:
		s.mailUpdate(sess, url, capture, false, callback.ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence)
		s.sessionChanged(sess)
		return nil
	case again && !captured:
		s.mailUpdate(sess, url, capture, false, callback.ErrorTypeInputMatchingFailed)
		s.sessionChanged(sess)
		return nil
	}
	if !again {
		delete(sess.values, field)
		if field == payments.CapturePaymentCardNumber && s.config.assume.RecaptureForgetsSecurityCode {
			delete(sess.values, payments.CaptureSecurityCode)
			delete(sess.matched, payments.CaptureSecurityCode)
		}
	}
	delete(sess.matched, field)
	sess.entry = &entry{capture: capture, url: url}
	sess.asked[capture]++
	s.prompt(sess, Prompt{Capture: capture, Times: sess.asked[capture]})
	s.mailUpdate(sess, url, capture, true, "")
	s.sessionChanged(sess)
	return nil
}

// digit adds a digit to the entry.
func (s *Server) digit(sess *session, d byte) {
	e := sess.entry
	e.digits = append(e.digits, d)
	s.mailUpdate(sess, e.url, e.capture, true, "")
	field, _ := fieldOf(e.capture)
	if full := sess.fullLength(field, e.digits); full > 0 && len(e.digits) >= full || len(e.digits) >= maxDigits {
		s.enter(sess)
		return
	}
	s.await(sess)
}

// maxDigits ends every entry: no field is longer.
const maxDigits = 19

// await gives the caller the session's timeout for the next digit.
func (s *Server) await(sess *session) {
	e := sess.entry
	if e.stop != nil {
		e.stop()
	}
	e.timer++
	timer, cause := e.timer, s.cause
	e.stop = s.config.clock.AfterFunc(sess.terms.timeout, func() {
		s.lock(cause)
		defer s.mu.Unlock()
		if sess.entry == e && e.timer == timer {
			s.drop(sess, callback.ErrorTypeInputTimeout)
			s.deliver(sess)
		}
	})
}

// enter ends the entry: its digits are taken or refused.
func (s *Server) enter(sess *session) {
	e := sess.entry
	field, again := fieldOf(e.capture)
	digits := string(e.digits)
	if again {
		if digits != sess.values[field] {
			s.drop(sess, callback.ErrorTypeInputMatchingFailed)
			return
		}
		sess.matched[field] = true
	} else {
		if wrong := sess.check(field, digits, s.now()); wrong != "" {
			s.drop(sess, wrong)
			return
		}
		sess.values[field] = digits
	}
	s.promptClosed(sess, PromptComplete, "")
	sess.dropEntry()
	s.mailUpdate(sess, e.url, e.capture, false, "")
	s.sessionChanged(sess)
}

// drop ends the entry without taking its digits.
func (s *Server) drop(sess *session, why callback.ErrorType) {
	e, reason := sess.entry, PromptRefused
	if why == callback.ErrorTypeInputTimeout {
		reason = PromptTimeout
	}
	s.promptClosed(sess, reason, why)
	sess.dropEntry()
	s.mailUpdate(sess, e.url, e.capture, false, why)
	s.sessionChanged(sess)
}

func (s *Server) now() time.Time { return s.config.clock.Now() }
