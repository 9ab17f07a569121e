package paymentstest

import (
	"errors"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Payment is what a payment connector is asked to do. Of card and account numbers it
// has the last digits only, and no security code.
type Payment struct {
	AccountSID string
	CallSID    string
	SID        string
	// IdempotencyKey is that of the request with Status complete.
	IdempotencyKey string
	Connector      string
	Method         payments.PaymentMethod
	// Amount is what to charge, as the application wrote it; empty if a token is
	// asked for.
	Amount      wire.Amount
	Currency    string
	Description string
	Parameter   wire.Parameters
	// TokenType is set if a token is asked for.
	TokenType       payments.TokenType
	CardType        payments.CardType
	BankAccountType payments.BankAccountType
	// LastDigits are the last four of a card, the last two of a bank account.
	LastDigits string
	PostalCode string
}

// Verdict is the gateway's decision about a [Payment]. The zero Verdict approves;
// make others with [Decline], or set another Result.
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
	// After is how long the gateway takes, in the server's time. Meanwhile requests
	// about the session are refused with 64021, keys are lost, and hanging up does
	// not end it. Default 0: it decides at once.
	After time.Duration
	// Hold leaves the payment with the gateway until [Server.Decide]; the rest of the
	// verdict is ignored.
	Hold bool
}

// Decline is the verdict by which a gateway declines a payment:
// Decline(payments.CodeChargeRejected, "insufficient_funds").
func Decline(code int, connectorError string) Verdict {
	return Verdict{Code: code, ConnectorError: connectorError}
}

// DeclineNext gives the next payments these verdicts, one each, before anything
// else decides. Without an argument it declines the next payment with
// payments.CodeChargeRejected. A zero Verdict approves one, whatever its card.
func (s *Server) DeclineNext(verdicts ...Verdict) {
	if len(verdicts) == 0 {
		verdicts = []Verdict{Decline(payments.CodeChargeRejected, "")}
	}
	s.gateway.next(verdicts)
}

// SetGateway decides payments from now on, as [WithGateway] does from the start;
// nil approves all.
func (s *Server) SetGateway(gateway func(Payment) Verdict) { s.gateway.set(gateway) }

// ArmGateway puts a gateway before TEST mode and that of [WithGateway], and before
// those armed earlier, until disarm is called. It reports whether it decides the
// payment. Like that of WithGateway it is called for one payment at a time.
func (s *Server) ArmGateway(gateway func(Payment) (Verdict, bool)) (disarm func()) {
	return s.gateway.armed.arm(gateway)
}

// ErrNotHeld is the error of [Server.Decide] for a session whose payment is not
// with the gateway.
var ErrNotHeld = errors.New("paymentstest: the session's payment is not with the gateway")

// Decide gives the verdict on a payment that is with the gateway, because of
// [Verdict.Hold] or before [Verdict.After] has passed. Its own Hold and After are
// ignored.
func (s *Server) Decide(sessionSID string, v Verdict) error {
	st := s.sim.decide(sessionSID, v)
	s.sim.deliver(st)
	if len(st.effects) == 0 {
		return ErrNotHeld
	}
	return nil
}
