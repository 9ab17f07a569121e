package paymentstest

import (
	"slices"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// check returns what is wrong with a finished entry, "" when it is taken.
func (s *session) check(field payments.Capture, digits string, now time.Time) callback.ErrorType {
	switch field {
	case payments.CapturePaymentCardNumber:
		return s.checkCard(digits)
	case payments.CaptureExpirationDate:
		if !isFuture(digits, now) {
			return callback.ErrorTypeInvalidDate
		}
	case payments.CaptureSecurityCode:
		if len(digits) != s.codeLength() {
			return callback.ErrorTypeInvalidSecurityCode
		}
	case payments.CapturePostalCode:
		if len(digits) < s.terms.minPostalCode {
			return callback.ErrorTypeInvalidPostalCode
		}
	case payments.CaptureBankRoutingNumber:
		if !isRouting(digits) {
			return callback.ErrorTypeInvalidBankRoutingNumber
		}
	case payments.CaptureBankAccountNumber:
		if len(digits) < 4 || len(digits) > 17 {
			return callback.ErrorTypeInvalidBankAccountNumber
		}
	}
	return ""
}

func (s *session) checkCard(digits string) callback.ErrorType {
	b, known := brandOf(digits)
	if !known || !b.isCard(digits) {
		return callback.ErrorTypeInvalidCardNumber
	}
	if !slices.Contains(s.terms.cardTypes, b.card) {
		return callback.ErrorTypeInvalidCardType
	}
	return ""
}

// codeLength is how many digits the card's security code has.
func (s *session) codeLength() int {
	if s.cardType() == payments.CardTypeAmex {
		return 4
	}
	return 3
}

// cardType is the brand of the card that was captured, if one was.
func (s *session) cardType() payments.CardType {
	b, _ := brandOf(s.values[payments.CapturePaymentCardNumber])
	return b.card
}

// isFuture reports whether a card that expires in the month MMYY is still good:
// it is until the month ends, in UTC.
func isFuture(mmyy string, now time.Time) bool {
	if len(mmyy) != 4 {
		return false
	}
	month, _ := strconv.Atoi(mmyy[:2])
	year, _ := strconv.Atoi(mmyy[2:])
	if month < 1 || month > 12 {
		return false
	}
	end := time.Date(2000+year, time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC)
	return now.Before(end)
}

// fullLength is how many digits end an entry by themselves; zero when only #
// does.
func (s *session) fullLength(field payments.Capture, digits []byte) int {
	switch field {
	case payments.CapturePaymentCardNumber:
		b, _ := brandOf(string(digits))
		return b.ends
	case payments.CaptureExpirationDate:
		return 4
	case payments.CaptureSecurityCode:
		return s.codeLength()
	case payments.CaptureBankRoutingNumber:
		return 9
	}
	return 0
}
