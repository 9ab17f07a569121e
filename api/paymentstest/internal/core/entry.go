package core

import (
	"slices"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// maxDigits ends every entry: no field is longer.
const maxDigits = 19

// isWhole reports whether the digits end their entry without #.
func (s *session) isWhole(e *entry) bool {
	field, _ := FieldOf(e.capture)
	full := s.fullLength(field, e.digits)
	return full > 0 && len(e.digits) >= full || len(e.digits) >= maxDigits
}

// fullLength is how many digits end an entry by themselves, zero if only # does.
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

// codeLength is how many digits the card's security code has.
func (s *session) codeLength() int {
	if s.cardType() == payments.CardTypeAmex {
		return 4
	}
	return 3
}

// enter ends the entry: its digits are captured or refused.
func (m *Machine) enter(s *session) {
	e := s.entry
	field, again := FieldOf(e.capture)
	digits := string(e.digits)
	if again {
		if digits != s.values[field] {
			m.drop(s, Refused, callback.ErrorTypeInputMatchingFailed)
			return
		}
		s.matched[field] = true
	} else {
		if wrong := s.check(field, digits, m.now); wrong != "" {
			m.drop(s, Refused, wrong)
			return
		}
		s.values[field] = digits
	}
	m.closePrompt(s, Completed, "")
	m.callbackUpdate(s, e.url, e.capture, final, "")
	m.emit(SessionChanged{State: m.stateOf(s)})
}

// drop ends the entry without capturing its digits.
func (m *Machine) drop(s *session, why Reason, wrong callback.ErrorType) {
	e := s.entry
	m.closePrompt(s, why, wrong)
	m.callbackUpdate(s, e.url, e.capture, final, wrong)
	m.emit(SessionChanged{State: m.stateOf(s)})
}

// check returns what is wrong with the digits of a field, "" if they are valid.
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
		if len(digits) < s.params.minPostalCode {
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
	if !slices.Contains(s.params.cardTypes, b.card) {
		return callback.ErrorTypeInvalidCardType
	}
	return ""
}

// isFuture reports whether a card that expires in the month MMYY is still valid,
// which it is until the month ends in UTC.
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

// CodeLength is how many digits the security code of a call's card has.
func (m *Machine) CodeLength(callSID string) int {
	if s := m.calls[callSID].open(); s != nil {
		return s.codeLength()
	}
	return 3
}
