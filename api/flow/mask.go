package flow

import (
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// entered returns what a callback shows of a field, masked. Twilio masks card
// number, security code and account number already; should it ever not, they
// are masked here.
func entered(e callback.Event, field payments.Capture) string {
	switch field {
	case payments.CapturePaymentCardNumber, payments.CapturePaymentCardNumberMatcher:
		return mask(e.PaymentCardNumber, 4, 12)
	case payments.CaptureSecurityCode, payments.CaptureSecurityCodeMatcher:
		return mask(e.SecurityCode, 0, 0)
	case payments.CaptureBankAccountNumber:
		return mask(e.BankAccountNumber, 2, 5)
	case payments.CaptureExpirationDate, payments.CaptureExpirationDateMatcher:
		return e.ExpirationDate
	case payments.CapturePostalCode, payments.CapturePostalCodeMatcher:
		return e.PaymentCardPostalCode
	case payments.CaptureBankRoutingNumber:
		return e.BankRoutingNumber
	}
	return ""
}

// mask replaces every digit but the last kept by x, and all of them in a text
// shorter than whole characters: of a number that is still being entered the
// last digits are not the last.
func mask(s string, kept, whole int) string {
	if len(s) < whole {
		kept = 0
	}
	split := max(len(s)-kept, 0)
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 'x'
		}
		return r
	}, s[:split]) + s[split:]
}
