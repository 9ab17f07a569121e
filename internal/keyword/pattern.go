package keyword

import (
	"regexp/syntax"
	"strings"
)

// example returns two texts that match a pattern, one with the first and one with
// the last character of every class. It supports the operators that patterns of
// identifiers use.
func example(pattern string) (first, last string) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", ""
	}
	return expand(re, false), expand(re, true)
}

func expand(re *syntax.Regexp, last bool) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		if last {
			return string(re.Rune[len(re.Rune)-1])
		}
		return string(re.Rune[0])
	case syntax.OpConcat, syntax.OpCapture:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(expand(sub, last))
		}
		return b.String()
	case syntax.OpRepeat:
		return strings.Repeat(expand(re.Sub[0], last), re.Min)
	case syntax.OpPlus, syntax.OpAlternate:
		return expand(re.Sub[0], last)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	}
	return "" // anchors and optional parts
}
