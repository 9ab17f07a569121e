package rule

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Run is a fixed number of characters from a set of ASCII characters.
type Run struct {
	Set   string // the characters themselves
	Count int
}

// Runs is an anchored pattern of runs, such as a SID's. It is equivalent to a regular
// expression and cheaper.
type Runs []Run

// MatchString reports whether s consists of exactly these runs.
func (r Runs) MatchString(s string) bool {
	at := 0
	for _, run := range r {
		if len(s)-at < run.Count {
			return false
		}
		var allowed [2]uint64 // one bit per ASCII character
		for i := range len(run.Set) {
			allowed[run.Set[i]>>6&1] |= 1 << (run.Set[i] & 63)
		}
		for _, c := range []byte(s[at : at+run.Count]) {
			if c >= utf8.RuneSelf || allowed[c>>6]&(1<<(c&63)) == 0 {
				return false
			}
		}
		at += run.Count
	}
	return at == len(s)
}

// Describe describes the pattern in words: "AC and 32 hexadecimal digits".
func (r Runs) Describe() string {
	var parts []string
	literal := ""
	flush := func() {
		if literal != "" {
			parts, literal = append(parts, literal), ""
		}
	}
	for _, run := range r {
		if len(run.Set) == 1 {
			literal += strings.Repeat(run.Set, run.Count)
			continue
		}
		flush()
		name := "characters of " + run.Set
		switch run.Set {
		case "0123456789":
			name = "digits"
		case "0123456789ABCDEFabcdef":
			name = "hexadecimal digits"
		case "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
			name = "letters"
		}
		parts = append(parts, strconv.Itoa(run.Count)+" "+name)
	}
	flush()
	return strings.Join(parts, " and ")
}
