package wire

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// The most digits an [Amount] may have. Twilio takes amounts below 1,000,000;
// four decimals cover every currency of ISO 4217.
const (
	maxWhole    = 6
	maxFraction = 4
)

// ErrAmount is the rule every [Amount] follows, as an error.
var ErrAmount = errors.New("must be decimal text below 1000000, such as 49.90: one to six digits without a leading zero, then at most a point and one to four digits")

// Amount is money as decimal text in the currency's main unit: "49.90" is
// forty-nine dollars and ninety cents. It is never a float: what is written
// here is what Twilio receives, to the character.
//
// The empty Amount is not sent. "0" is sent and, as Twilio reads it, asks for a
// token and not for a charge. How many decimals a currency may have is the
// connector's matter: Twilio refuses too many with 64003.
//
// An Amount is checked before it is sent; use [ParseAmount] or
// [Amount.Validate] to check earlier.
type Amount string

// ParseAmount returns s as an Amount, or [ErrAmount] when s is anything but one
// to six digits, optionally followed by a point and one to four digits: no
// sign, exponent, separator, space or leading zero. That is a JSON number, which
// every reader of the contract takes for the same amount.
func ParseAmount(s string) (Amount, error) {
	a := Amount(s)
	return a, a.Validate()
}

// MinorUnits returns the Amount of n minor units of a currency with the given
// number of decimals: MinorUnits(4990, 2) is "49.90", MinorUnits(500, 0) is
// "500". An n below zero, or more than four decimals, gives an Amount that
// [Amount.Validate] refuses, so it is never sent.
func MinorUnits(n int64, decimals int) Amount {
	text := strconv.FormatInt(n, 10)
	if n < 0 || decimals < 0 || decimals > maxFraction {
		return Amount(text + "e-" + strconv.Itoa(decimals)) // names the value, and no check lets it pass
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

// Validate returns [ErrAmount] unless a is an amount that may be sent. The
// empty Amount, which is not sent, is refused too.
func (a Amount) Validate() error {
	whole, fraction, point := strings.Cut(string(a), ".")
	if !digits(whole, maxWhole) || len(whole) > 1 && whole[0] == '0' || point && !digits(fraction, maxFraction) {
		return ErrAmount
	}
	return nil
}

// Positive reports whether a is a valid amount above zero: one that Twilio
// charges. Zero, and no amount at all, ask for a token instead.
func (a Amount) Positive() bool {
	return a.Validate() == nil && strings.ContainsAny(string(a), "123456789")
}

// Equal reports whether a and b are the same text, or both valid and worth the
// same: "12.00" equals "12".
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
// fails with [ErrAmount] when a is not valid or has a digit beyond them.
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
