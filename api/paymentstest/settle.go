package paymentstest

import (
	"errors"
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

// pending is a payment that is with the gateway.
type pending struct {
	payment Payment
	url     string
	asked   int64       // the entry of the journal
	stop    func() bool // of the timer, nil when the payment is held
}

// settle takes a complete session to the gateway. Unless that takes its time, it
// ends the session.
func (s *Server) settle(sess *session, url string) {
	sess.confirms = false
	p := &pending{payment: sess.payment(), url: url}
	p.asked = s.asked(p.payment)
	v := s.judgePayment(p.payment, sess.values)
	if !v.Hold && v.After <= 0 {
		s.decide(sess, p, v)
		return
	}
	sess.pending = p
	s.sessionChanged(sess)
	if v.Hold {
		return
	}
	s.work.add(1)
	p.stop = s.config.clock.AfterFunc(v.After, func() {
		s.lock(p.asked)
		defer s.mu.Unlock()
		if sess.pending == p {
			s.decide(sess, p, v)
			s.deliver(sess)
			s.work.done()
		}
	})
}

// ErrNotHeld is the error of [Server.Decide] for a session whose payment is not
// with the gateway.
var ErrNotHeld = errors.New("paymentstest: the session's payment is not with the gateway")

// Decide gives the verdict on a payment that is with the gateway, because of
// [Verdict.Hold] or before [Verdict.After] has passed. Its own Hold and After are
// ignored.
func (s *Server) Decide(sessionSID string, v Verdict) error {
	s.lock(0)
	defer s.mu.Unlock()
	sess := s.sessions[sessionSID]
	if sess == nil || sess.pending == nil {
		return ErrNotHeld
	}
	p := sess.pending
	if p.stop != nil {
		p.stop()
		s.work.done()
	}
	s.decide(sess, p, v)
	s.deliver(sess)
	return nil
}

// decide carries a verdict out.
func (s *Server) decide(sess *session, p *pending, v Verdict) {
	s.cause = p.asked
	s.decided(p.payment, v)
	sess.pending = nil
	e := ending{result: v.result(), code: v.Code, connectorError: v.ConnectorError, paymentError: v.PaymentError}
	if v.Code != 0 && e.paymentError == "" {
		e.paymentError = "Pay: payment refused (" + strconv.Itoa(v.Code) + ")"
	}
	if e.result == callback.ResultSuccess {
		if sess.terms.charges() {
			e.confirmation = "ch_" + s.derive(24, "charge", sess.sid)
			s.charges.add(Charge{p.payment, s.now(), e.confirmation}, p.payment.size())
		} else {
			e.token = "tok_" + s.derive(24, "token", sess.sid)
			e.profile = "cus_" + s.derive(24, "profile", sess.sid)
			s.tokens.add(Token{p.payment, s.now(), e.token, e.profile}, p.payment.size())
		}
	}
	s.finish(sess, p.url, e)
}

// finish ends a session and says so to url.
func (s *Server) finish(sess *session, url string, e ending) {
	s.promptClosed(sess, PromptSessionEnded, "")
	shown := sess.end(s.config)
	s.retire(sess)
	sess.outcome = e
	sess.updated = s.now()
	s.mailEnd(sess, url, shown, e)
	s.sessionEnded(sess, "")
}
