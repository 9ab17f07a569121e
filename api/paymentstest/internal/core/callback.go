package core

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// stage distinguishes an update during an entry from the one at its end.
type stage bool

const (
	partial stage = true
	final   stage = false
)

// callbackStart reports that a session began, to the URL of its create request.
func (m *Machine) callbackStart(s *session) {
	form := s.base(8)
	form.set("DateCreated", m.stamp(s))
	m.emitCallback("", s, s.createURL, form)
}

// callbackUpdate reports the progress of a capture: asked for, a digit pressed,
// finished or refused.
func (m *Machine) callbackUpdate(s *session, target string, capture payments.Capture, st stage, wrong callback.ErrorType) {
	form := s.base(14)
	form.set("DateCreated", callbackTime(s.created))
	form.set("DateUpdated", m.stamp(s))
	m.showValues(form, s)
	if capture != "" {
		form.set("Capture", string(capture))
	}
	required := s.required(m.config.Assumptions.HideMatchers)
	form.set("Required", join(required))
	switch {
	case st == partial:
		form.set("PartialResult", "true")
	case m.config.Assumptions.FinalPartialResult != "":
		form.set("PartialResult", m.config.Assumptions.FinalPartialResult)
	}
	if wrong != "" {
		form.set("ErrorType", string(wrong))
	}
	if e := s.entry; e != nil && len(e.digits) > 0 {
		field, _ := FieldOf(e.capture)
		form.set(parameterOf(field), maskPartial(field, string(e.digits)))
	}
	m.emitCallback(assumptionOf(s, st, wrong), s, target, form)
}

// assumptionOf names the assumption that an update rests on most.
func assumptionOf(s *session, st stage, wrong callback.ErrorType) string {
	switch {
	case wrong == callback.ErrorTypeSessionInProgress:
		return "ReportSessionInProgress"
	case len(s.params.matching) > 0:
		return "HideMatchers"
	case st == final:
		return "FinalPartialResult"
	}
	return ""
}

// callbackEnd reports how a session ended, in the shape of payloads captured from
// Twilio: parameters that do not apply are empty, and those of the start are not
// repeated.
func (m *Machine) callbackEnd(s *session, target, assumption string) {
	e := s.outcome
	form := s.identity(14)
	form.set("DateUpdated", m.stamp(s))
	form.set("PaymentConfirmationCode", e.confirmation)
	form.set("PaymentToken", e.token)
	form.set("ProfileId", e.profile)
	if e.result != "" {
		form.set("Result", string(e.result))
	}
	m.showValues(form, s)
	if e.code != 0 {
		form.set("PayErrorCode", strconv.Itoa(e.code))
	}
	if e.paymentError != "" {
		form.set("PaymentError", e.paymentError)
	}
	if e.connectorError != "" {
		form.set("ConnectorError", e.connectorError)
	}
	m.emitCallback(assumption, s, target, form)
}

// base are the parameters of all callbacks but the last.
func (s *session) base(size int) *form {
	form := s.identity(size)
	form.set("PaymentConnector", s.params.connector)
	if s.params.charges() {
		form.set("ChargeAmount", string(s.params.amount))
	} else {
		form.set("TokenType", string(s.params.tokenType))
	}
	return form
}

// identity are the parameters of every callback, and room for size in all.
func (s *session) identity(size int) *form {
	form := &form{values: make(url.Values, size), texts: make([]string, 0, size)}
	form.set("AccountSid", s.accountSID)
	form.set("CallSid", s.call.sid)
	form.set("Sid", s.sid)
	form.set("PaymentMethod", string(s.params.method))
	if s.params.bankAccountType != "" {
		form.set("BankAccountType", string(s.params.bankAccountType))
	}
	return form
}

// form is the form of a callback, with all values in one slice.
type form struct {
	values url.Values
	texts  []string
}

func (f *form) set(name, value string) {
	f.texts = append(f.texts, value)
	n := len(f.texts)
	f.values[name] = f.texts[n-1 : n : n]
}

// showValues adds what was captured, masked.
func (m *Machine) showValues(form *form, s *session) {
	for field, text := range m.maskedValues(s) {
		form.set(parameterOf(field), text)
	}
	if card := s.cardType(); card != "" {
		form.set("PaymentCardType", string(card))
	}
}

func (m *Machine) emitCallback(assumption string, s *session, target string, form *form) {
	s.callbacks++
	m.emitAssuming(assumption, Callback{
		AccountSID: s.accountSID, CallSID: s.call.sid, SID: s.sid, URL: target, Form: form.values,
		Token: DeriveUUID(m.config.Seed, "callback", s.sid, strconv.Itoa(s.callbacks)), Last: s.over,
	})
}

// stamp returns the date of a session's next callback, at least a millisecond after
// the one before: no two keys are pressed at once.
func (m *Machine) stamp(s *session) string {
	t := m.now
	if next := s.stamped.Add(time.Millisecond); t.Before(next) {
		t = next
	}
	s.stamped = t
	return callbackTime(t)
}

// callbackTime writes a date as callbacks do, by ISO 8601 with milliseconds.
func callbackTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// join writes a list of captures as callbacks do.
func join(captures []payments.Capture) string {
	var text strings.Builder
	for i, c := range captures {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(string(c))
	}
	return text.String()
}
