package paymentstest

import (
	"log/slog"
	"slices"
	"strings"
)

// AllowCapitalBooleans accepts True and False for booleans, as twilio-python and
// twilio-php sent them before February 2024, and logs a warning. Default: they are
// refused, because the contract has true and false only.
// See https://github.com/twilio/twilio-python/pull/753 and
// https://github.com/twilio/twilio-php/pull/792.
func AllowCapitalBooleans() Option {
	return func(c *config) error {
		c.capitalBooleans = true
		return nil
	}
}

// lowerBooleans returns the body with the booleans of some fields written as the
// contract has them, and the names of the fields it changed.
func lowerBooleans(body string, fields []string) (string, []string) {
	var found []string
	pairs := strings.Split(body, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if (value == "True" || value == "False") && slices.Contains(fields, name) {
			pairs[i] = name + "=" + strings.ToLower(value)
			found = append(found, name)
		}
	}
	if found == nil {
		return body, nil
	}
	return strings.Join(pairs, "&"), found
}

// warnOfBooleans logs which fields of a request were read this way.
func (h *handler) warnOfBooleans(rec *Request, fields []string) {
	if fields != nil {
		h.report.warn("boolean not as declared", slog.Int("request", rec.Number), slog.String("fields", strings.Join(fields, " ")),
			slog.String("hint", "True and False are read as true and false: update twilio-python or twilio-php"))
	}
}
