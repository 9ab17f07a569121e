package paymentstest

import (
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// Charge is a payment the gateway made.
type Charge struct {
	Payment
	Time             time.Time
	ConfirmationCode string
}

// Token is a token the gateway returned instead of charging.
type Token struct {
	Payment
	Time      time.Time
	Token     string
	ProfileID string
}

// Charges returns the payments made so far, in order.
func (s *Server) Charges() []Charge {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Charge(nil), s.charges.items...)
}

// Tokens returns the tokens returned so far, in order.
func (s *Server) Tokens() []Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Token(nil), s.tokens.items...)
}

// ending is how a session ended, as its last callback says.
type ending struct {
	result         callback.Result
	confirmation   string
	token, profile string
	code           int
	connectorError string
	paymentError   string
}

// text is the ending in words that follow "has ended".
func (e ending) text() string {
	if e.result == "" {
		return ""
	}
	text := " with " + string(e.result)
	if e.code != 0 {
		text += ", code " + strconv.Itoa(e.code)
	}
	return text
}

// settle takes a complete session to the gateway and ends it.
func (s *Server) settle(sess *session, url string) {
	p := sess.payment()
	v := s.judgePayment(p, sess.values)
	e := ending{result: v.result(), code: v.Code, connectorError: v.ConnectorError, paymentError: v.PaymentError}
	if v.Code != 0 && e.paymentError == "" {
		e.paymentError = "Pay: payment refused (" + strconv.Itoa(v.Code) + ")"
	}
	if e.result == callback.ResultSuccess {
		if sess.terms.charges() {
			e.confirmation = "ch_" + s.derive(24, "charge", sess.sid)
			s.charges.add(Charge{p, s.now(), e.confirmation}, p.size())
		} else {
			e.token = "tok_" + s.derive(24, "token", sess.sid)
			e.profile = "cus_" + s.derive(24, "profile", sess.sid)
			s.tokens.add(Token{p, s.now(), e.token, e.profile}, p.size())
		}
	}
	s.finish(sess, url, e)
}

// finish ends a session and says so to url.
func (s *Server) finish(sess *session, url string, e ending) {
	shown := sess.end(s.config)
	s.retire(sess)
	sess.outcome = e
	sess.updated = s.now()
	s.mailEnd(sess, url, shown, e)
}
