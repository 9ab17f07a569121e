package payments

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable returns s fit for one line of a log: at most limit bytes, and in
// place of what does not print (line breaks, escapes, marks that change the
// direction of text) a space.
func printable(s string, limit int) string {
	if len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = s[:limit] + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
