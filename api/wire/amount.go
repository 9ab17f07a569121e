package wire

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// The most digits an [Amount] may have. Twilio accepts amounts below 1,000,000;
// four decimals cover every currency of ISO 4217.
const (
	maxWhole    = 6
	maxFraction = 4
)

// ErrAmount is the error of an invalid [Amount]; its text is the rule.
var ErrAmount = errors.New("must be decimal text below 1000000, such as 49.90: one to six digits without a leading zero, then at most a point and one to four digits")

// Amount is money as decimal text in the currency's main unit: "49.90" is
// forty-nine dollars and ninety cents. It is never a float: Twilio receives
// exactly these characters.
//
// The empty Amount is not sent. "0" is sent and makes Twilio return a token
// instead of charging. How many decimals a currency may have depends on the
// connector: Twilio refuses too many with 64003.
//
// The client validates an Amount before sending; use [ParseAmount] or
// [Amount.Validate] to do it earlier.
type Amount string

// ParseAmount returns s as an Amount, and [ErrAmount] unless s is one to six
// digits, optionally followed by a point and one to four digits: no sign,
// exponent, separator, space or leading zero. Such a text is also a valid JSON
// number, so every reader of the contract reads the same amount.
func ParseAmount(s string) (Amount, error) {
	a := Amount(s)
	return a, a.Validate()
}

// MinorUnits returns the Amount of n minor units of a currency with the given
// number of decimals: MinorUnits(4990, 2) is "49.90", MinorUnits(500, 0) is
// "500". If n is below zero or too large, or decimals is not from 0 to 4, the
// result is an Amount that [Amount.Validate] refuses, so it is not sent.
func MinorUnits(n int64, decimals int) Amount {
	text := strconv.FormatInt(n, 10)
	if n < 0 || decimals < 0 || decimals > maxFraction {
		return Amount(text + "e-" + strconv.Itoa(decimals)) // shows the value, and never validates
	}
	if decimals == 0 {
		return Amount(text)
	}
	if missing := decimals + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	point := len(text) - decimals
	return Amount(text[:point] + "." + text[point:])
}

// Validate returns [ErrAmount] unless a is an amount that may be sent. It refuses
// the empty Amount too.
func (a Amount) Validate() error {
	whole, fraction, point := strings.Cut(string(a), ".")
	if !digits(whole, maxWhole) || len(whole) > 1 && whole[0] == '0' || point && !digits(fraction, maxFraction) {
		return ErrAmount
	}
	return nil
}

// Positive reports whether a is a valid amount above zero, which Twilio charges.
// For zero or the empty Amount, Twilio returns a token instead.
func (a Amount) Positive() bool {
	return a.Validate() == nil && strings.ContainsAny(string(a), "123456789")
}

// Equal reports whether a and b are the same text, or are both valid and have the
// same value: "12.00" equals "12".
func (a Amount) Equal(b Amount) bool {
	if a == b {
		return true
	}
	x, okX := a.rat()
	y, okY := b.rat()
	return okX && okY && x.Cmp(y) == 0
}

// Minor returns a in minor units of a currency with the given number of
// decimals, the inverse of [MinorUnits]: Amount("49.9").Minor(2) is 4990. It
// fails with [ErrAmount] if a is not valid, has more decimals than that, or
// decimals is not from 0 to 4.
func (a Amount) Minor(decimals int) (int64, error) {
	if err := a.Validate(); err != nil {
		return 0, err
	}
	whole, fraction, _ := strings.Cut(string(a), ".")
	fraction = strings.TrimRight(fraction, "0")
	if decimals < 0 || decimals > maxFraction || len(fraction) > decimals {
		return 0, ErrAmount
	}
	return strconv.ParseInt(whole+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
}

// String returns the amount as it is sent.
func (a Amount) String() string { return string(a) }

func (a Amount) rat() (*big.Rat, bool) {
	if a.Validate() != nil {
		return nil, false
	}
	return new(big.Rat).SetString(string(a))
}

func digits(s string, most int) bool {
	if len(s) == 0 || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
