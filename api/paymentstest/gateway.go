package paymentstest

import (
	"errors"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Payment is what a payment connector is asked to do. It has no card number,
// security code or account number but for the last digits.
type Payment struct {
	AccountSID string
	CallSID    string
	SID        string
	// IdempotencyKey is that of the request with Status complete.
	IdempotencyKey string
	Connector      string
	Method         payments.PaymentMethod
	// Amount is what to charge, as the application wrote it; empty when a token
	// is asked for.
	Amount      wire.Amount
	Currency    string
	Description string
	Parameter   wire.Parameters
	// TokenType is set when a token is asked for.
	TokenType       payments.TokenType
	CardType        payments.CardType
	BankAccountType payments.BankAccountType
	// LastDigits are the last four of a card, the last two of a bank account.
	LastDigits string
	PostalCode string
}

// Verdict is what the gateway says to a [Payment]. The zero Verdict approves;
// make others with [Decline], or name any other Result.
type Verdict struct {
	// Result is what the callback says; empty means success without a Code and
	// payment-connector-error with one.
	Result callback.Result
	// Code is PayErrorCode, 64001 to 64024; zero for none.
	Code int
	// ConnectorError is the gateway's own code or text; empty for none.
	ConnectorError string
	// PaymentError is Twilio's text; empty for one that goes with the Code.
	PaymentError string
	// After is how long the gateway takes, in the server's time. The payment is with
	// it meanwhile: requests about the session are refused with 64021, keys are lost,
	// and hanging up does not end it. Default 0: it decides at once.
	After time.Duration
	// Hold leaves the payment with the gateway until [Server.Decide]; the rest of the
	// verdict is ignored.
	Hold bool
}

// Decline is the verdict with which a gateway turns a payment down:
// Decline(payments.CodeChargeRejected, "insufficient_funds").
func Decline(code int, connectorError string) Verdict {
	return Verdict{Code: code, ConnectorError: connectorError}
}

// DeclineNext gives the next payments these verdicts, one each, before anything
// else has a say. A zero Verdict lets one pass, whatever its card.
func (s *Server) DeclineNext(verdicts ...Verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verdicts = append(s.verdicts, verdicts...)
}

// SetGateway decides payments from now on, as [WithGateway] does from the start;
// nil approves all.
func (s *Server) SetGateway(gateway func(Payment) Verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway = gateway
}

// ArmGateway puts a gateway before TEST mode and that of [WithGateway], and before
// those armed earlier, until disarm is called. It reports whether it decides the
// payment. Like that of WithGateway it is called for one payment at a time.
func (s *Server) ArmGateway(gateway func(Payment) (Verdict, bool)) (disarm func()) {
	return arm(s, &s.armedGateways, "gateway", gateway)
}

// ErrNotHeld is the error of [Server.Decide] for a session whose payment is not
// with the gateway.
var ErrNotHeld = errors.New("paymentstest: the session's payment is not with the gateway")

// Decide gives the verdict on a payment that is with the gateway, because of
// [Verdict.Hold] or before [Verdict.After] has passed. Its own Hold and After are
// ignored.
func (s *Server) Decide(sessionSID string, v Verdict) error {
	st := s.decide(sessionSID, v)
	s.deliver(st)
	if len(st.effects) == 0 {
		return ErrNotHeld
	}
	return nil
}

// decide gives a verdict to the core, which ignores one that it does not wait for.
func (s *Server) decide(sid string, v Verdict) *step {
	return s.run(func(st *step) {
		st.input(0, core.Decided{SID: sid, Verdict: core.Verdict{
			Result: v.Result, Code: v.Code, ConnectorError: v.ConnectorError, PaymentError: v.PaymentError,
		}})
	})
}

// pending is a payment that is with the gateway. The server's lock guards it.
type pending struct {
	asked   int64 // its entry in the journal
	held    bool
	delay   time.Duration
	stop    func() bool // of the timer, nil without one
	counted bool        // what is left to do includes the verdict
}

// consult asks the gateway for a verdict. It returns what came of it, nil when the
// gateway takes its time.
func (s *Server) consult(ask core.AskGateway) *step {
	v, sid := s.verdict(ask), ask.Payment.SID
	if !v.Hold && v.After <= 0 {
		return s.decide(sid, v)
	}
	s.mu.Lock()
	p := s.pending[sid]
	if p == nil {
		s.mu.Unlock()
		return nil // it was decided meanwhile, by Decide
	}
	p.held, p.delay = v.Hold, v.After
	if v.Hold {
		s.mu.Unlock()
		return nil
	}
	p.counted = true
	s.work.add(1)
	s.mu.Unlock()
	stop := s.config.clock.AfterFunc(v.After, func() { s.deliver(s.decide(sid, v)) })
	s.mu.Lock()
	defer s.mu.Unlock()
	p.stop = stop
	return nil
}

// verdict asks, in turn: verdicts lined up, armed gateways, TEST mode, the
// gateway.
func (s *Server) verdict(ask core.AskGateway) Verdict {
	s.deciding.Lock()
	defer s.deciding.Unlock()
	s.mu.Lock()
	if len(s.verdicts) > 0 {
		defer s.mu.Unlock()
		next := s.verdicts[0]
		s.verdicts = s.verdicts[1:]
		return next
	}
	armed, gateway := slices.Collect(s.armedGateways.then()), s.gateway
	s.mu.Unlock()
	p := Payment(ask.Payment)
	for _, decide := range armed {
		if v, decided := decide(p); decided {
			return v
		}
	}
	if t := ask.TestMode; t.Declines() {
		return Verdict{Result: t.Result, Code: t.Code, ConnectorError: t.ConnectorError, PaymentError: t.PaymentError}
	}
	if gateway != nil {
		return gateway(p)
	}
	return Verdict{}
}

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
	return slices.Collect(s.charges.all())
}

// Tokens returns the tokens returned so far, in order.
func (s *Server) Tokens() []Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(s.tokens.all())
}
