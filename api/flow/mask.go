package flow

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// entered returns what a callback shows of a field, masked. Twilio masks card
// number, security code and account number already; should it ever not, they
// are masked here.
func entered(e callback.Event, field payments.Capture) string {
	switch field {
	case payments.CapturePaymentCardNumber, payments.CapturePaymentCardNumberMatcher:
		return mask(e.PaymentCardNumber.Reveal(), 4, 12)
	case payments.CaptureSecurityCode, payments.CaptureSecurityCodeMatcher:
		return mask(e.SecurityCode.Reveal(), 0, 0)
	case payments.CaptureBankAccountNumber:
		return mask(e.BankAccountNumber.Reveal(), 2, 5)
	case payments.CaptureExpirationDate, payments.CaptureExpirationDateMatcher:
		return e.ExpirationDate.Reveal()
	case payments.CapturePostalCode, payments.CapturePostalCodeMatcher:
		return e.PaymentCardPostalCode.Reveal()
	case payments.CaptureBankRoutingNumber:
		return e.BankRoutingNumber.Reveal()
	}
	return ""
}

// maskParameter masks the value of a callback's parameter where that may hold a
// card number, a code or an account number.
func maskParameter(name, value string) string {
	switch name {
	case "PaymentCardNumber":
		return mask(value, 4, 12)
	case "SecurityCode":
		return mask(value, 0, 0)
	case "BankAccountNumber":
		return mask(value, 2, 5)
	case "PaymentError", "ConnectorError":
		return cardNumbers.ReplaceAllStringFunc(value, func(number string) string { return mask(number, 4, 12) })
	}
	return value
}

// cardNumbers finds what may be a card number in a text: 12 digits or more, with
// spaces, dots or hyphens between them.
var cardNumbers = regexp.MustCompile(`[0-9](?:[ .-]?[0-9]){11,}`)

// mask replaces every digit but the last kept by x, and all of them in a text of
// fewer than whole characters, separators not counted: of a number that is still
// being entered the last digits are not the last.
func mask(s string, kept, whole int) string {
	characters := 0
	for _, r := range s {
		if unicode.IsDigit(r) || strings.ContainsRune("xX*", r) {
			characters++
		}
	}
	if characters < whole {
		kept = 0
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsDigit(r) || strings.ContainsRune("xX*", r) {
			characters--
			if unicode.IsDigit(r) && characters >= kept {
				r = 'x'
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}
