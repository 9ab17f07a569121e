// Package leak lets tests search what a program printed for values that must not
// be in it.
//
// A card's expiry or security code is so short that its digits also occur by
// chance: in the nanoseconds of a time, in a SID, in the port of a server, in a
// signature. A plain search then fails once in a while and proves nothing. Find
// does not count digits within such a value, where it is whole and nothing is
// written directly beside it. Everything that is not digits alone counts wherever it
// stands.
package leak

import (
	"regexp"
	"strings"
)

// chance matches the values whose digits nobody chose.
var chance = regexp.MustCompile(strings.Join([]string{
	`\b[A-Z]{2}[0-9a-f]{32}\b`,                      // SIDs
	`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`, // UUIDs
	`\b(ch|tok|cus)_[0-9a-f]{24}\b`,                 // what the simulated gateway returns
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

// digits matches values that are searched for among what was not made by chance.
var digits = regexp.MustCompile(`^[0-9]+$`)

// margin is longer than any value made by chance, so that what is within it of a
// find decides what the find is a part of.
const margin = 200

// Find returns, for every secret that stands in the text, the secret with some of
// what is around it.
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

// isChance reports whether text from start to end is part of a value whose digits
// nobody chose.
func isChance(text string, start, end int) bool {
	from := max(0, start-margin)
	for _, at := range chance.FindAllStringIndex(text[from:min(len(text), end+margin)], -1) {
		if from+at[0] <= start && end <= from+at[1] {
			return true
		}
	}
	return false
}
