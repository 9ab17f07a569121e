package paymentstest

import (
	"log/slog"
	"slices"
	"strings"
)

// AllowCapitalBooleans accepts True and False for booleans, as twilio-python and
// twilio-php sent them before February 2024, and warns in the log. Default: they
// are refused, because the contract has true and false.
// See https://github.com/twilio/twilio-python/pull/753 and
// https://github.com/twilio/twilio-php/pull/792.
func AllowCapitalBooleans() Option {
	return func(c *config) error {
		c.capitalBooleans = true
		return nil
	}
}

// lowerBooleans returns the body with such booleans written as the contract has
// them, and the names of their fields.
func (s *Server) lowerBooleans(body string) (string, []string) {
	var found []string
	pairs := strings.Split(body, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if (value == "True" || value == "False") && slices.Contains(s.booleans, name) {
			pairs[i] = name + "=" + strings.ToLower(value)
			found = append(found, name)
		}
	}
	if found == nil {
		return body, nil
	}
	return strings.Join(pairs, "&"), found
}

// warnOfBooleans says which fields of a request were read this way.
func (s *Server) warnOfBooleans(rec *Request, fields []string) {
	if fields != nil {
		s.warn("boolean not as declared", slog.Int("request", rec.Number), slog.String("fields", strings.Join(fields, " ")),
			slog.String("hint", "True and False are taken for true and false: update twilio-python or twilio-php"))
	}
}
