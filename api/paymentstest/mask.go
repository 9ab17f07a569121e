package paymentstest

import (
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// maskCard hides all but the last four digits, as the captured payloads do.
func maskCard(number string) string {
	return strings.Repeat("x", len(number)-4) + number[len(number)-4:]
}

// maskCardDashed hides all but the last four digits in the groups of the
// vendor's documentation: xxxx-xxxxxx-x4001, and fours for cards of 16 digits.
func maskCardDashed(number string) string {
	masked := maskCard(number)
	if len(masked) == 15 {
		return masked[:4] + "-" + masked[4:10] + "-" + masked[10:]
	}
	var groups []string
	for len(masked) > 4 {
		groups, masked = append(groups, masked[:4]), masked[4:]
	}
	return strings.Join(append(groups, masked), "-")
}

// maskAccount hides all but the last two digits.
func maskAccount(number string) string {
	return strings.Repeat("*", len(number)-2) + number[len(number)-2:]
}

// parameterOf names the callback parameter that shows a field.
func parameterOf(field payments.Capture) string {
	switch field {
	case payments.CapturePaymentCardNumber:
		return "PaymentCardNumber"
	case payments.CaptureExpirationDate:
		return "ExpirationDate"
	case payments.CaptureSecurityCode:
		return "SecurityCode"
	case payments.CapturePostalCode:
		return "PaymentCardPostalCode"
	case payments.CaptureBankRoutingNumber:
		return "BankRoutingNumber"
	}
	return "BankAccountNumber"
}

// show is the masked form of a field that was taken.
func (c config) show(field payments.Capture, digits string) string {
	switch field {
	case payments.CapturePaymentCardNumber:
		if c.assume.DashedCardMask {
			return maskCardDashed(digits)
		}
		return maskCard(digits)
	case payments.CaptureSecurityCode:
		return strings.Repeat("x", len(digits))
	case payments.CaptureBankAccountNumber:
		return maskAccount(digits)
	}
	return digits
}

// showPartial is the masked form of a field while digits arrive: nothing of a
// secret number shows before it is whole.
func showPartial(field payments.Capture, digits string) string {
	switch field {
	case payments.CapturePaymentCardNumber, payments.CaptureSecurityCode:
		return strings.Repeat("x", len(digits))
	case payments.CaptureBankAccountNumber:
		return strings.Repeat("*", len(digits))
	}
	return digits
}
