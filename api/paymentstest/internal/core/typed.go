package core

import (
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// The names of entries. They can be shown, and typed again, without their digits.
// Test cards have the names of [TestCards], the test bank account
// [TypedTestAccount].
const (
	TypedGood        = "good"
	TypedTestAccount = "ach"
	TypedUntested    = "untested"      // valid, but refused in TEST mode
	TypedOther       = "other"         // valid, but not what was typed before
	TypedTooShort    = "too-short"     // not enough digits
	TypedTooLong     = "too-long"      // too many
	TypedCheckDigit  = "check-digit"   // wrong
	TypedNoBrand     = "unknown-brand" // no card number starts this way
	TypedExpired     = "expired"
	TypedNoMonth     = "no-month"
	TypedConfirm     = "confirm" // 1, when asked to confirm
	TypedRefuse      = "refuse"  // 2
)

// TestCard is a card that a connector in TEST mode accepts.
type TestCard struct {
	Name   string
	Number string
	Type   payments.CardType
}

// TestCards returns the cards that a connector in TEST mode accepts.
func TestCards() []TestCard {
	list := make([]TestCard, len(testCards))
	for i, number := range testCards {
		b, _ := brandOf(number)
		list[i] = TestCard{Name: testCardNames[i], Number: number, Type: b.card}
	}
	return list
}

// TestAccount is a bank account that a connector in TEST mode accepts.
func TestAccount() string { return testAccounts[1] }

// testCardNames are the names of testCards.
var testCardNames = [...]string{"visa", "mastercard", "amex", "discover", "diners-club", "jcb", "unionpay", "maestro"}

// nameOf names the digits of a finished entry: a test card or bank account by its
// name, anything else by what is wrong with it.
func (s *session) nameOf(capture payments.Capture, digits string, now time.Time) string {
	field, again := FieldOf(capture)
	name := s.nameOfField(field, digits, now)
	if again && digits != s.values[field] && (name == TypedGood || name == TypedUntested) {
		return TypedOther
	}
	return name
}

func (s *session) nameOfField(field payments.Capture, digits string, now time.Time) string {
	fails := s.check(field, digits, now) != ""
	switch field {
	case payments.CapturePaymentCardNumber:
		return nameOfCard(digits)
	case payments.CaptureBankAccountNumber:
		return nameOfAccount(digits)
	case payments.CaptureExpirationDate:
		switch {
		case len(digits) < 4:
			return TypedTooShort
		case digits[:2] == "00" || digits[:2] > "12":
			return TypedNoMonth
		case fails:
			return TypedExpired
		}
	case payments.CaptureBankRoutingNumber:
		if fails && len(digits) == 9 {
			return TypedCheckDigit
		}
	}
	if fails {
		return TypedTooShort
	}
	return TypedGood
}

func nameOfCard(digits string) string {
	if at := slices.Index(testCards, digits); at >= 0 {
		return testCardNames[at]
	}
	b, known := brandOf(digits)
	switch {
	case !known && len(digits) < 12:
		return TypedTooShort
	case !known:
		return TypedNoBrand
	case len(digits) < b.shortest:
		return TypedTooShort
	case len(digits) > b.long:
		return TypedTooLong
	case !b.isCard(digits):
		return TypedCheckDigit
	}
	return TypedUntested
}

func nameOfAccount(digits string) string {
	switch {
	case slices.Contains(testAccounts, digits):
		return TypedTestAccount
	case len(digits) < 4:
		return TypedTooShort
	case len(digits) > 17:
		return TypedTooLong
	}
	return TypedUntested
}
