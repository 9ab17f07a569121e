package core

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// stage tells an update about an entry that goes on from one about its end.
type stage bool

const (
	partial stage = true
	final   stage = false
)

// callbackStart reports that a session began, to the URL of its create request.
func (m *Machine) callbackStart(s *session) {
	form := s.base()
	form.Set("DateCreated", m.stamp(s))
	m.emitCallback("", s, s.createURL, form)
}

// callbackUpdate reports how a capture goes: asked for or going on, finished, or
// refused.
func (m *Machine) callbackUpdate(s *session, target string, capture payments.Capture, st stage, wrong callback.ErrorType) {
	form := s.base()
	form.Set("DateCreated", callbackTime(s.created))
	form.Set("DateUpdated", m.stamp(s))
	m.showValues(form, s)
	if capture != "" {
		form.Set("Capture", string(capture))
	}
	required := s.required(m.config.Assumptions.HideMatchers)
	form.Set("Required", join(required))
	switch {
	case st == partial:
		form.Set("PartialResult", "true")
	case m.config.Assumptions.FinalPartialResult != "":
		form.Set("PartialResult", m.config.Assumptions.FinalPartialResult)
	}
	if wrong != "" {
		form.Set("ErrorType", string(wrong))
	}
	if e := s.entry; e != nil && len(e.digits) > 0 {
		field, _ := FieldOf(e.capture)
		form.Set(parameterOf(field), maskPartial(field, string(e.digits)))
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

// callbackEnd reports how a session ended, in the shape of the captured
// payloads: what does not apply is empty, and what the start said is not
// repeated.
func (m *Machine) callbackEnd(s *session, target, assumption string) {
	e := s.outcome
	form := url.Values{
		"AccountSid": {s.accountSID}, "CallSid": {s.call.sid}, "Sid": {s.sid},
		"DateUpdated": {m.stamp(s)}, "PaymentMethod": {string(s.params.method)},
		"PaymentConfirmationCode": {e.confirmation}, "PaymentToken": {e.token}, "ProfileId": {e.profile},
	}
	if s.params.bankAccountType != "" {
		form.Set("BankAccountType", string(s.params.bankAccountType))
	}
	if e.result != "" {
		form.Set("Result", string(e.result))
	}
	m.showValues(form, s)
	if e.code != 0 {
		form.Set("PayErrorCode", strconv.Itoa(e.code))
	}
	if e.paymentError != "" {
		form.Set("PaymentError", e.paymentError)
	}
	if e.connectorError != "" {
		form.Set("ConnectorError", e.connectorError)
	}
	m.emitCallback(assumption, s, target, form)
}

// base are the parameters of every callback before the last.
func (s *session) base() url.Values {
	form := url.Values{
		"AccountSid": {s.accountSID}, "CallSid": {s.call.sid}, "Sid": {s.sid},
		"PaymentConnector": {s.params.connector}, "PaymentMethod": {string(s.params.method)},
	}
	if s.params.bankAccountType != "" {
		form.Set("BankAccountType", string(s.params.bankAccountType))
	}
	if s.params.charges() {
		form.Set("ChargeAmount", string(s.params.amount))
	} else {
		form.Set("TokenType", string(s.params.tokenType))
	}
	return form
}

// showValues adds what was captured, masked.
func (m *Machine) showValues(form url.Values, s *session) {
	for field, text := range m.maskedValues(s) {
		form.Set(parameterOf(field), text)
	}
	if card := s.cardType(); card != "" {
		form.Set("PaymentCardType", string(card))
	}
}

func (m *Machine) emitCallback(assumption string, s *session, target string, form url.Values) {
	s.callbacks++
	m.emitAssuming(assumption, Callback{
		AccountSID: s.accountSID, CallSID: s.call.sid, SID: s.sid, URL: target, Form: form,
		Token: DeriveUUID(m.config.Seed, "callback", s.sid, strconv.Itoa(s.callbacks)), Last: s.over,
	})
}

// stamp returns the date of a session's next callback. Each is at least a
// millisecond after the one before, as the keys of a telephone are.
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
