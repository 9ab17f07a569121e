package flow

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Result is a payment that succeeded. Read token, profile, code and card with
// r.Token.Reveal() and so on. However it is printed, logged or encoded, in an
// unexported field too, a Result shows the session and none of them; see
// [wire.Hidden].
type Result struct {
	Session Session
	// ConfirmationCode is the gateway's reference for the charge; empty if the
	// session returned a token instead.
	ConfirmationCode wire.Hidden[string]
	// Token can be charged later, and ProfileID is the customer at the gateway
	// if the connector has one; both are empty if the session charged.
	Token     wire.Hidden[string]
	ProfileID wire.Hidden[string]
	// TokenWithheld reports that Twilio returned a token or profile and the bus
	// did not store it, because it has no key to encrypt it with.
	TokenWithheld bool
	// CardNumber is masked except for its last four digits.
	CardNumber wire.Hidden[string]
	CardType   wire.Hidden[payments.CardType]
	// Reconciled reports that the outcome comes from the gateway instead of a
	// callback, see [Reconcile]. Token, card and most of Event are then empty.
	Reconciled bool
	// Event is the callback that reported the success, with everything else.
	Event callback.Event
}

// result returns the payment of a succeeded session.
func (f *Flow) result() *Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.end.event
	return &Result{
		Session:          f.session,
		ConfirmationCode: e.PaymentConfirmationCode,
		Token:            e.PaymentToken,
		ProfileID:        e.ProfileID,
		TokenWithheld:    e.Extra().Get(withheldParameter) != "",
		CardNumber:       wire.Hide(entered(e, payments.CapturePaymentCardNumber)),
		CardType:         e.PaymentCardType,
		Reconciled:       f.end.reconciled,
		Event:            e,
	}
}

func (r Result) shown() map[string]string {
	kind := "token"
	if !r.ConfirmationCode.IsZero() {
		kind = "charge"
	}
	return map[string]string{"kind": kind, "account": r.Session.AccountSID, "call": r.Session.CallSID, "session": r.Session.SID}
}

// String returns kind and session on one line.
func (r Result) String() string {
	s := r.shown()
	return "result{kind=" + s["kind"] + " account=" + s["account"] + " call=" + s["call"] + " session=" + s["session"] + "}"
}

// Format prints what String returns, for every verb.
func (r Result) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue logs what String returns.
func (r Result) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON writes what String returns, as an object.
func (r Result) MarshalJSON() ([]byte, error) { return json.Marshal(r.shown()) }

// MarshalText writes what String returns, for encoders such as those of XML and
// YAML.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
