package rule

import (
	"strings"
	"unicode"
)

// Part is how much of an entry may be shown. The zero Part shows nothing.
type Part int

// The parts, from nothing to all.
const (
	ShowNothing Part = iota
	ShowLast2
	ShowLast4
	ShowAll
)

// Shown is where and how a callback shows the caller's entry for a capture.
type Shown struct {
	Parameter string
	Part      Part
}

// ShownFor returns where and how a capture, or its matcher, is shown. For an unknown
// capture it derives the parameter's name and shows nothing.
func ShownFor(captures map[string]Shown, capture string) Shown {
	capture = strings.TrimSuffix(capture, "-matcher")
	if shown, ok := captures[capture]; ok {
		return shown
	}
	var name strings.Builder
	for part := range strings.SplitSeq(capture, "-") {
		if part != "" {
			name.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return Shown{Parameter: name.String()}
}

// MayHoldName reports whether the value of a parameter may contain the name of the
// parameter after it, and so that one's value, which may be secret: whoever recorded
// a delivery can split it so. All names of parameters have a capital letter; ask
// about values that have none.
func MayHoldName(value string) bool { return strings.ContainsFunc(value, unicode.IsUpper) }
