package paymentstest

import (
	"maps"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// Prompt is what a caller is asked.
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

// Caller is a scripted caller. It is called once for every question, on its own
// goroutine, after the response to the request that asks; it presses keys on the
// call and returns.
type Caller func(*Call, Prompt)

// Answers is a caller who always types the same digits for a field, also for its
// matcher, confirms every prompt, and ignores fields that are not in the map.
func Answers(digits map[payments.Capture]string) Caller {
	digits = maps.Clone(digits)
	return func(c *Call, p Prompt) {
		if p.Confirm {
			_ = c.Press("1")
			return
		}
		field, _ := core.FieldOf(p.Capture)
		if entry, known := digits[field]; known {
			_ = c.Enter(entry)
		}
	}
}

// VisaCaller is a caller with a Visa test card, good until December 2099, and
// postal code 94109.
func VisaCaller() Caller { return CardCaller("4111 1111 1111 1111", "12 99", "123", "94109") }

// CardCaller is a caller with a card: number, expiry as MMYY, security code and
// postal code.
func CardCaller(number, expiry, securityCode, postalCode string) Caller {
	return Answers(map[payments.Capture]string{
		payments.CapturePaymentCardNumber: number,
		payments.CaptureExpirationDate:    expiry,
		payments.CaptureSecurityCode:      securityCode,
		payments.CapturePostalCode:        postalCode,
	})
}

// ACHCaller is a caller with a test bank account.
func ACHCaller() Caller {
	return Answers(map[payments.Capture]string{
		payments.CaptureBankRoutingNumber: "121181976",
		payments.CaptureBankAccountNumber: "123456789",
	})
}

// ask lets the scripted caller hear the question that it has not heard, if any. The
// caller of ask holds the lock.
func (s *simulation) ask(call *Call) {
	p, caller := call.unheard, call.caller
	call.unheard = nil
	if p == nil || caller == nil || !call.hungUp.IsZero() {
		return
	}
	handle := &Call{SID: call.SID, sim: s, of: call, turn: call.turn}
	s.work.add(1)
	if !s.work.spawn(func() {
		defer s.work.done()
		caller(handle, *p)
	}) {
		s.work.done()
	}
}
