package core

import (
	"strconv"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// ending is how a session ended, as its last callback says. It is empty after
// SessionLifetime.
type ending struct {
	result         callback.Result
	confirmation   string
	token, profile string
	code           int
	connectorError string
	paymentError   string
}

// complete gives the payment to the gateway, or asks the caller to confirm it
// first.
func (m *Machine) complete(s *session, r Request) *refusal {
	if len(s.required(false)) > 0 {
		return refuse(payments.CodeIncomplete, "required payment information is incomplete")
	}
	m.closePrompt(s, Replaced, "")
	s.key = r.key()
	if !s.params.confirm {
		m.askGateway(s, r.url())
		return nil
	}
	s.confirming, s.lastURL = true, r.url()
	m.openPrompt(s)
	m.emit(SessionChanged{State: m.stateOf(s)})
	return nil
}

// confirm acts on the key pressed at "press 1 to proceed, 2 to cancel". Other keys
// do nothing.
func (m *Machine) confirm(s *session, key byte) {
	switch key {
	case '1':
		s.reply = TypedConfirm
		m.closePrompt(s, Completed, "")
		m.askGateway(s, s.lastURL)
	case '2':
		s.reply = TypedRefuse
		m.finish(s, s.lastURL, ending{result: m.config.Assumptions.cancelResult()}, Completed, "CancelResult")
	}
}

// askGateway gives a session to the gateway. Until the verdict the session accepts
// neither requests nor keys.
func (m *Machine) askGateway(s *session, url string) {
	s.deciding, s.finalURL = true, url
	m.emit(SessionChanged{State: m.stateOf(s)})
	ask := AskGateway{Payment: s.payment()}
	if !m.config.Live {
		ask.TestMode = testMode(s.values)
	}
	m.emit(ask)
}

// apply ends a session as the gateway decided. A verdict for a session that is not
// with the gateway does nothing.
func (d Decided) apply(m *Machine) {
	s := m.sessions[d.SID]
	if s == nil || !s.deciding {
		return
	}
	v := d.Verdict
	m.cause = m.emit(GatewayDecided{Payment: s.payment(), Verdict: v})
	e := ending{result: v.ResultOf(), code: v.Code, connectorError: v.ConnectorError, paymentError: v.PaymentError}
	if v.Code != 0 && e.paymentError == "" {
		e.paymentError = "Pay: payment refused (" + strconv.Itoa(v.Code) + ")"
	}
	if e.result == callback.ResultSuccess {
		m.pay(s, &e)
	}
	m.finish(s, s.finalURL, e, SessionOver, "")
}

// pay makes the charge or the token.
func (m *Machine) pay(s *session, e *ending) {
	if s.params.charges() {
		e.confirmation = Derive(m.config.Seed, "ch_", 24, "charge", s.sid)
		m.emit(Charged{Payment: s.payment(), Time: m.now, ConfirmationCode: e.confirmation})
		return
	}
	e.token = Derive(m.config.Seed, "tok_", 24, "token", s.sid)
	e.profile = Derive(m.config.Seed, "cus_", 24, "profile", s.sid)
	m.emit(Tokenized{Payment: s.payment(), Time: m.now, Token: e.token, ProfileID: e.profile})
}
