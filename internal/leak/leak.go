// Package leak lets tests search a program's output for secrets.
//
// A card's expiry or security code is so short that its digits also occur by chance:
// in the nanoseconds of a time, in a SID, in a server's port, in a signature. A plain
// search then fails now and then and proves nothing. Find ignores digits inside such
// a value if the value is complete and has no text directly before or after it. It
// finds secrets that are not only digits everywhere.
package leak

import (
	"regexp"
	"strings"
)

// chance matches values with random digits.
var chance = regexp.MustCompile(strings.Join([]string{
	`\b[A-Z]{2}[0-9a-f]{32}\b`,                      // SIDs
	`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`, // UUIDs
	`\b(ch|tok|cus)_[0-9a-f]{24}\b`,                 // the simulated gateway's identifiers
	`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z| ?[+-]\d\d:?\d\d)?( UTC)?( m=\+\d+\.\d+)?\b`,
	`\b\d\d:\d\d:\d\d\.\d{3}\b`,
	`\b\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\b`, // of RFC 2822 and HTTP
	`\b(localhost|127\.0\.0\.1|\[::1\]):\d{1,5}\b`,
	`\b0x[0-9a-f]{6,16}\b`,                                          // addresses of memory
	`\b\d+(\.\d+)?(ns|µs|ms|s)\b`,                                   // durations
	`"?\b(?i:duration|duration_ms|content-length|pid)"?[:=] ?\d+\b`, // and those that are only a number
	`\bseed +\d+\b`,
	`[A-Za-z0-9+/]{27}=`, // HMAC-SHA1 in base64
}, "|"))

// digits matches secrets that could occur by chance.
var digits = regexp.MustCompile(`^[0-9]+$`)

// margin is longer than any value with random digits, so that the text within it
// shows whether a match is part of one.
const margin = 200

// Find returns every secret that occurs in text, with some of the text around it.
func Find(text string, secrets ...string) []string {
	var found []string
	for _, secret := range secrets {
		for at := 0; ; at++ {
			i := strings.Index(text[at:], secret)
			if i < 0 {
				break
			}
			at += i
			if digits.MatchString(secret) && isChance(text, at, at+len(secret)) {
				continue
			}
			found = append(found, secret+" in "+strings.ToValidUTF8(text[max(0, at-60):min(len(text), at+len(secret)+60)], "?"))
			break
		}
	}
	return found
}

// isChance reports whether text from start to end is part of a value with random
// digits.
func isChance(text string, start, end int) bool {
	from := max(0, start-margin)
	for _, at := range chance.FindAllStringIndex(text[from:min(len(text), end+margin)], -1) {
		if from+at[0] <= start && end <= from+at[1] {
			return true
		}
	}
	return false
}
