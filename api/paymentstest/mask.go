package paymentstest

import (
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/generated/rules"
	"github.com/twiliopay/twiliopay-go/internal/rule"
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

// shownFor is where and how much callbacks show of a field. Of one that nobody
// described nothing shows.
func shownFor(field payments.Capture) rule.Shown {
	return rule.ShownFor(rules.Captures, string(field))
}

// parameterOf names the callback parameter that shows a field.
func parameterOf(field payments.Capture) string { return shownFor(field).Parameter }

// show is the masked form of a field that was taken.
func (c config) show(field payments.Capture, digits string) string {
	switch shownFor(field).Part {
	case rule.ShowAll:
		return digits
	case rule.ShowLast4:
		if c.assume.DashedCardMask {
			return maskCardDashed(digits)
		}
		return maskCard(digits)
	case rule.ShowLast2:
		return maskAccount(digits)
	}
	return strings.Repeat("x", len(digits))
}

// showPartial is the masked form of a field while digits arrive: nothing of a
// secret number shows before it is whole.
func showPartial(field payments.Capture, digits string) string {
	switch shownFor(field).Part {
	case rule.ShowAll:
		return digits
	case rule.ShowLast2:
		return strings.Repeat("*", len(digits))
	}
	return strings.Repeat("x", len(digits))
}
