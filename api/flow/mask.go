package flow

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/generated/rules"
	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// entered returns what a callback shows of a field, masked. Twilio masks card
// number, security code and account number already; should it ever not, they
// are masked here. Of a field that the contract does not call public, nothing
// shows.
func entered(e callback.Event, field payments.Capture) string {
	if field == "" {
		return ""
	}
	shown := rule.ShownFor(rules.Captures, string(field))
	return maskPart(e.Raw().Get(shown.Parameter), shown.Part)
}

// maskPart leaves of an entry the part that may show.
func maskPart(value string, part rule.Part) string {
	switch part {
	case rule.ShowAll:
		return value
	case rule.ShowLast4:
		return mask(value, 4, 12)
	case rule.ShowLast2:
		return mask(value, 2, 5)
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("xX*", r) {
			return r
		}
		return 'x'
	}, value)
}

// parts are how much of a callback's parameters may show, where a caller typed
// what they hold.
var parts = func() map[string]rule.Part {
	parts := make(map[string]rule.Part, len(rules.Captures))
	for _, shown := range rules.Captures {
		parts[shown.Parameter] = shown.Part
	}
	return parts
}()

// maskParameter masks the value of a callback's parameter, unless the contract
// says that it may be stored as it comes.
func maskParameter(name, value string) string {
	part, typed := parts[name]
	switch {
	case rules.Clear[name]:
		return value
	case typed:
		return maskPart(value, part)
	case name == "PaymentError" || name == "ConnectorError":
		return cardNumbers.ReplaceAllStringFunc(value, func(number string) string { return mask(number, 4, 12) })
	}
	return maskPart(value, rule.ShowNothing)
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
