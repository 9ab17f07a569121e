package payments

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// layer is a text with a number of its escapes undone, and where in the text as
// it came each of its bytes begins; the last of at is the end.
type layer struct {
	text string
	at   []int
	left int // how many escapes within escapes are undone yet
}

// maxNested is how often a value may be escaped and still be found: a URL in a
// query, in JSON.
const maxNested = 3

func fromText(text string) layer {
	l := layer{text: fold(text), at: make([]int, len(text)+1), left: maxNested}
	for i := range l.at {
		l.at[i] = i
	}
	return l
}

// fold makes texts equal that differ in the case of ASCII letters, or in how a
// form writes a space.
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

// decode undoes one level of the escapes of URLs, JSON and HTML. Its text is
// empty when there was none.
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

// unescape returns what the escape at the beginning of s stands for, or its first
// byte, and how long it is.
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

// entity returns the character of an HTML entity as encoders write it, by number
// or by one of five names; 0 for any other. (Package html knows all names, and
// adds its table to every program.)
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
