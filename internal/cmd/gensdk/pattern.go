package main

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// runsOf converts an anchored pattern of ASCII characters and classes, each repeated
// a fixed number of times. It returns false for any other pattern.
func runsOf(pattern string) (rule.Runs, bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || re.Op != syntax.OpConcat || len(re.Sub) < 3 {
		return nil, false
	}
	first, last := re.Sub[0].Op, re.Sub[len(re.Sub)-1].Op
	if first != syntax.OpBeginText || last != syntax.OpEndText {
		return nil, false
	}
	var runs rule.Runs
	for _, part := range re.Sub[1 : len(re.Sub)-1] {
		if part.Op == syntax.OpLiteral && part.Flags&syntax.FoldCase == 0 {
			for _, r := range part.Rune {
				if r > 0x7f {
					return nil, false
				}
				runs = append(runs, rule.Run{Set: string(r), Count: 1})
			}
			continue
		}
		count := 1
		if part.Op == syntax.OpRepeat {
			if part.Min != part.Max {
				return nil, false
			}
			count, part = part.Min, part.Sub[0]
		}
		if part.Op != syntax.OpCharClass {
			return nil, false
		}
		var set []byte
		for i := 0; i < len(part.Rune); i += 2 {
			if part.Rune[i+1] > 0x7f {
				return nil, false
			}
			for r := part.Rune[i]; r <= part.Rune[i+1]; r++ {
				set = append(set, byte(r)) // #nosec G115 -- at most 0x7f, as checked above
			}
		}
		slices.Sort(set)
		runs = append(runs, rule.Run{Set: string(set), Count: count})
	}
	return runs, true
}

// patternSource returns the Go expression for a pattern, and whether it needs
// package regexp.
func patternSource(pattern string) (source string, needsRegexp bool, err error) {
	if runs, ok := runsOf(pattern); ok {
		var b strings.Builder
		b.WriteString("rule.Runs{")
		for i, run := range runs {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "{Set: %q, Count: %d}", run.Set, run.Count)
		}
		return b.String() + "}", false, nil
	}
	if _, err := regexp.Compile(pattern); err != nil {
		return "", false, fmt.Errorf("pattern %q does not compile in Go: %w", pattern, err)
	}
	return fmt.Sprintf("regexp.MustCompile(%q)", pattern), true, nil
}
