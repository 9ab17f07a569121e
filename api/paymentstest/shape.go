package paymentstest

import (
	"net/url"
	"strconv"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// mailStart says that a session began, to the URL of its create request.
func (s *Server) mailStart(sess *session) {
	form := sess.base()
	form.Set("DateCreated", s.stamp(sess))
	s.mail(sess, sess.createURL, form)
}

// mailUpdate says how a capture goes: asked for or going on, finished, or not
// taken.
func (s *Server) mailUpdate(sess *session, target string, capture payments.Capture, partial bool, wrong callback.ErrorType) {
	form := sess.base()
	form.Set("DateCreated", callbackTime(sess.created))
	form.Set("DateUpdated", s.stamp(sess))
	for name, value := range sess.shown(s.config) {
		form.Set(name, value)
	}
	if capture != "" {
		form.Set("Capture", string(capture))
	}
	form.Set("Required", join(sess.required(s.config.assume.HideMatchers)))
	switch {
	case partial:
		form.Set("PartialResult", "true")
	case s.config.assume.FinalPartialResult != "":
		form.Set("PartialResult", s.config.assume.FinalPartialResult)
	}
	if wrong != "" {
		form.Set("ErrorType", string(wrong))
	}
	if e := sess.entry; e != nil && len(e.digits) > 0 {
		field, _ := fieldOf(e.capture)
		form.Set(parameterOf(field), showPartial(field, string(e.digits)))
	}
	s.mail(sess, target, form)
}

// mailEnd says how a session ended, in the shape of the captured payloads: what
// does not apply is empty, and what the start said is not repeated.
func (s *Server) mailEnd(sess *session, target string, shown map[string]string, e ending) {
	form := url.Values{
		"AccountSid": {sess.accountSID}, "CallSid": {sess.call.SID}, "Sid": {sess.sid},
		"DateUpdated": {s.stamp(sess)}, "PaymentMethod": {string(sess.terms.method)},
		"PaymentConfirmationCode": {e.confirmation}, "PaymentToken": {e.token}, "ProfileId": {e.profile},
	}
	if sess.terms.bankAccountType != "" {
		form.Set("BankAccountType", string(sess.terms.bankAccountType))
	}
	if e.result != "" {
		form.Set("Result", string(e.result))
	}
	for name, value := range shown {
		form.Set(name, value)
	}
	if e.code != 0 {
		form.Set("PayErrorCode", strconv.Itoa(e.code))
	}
	if e.paymentError != "" {
		form.Set("PaymentError", e.paymentError)
	}
	if e.connectorError != "" {
		form.Set("ConnectorError", e.connectorError)
	}
	s.mail(sess, target, form)
}

// base are the parameters of every callback before the last.
func (s *session) base() url.Values {
	form := url.Values{
		"AccountSid": {s.accountSID}, "CallSid": {s.call.SID}, "Sid": {s.sid},
		"PaymentConnector": {s.terms.connector}, "PaymentMethod": {string(s.terms.method)},
	}
	if s.terms.bankAccountType != "" {
		form.Set("BankAccountType", string(s.terms.bankAccountType))
	}
	if s.terms.charges() {
		form.Set("ChargeAmount", string(s.terms.amount))
	} else {
		form.Set("TokenType", string(s.terms.tokenType))
	}
	return form
}
