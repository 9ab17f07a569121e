package validator

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// longestNumber is how many characters a number may have, so that comparing it exactly
// stays cheap.
const longestNumber = 400

// scalar parses text as the schema's type, for kin-openapi to validate. On failure it
// returns the broken rule.
func scalar(s *openapi3.Schema, text string) (value any, rule string) {
	switch {
	case s.Type.Is(openapi3.TypeBoolean):
		if text != "true" && text != "false" {
			return nil, "is neither true nor false"
		}
		return text == "true", ""
	case s.Type.Is(openapi3.TypeInteger):
		if !jsonNumber(text) || strings.ContainsAny(text, ".eE") {
			return nil, "is not an integer"
		}
		return number(s, text)
	case s.Type.Is(openapi3.TypeNumber):
		if !jsonNumber(text) {
			return nil, "is not a number"
		}
		return number(s, text)
	default:
		return text, ""
	}
}

// jsonNumber reports whether text is a JSON number: no plus, space, separator,
// hexadecimal digit, leading zero or name.
func jsonNumber(text string) bool {
	if text == "" || text[0] != '-' && !digit(text[0]) || !digit(text[len(text)-1]) {
		return false
	}
	return json.Valid([]byte(text))
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// number returns text as a float64 on the same side of the schema's bounds as the exact
// number: 999999.99999999999999 stays below 1000000. Rounding preserves order, so only
// a result equal to a bound may be wrong.
func number(s *openapi3.Schema, text string) (any, string) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || len(text) > longestNumber {
		return nil, "is out of range"
	}
	if !atBound(s.Min, f) && !atBound(s.Max, f) {
		return f, ""
	}
	switch compare(text, f) {
	case -1:
		f = math.Nextafter(f, math.Inf(-1))
	case 1:
		f = math.Nextafter(f, math.Inf(1))
	}
	return f, ""
}

func atBound(bound *float64, f float64) bool { return bound != nil && *bound == f }

// compare compares the exact number in text, which rounds to f, with f.
func compare(text string, f float64) int {
	if f == 0 { // whatever the exponent, only the digits matter
		digits, _, _ := strings.Cut(strings.ToLower(text), "e")
		switch {
		case !strings.ContainsAny(digits, "123456789"):
			return 0
		case digits[0] == '-':
			return -1
		}
		return 1
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0
	}
	return exact.Cmp(new(big.Rat).SetFloat64(f))
}
