package payments

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// layer is a text after undoing some levels of escapes.
type layer struct {
	text string
	at   []int // where in the original text each byte starts; the last is the end
	left int   // levels still to undo
}

// maxNested is how many times a value may be escaped and still be found: for
// example a URL in a query in JSON.
const maxNested = 3

func fromText(text string) layer {
	l := layer{text: fold(text), at: make([]int, len(text)+1), left: maxNested}
	for i := range l.at {
		l.at[i] = i
	}
	return l
}

// fold lower-cases ASCII letters and replaces each plus sign, a form's space, by a
// space.
func fold(s string) string {
	b := []byte(s)
	for i, c := range b {
		switch {
		case 'A' <= c && c <= 'Z':
			b[i] = c + 'a' - 'A'
		case c == '+':
			b[i] = ' '
		}
	}
	return string(b)
}

// decode undoes one level of URL, JSON and HTML escapes. The result's text is
// empty if there was nothing to undo.
func (l layer) decode() layer {
	if l.left == 0 || !strings.ContainsAny(l.text, `%\&`) {
		return layer{}
	}
	next := layer{at: make([]int, 0, len(l.at)), left: l.left - 1}
	text := make([]byte, 0, len(l.text))
	for i := 0; i < len(l.text); {
		plain, width := unescape(l.text[i:])
		for range plain {
			next.at = append(next.at, l.at[i])
		}
		text = append(text, plain...)
		i += width
	}
	if len(text) == len(l.text) {
		return layer{}
	}
	next.text, next.at = fold(string(text)), append(next.at, l.at[len(l.text)])
	return next
}

// unescape decodes the escape at the start of s, or returns its first byte. width
// is how many bytes of s it used.
func unescape(s string) (plain []byte, width int) {
	switch {
	case s[0] == '%' && len(s) >= 3:
		if c, err := strconv.ParseUint(s[1:3], 16, 8); err == nil {
			return []byte{byte(c)}, 3
		}
	case s[0] == '\\' && len(s) >= 6 && s[1] == 'u':
		if r, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
			return utf8.AppendRune(nil, rune(r)), 6
		}
	case s[0] == '\\' && len(s) >= 2 && strings.IndexByte(`"\/`, s[1]) >= 0:
		return []byte{s[1]}, 2
	case s[0] == '&':
		if name, _, ok := strings.Cut(s[1:min(len(s), 10)], ";"); ok {
			if r := entity(name); r != 0 {
				return utf8.AppendRune(nil, r), len(name) + 2
			}
		}
	}
	return []byte{s[0]}, 1
}

// entity returns the character of an HTML entity that encoders write, a number or
// one of five names; 0 for any other. Package html would add a table of all names
// to every program.
func entity(name string) rune {
	switch name {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	number, ok := strings.CutPrefix(name, "#")
	base := 10
	if hex, is := strings.CutPrefix(number, "x"); is {
		number, base = hex, 16
	}
	r, err := strconv.ParseUint(number, base, 21)
	if !ok || err != nil {
		return 0
	}
	return rune(r)
}
