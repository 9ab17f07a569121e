package core

import (
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/generated/rules"
	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// shownFor is where callbacks show a field, and how much of it. Of a field that the
// contract does not describe they show nothing.
func shownFor(field payments.Capture) rule.Shown {
	return rule.ShownFor(rules.Captures, string(field))
}

// parameterOf names the callback parameter that shows a field.
func parameterOf(field payments.Capture) string { return shownFor(field).Parameter }

// maskedValues are the captured fields as callbacks show them.
func (m *Machine) maskedValues(s *session) map[payments.Capture]string {
	if s.over {
		return s.masked
	}
	if len(s.values) == 0 {
		return nil
	}
	masked := make(map[payments.Capture]string, len(s.values))
	for field, digits := range s.values {
		masked[field] = mask(field, digits, m.config.Assumptions.DashedCardMask)
	}
	return masked
}

// mask is the masked form of a field that was captured.
func mask(field payments.Capture, digits string, dashed bool) string {
	switch shownFor(field).Part {
	case rule.ShowAll:
		return digits
	case rule.ShowLast4:
		if dashed {
			return maskCardDashed(digits)
		}
		return maskCard(digits)
	case rule.ShowLast2:
		return maskAccount(digits)
	}
	return strings.Repeat("x", len(digits))
}

// maskPartial is the masked form of a field while digits arrive. It hides all
// digits of a secret number.
func maskPartial(field payments.Capture, digits string) string {
	switch shownFor(field).Part {
	case rule.ShowAll:
		return digits
	case rule.ShowLast2:
		return strings.Repeat("*", len(digits))
	}
	return strings.Repeat("x", len(digits))
}

// maskCard hides all but the last four digits, as the captured payloads do.
func maskCard(number string) string {
	return strings.Repeat("x", len(number)-4) + number[len(number)-4:]
}

// maskCardDashed hides all but the last four digits, and groups them as the
// vendor's documentation does: xxxx-xxxxxx-x4001, or fours for 16 digits.
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
