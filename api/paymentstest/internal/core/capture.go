package core

import (
	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Prompt is what the caller is asked.
type Prompt struct {
	// SID is the payment session that asks.
	SID string
	// Capture is the field asked for, empty when the caller is to confirm.
	Capture payments.Capture
	// Times counts how often the session has asked for the field, from 1.
	Times int
	// Confirm asks for 1 to proceed or 2 to cancel. LastDigits are the part of the
	// number that the caller hears.
	Confirm    bool
	LastDigits string
}

// entry is the field the caller is asked for, and the digits so far.
type entry struct {
	capture payments.Capture
	url     string
	digits  []byte
	timer   int // the N of its timer; zero before the first digit
}

// capture asks the caller for a field.
func (m *Machine) capture(s *session, capture payments.Capture, url string) *refusal {
	if !s.accepts(capture) {
		return refuse(payments.CodeInvalidParameterValue, "Capture does not belong to this session")
	}
	if s.asked == nil {
		s.asked, s.values, s.matched = map[payments.Capture]int{}, values{}, map[payments.Capture]bool{}
	}
	replaced := m.closePrompt(s, Replaced, "")
	if wrong := s.tooEarly(capture); wrong != "" {
		m.callbackUpdate(s, url, capture, final, wrong)
		if replaced {
			m.emit(SessionChanged{State: m.stateOf(s)})
		}
		return nil
	}
	assumption := m.forgetField(s, capture)
	s.entry = &entry{capture: capture, url: url}
	s.asked[capture]++
	m.openPrompt(s)
	m.callbackUpdate(s, url, capture, partial, "")
	m.emitAssuming(assumption, SessionChanged{State: m.stateOf(s)})
	return nil
}

// tooEarly returns why a field cannot be asked for yet: the security code needs
// the card number, and a matcher its field.
func (s *session) tooEarly(capture payments.Capture) callback.ErrorType {
	field, again := FieldOf(capture)
	_, captured := s.values[field]
	_, card := s.values[payments.CapturePaymentCardNumber]
	switch {
	case field == payments.CaptureSecurityCode && !card:
		return callback.ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence
	case again && !captured:
		return callback.ErrorTypeInputMatchingFailed
	}
	return ""
}

// forgetField makes a field that is captured again required again, and its
// matcher. It returns the assumption that decided about the security code.
func (m *Machine) forgetField(s *session, capture payments.Capture) (assumption string) {
	field, again := FieldOf(capture)
	delete(s.matched, field)
	if again {
		return ""
	}
	delete(s.values, field)
	if _, code := s.values[payments.CaptureSecurityCode]; field == payments.CapturePaymentCardNumber && code {
		assumption = "RecaptureForgetsSecurityCode"
		if m.config.Assumptions.RecaptureForgetsSecurityCode {
			delete(s.values, payments.CaptureSecurityCode)
			delete(s.matched, payments.CaptureSecurityCode)
		}
	}
	return assumption
}

// prompt is what the session now asks the caller, and false if nothing.
func (s *session) prompt() (Prompt, bool) {
	switch {
	case s.entry != nil:
		return Prompt{SID: s.sid, Capture: s.entry.capture, Times: s.asked[s.entry.capture]}, true
	case s.confirming:
		return Prompt{SID: s.sid, Confirm: true, LastDigits: s.payment().LastDigits}, true
	}
	return Prompt{}, false
}

// Prompt returns what a caller is now asked, and false if nothing.
func (m *Machine) Prompt(callSID string) (Prompt, bool) {
	c := m.calls[callSID]
	if s := c.open(); s != nil && !c.ended {
		return s.prompt()
	}
	return Prompt{}, false
}

// openPrompt reports what the caller is asked from now on.
func (m *Machine) openPrompt(s *session) {
	if p, asked := s.prompt(); asked {
		m.emit(PromptOpened{CallSID: s.call.sid, Prompt: p, Timeout: s.params.timeout})
	}
}

// closePrompt closes the open prompt, and reports whether there was one.
func (m *Machine) closePrompt(s *session, why Reason, wrong callback.ErrorType) bool {
	p, asked := s.prompt()
	if !asked {
		return false
	}
	closed := PromptClosed{CallSID: s.call.sid, Prompt: p, Reason: why, Error: wrong}
	if e := s.entry; e != nil {
		closed.Count = len(e.digits)
		if why == Completed || why == Refused {
			closed.Typed = s.nameOf(e.capture, string(e.digits), m.now)
		}
		if e.timer > 0 {
			m.emit(StopTimer{SID: s.sid})
		}
	} else if why == Completed {
		closed.Count, closed.Typed = 1, s.reply
	}
	s.entry, s.confirming = nil, false
	m.emit(closed)
	return true
}
