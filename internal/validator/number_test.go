package validator_test

import (
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The grammar of RFC 8259, section 6.
var (
	numberGrammar  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	integerGrammar = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
)

// numberText draws numbers near the bounds, other numbers, and near misses.
func numberText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?`),
		rapid.StringMatching(`(-?(999999|600|599)\.(9|0){1,30}[0-9]?)|(1000000|600|0)(\.0{1,30}[0-9])?`),
		rapid.StringMatching(`-?0\.0{0,350}[0-9](e-?[0-9]{1,3})?`),
		rapid.StringMatching(`[-+ 0-9._,eExXInf]{0,8}`),
	)
}

func TestNumbersAreExact(t *testing.T) {
	t.Parallel()
	j := merged(t)
	low, high, most := big.NewRat(0, 1), big.NewRat(1000000, 1), big.NewRat(600, 1)
	rapid.Check(t, func(rt *rapid.T) {
		text := numberText().Draw(rt, "text")
		var amount, timeout bool
		if numberGrammar.MatchString(text) {
			exact, _ := new(big.Rat).SetString(text)
			amount = exact.Cmp(low) >= 0 && exact.Cmp(high) < 0
			timeout = integerGrammar.MatchString(text) && exact.Cmp(low) >= 0 && exact.Cmp(most) <= 0
		}
		for field, want := range map[string]bool{"ChargeAmount": amount, "Timeout": timeout} {
			r := newRequest(t, http.MethodPost, createPath, nil)
			_, err := j.Request(r, []byte(minBody+"&"+field+"="+url.QueryEscape(text)))
			if (err == nil) != want {
				rt.Errorf("%s=%q: %v, want accepted %t", field, text, err, want)
			}
		}
	})
}

func TestNumbersAtTheEdges(t *testing.T) {
	t.Parallel()
	j := merged(t)
	for text, want := range map[string]bool{
		"999999.9999":                       true,
		"999999.99999999999999999999999999": true, // rounds to 1000000 as a float64
		"1000000":                           false,
		"1000000.00000000000000000000001":   false,
		"-0":                                true,
		"-0.0":                              true,
		"-1e-999999999":                     false, // rounds to 0
		"1e-999999999":                      true,
		"1e999999999":                       false,
		"0e999999999":                       true,
		"0." + strings.Repeat("1", 398):     true, // the longest
		"0." + strings.Repeat("1", 399):     false,
		"00":                                false,
		"01":                                false,
		".5":                                false,
		"5.":                                false,
		"1e":                                false,
		"-":                                 false,
		"":                                  false,
		"NaN":                               false,
		"1\n":                               false,
	} {
		r := newRequest(t, http.MethodPost, createPath, nil)
		if _, err := j.Request(r, []byte(minBody+"&ChargeAmount="+url.QueryEscape(text))); (err == nil) != want {
			t.Errorf("%q: %v, want accepted %t", text, err, want)
		}
	}
}
