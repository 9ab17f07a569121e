package patch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Changed is a file with a piece of it replaced.
type Changed struct {
	File, Text string
	Decl       string // where the piece was
}

// Replace replaces code in one declaration. Code is any run of whole tokens: an
// expression, a statement, or part of one. It must occur exactly once there;
// file, comments and formatting do not matter. Code that has moved to another
// declaration is found if it occurs once in the package. The error lists the
// most similar code.
func (p *Package) Replace(decl, code, with string) (Changed, error) {
	pattern, err := tokenize(code)
	if err != nil {
		return Changed{}, fmt.Errorf("%q is not Go: %w", code, err)
	}
	if len(pattern) == 0 {
		return Changed{}, fmt.Errorf("%s: no code to replace", decl)
	}
	var here, all []match
	for i := range p.decls {
		found := p.decls[i].find(pattern)
		all = append(all, found...)
		if slices.Contains(p.decls[i].names, decl) {
			here = append(here, found...)
		}
	}
	if len(here) == 0 && len(all) == 1 {
		here = all
	}
	if len(here) != 1 {
		return Changed{}, fmt.Errorf("%s: %q occurs %d times in %s, want once%s", p.dir, code, len(here), decl, p.nearest(decl, pattern))
	}
	m, name := here[0], here[0].in.names[0]
	if slices.Contains(m.in.names, decl) {
		name = decl
	}
	text := m.in.file.text
	return Changed{m.in.file.name, text[:m.start] + with + text[m.end:], name}, nil
}

// A match is a run of a declaration's tokens, with its byte offsets in the
// file.
type match struct {
	in         *declaration
	start, end int
	alike      int // tokens in common with the pattern
	here       bool
}

func (d *declaration) find(pattern []lexeme) []match {
	var found []match
	for i := 0; i+len(pattern) <= len(d.tokens); {
		run := d.tokens[i : i+len(pattern)]
		if slices.EqualFunc(run, pattern, sameText) {
			found = append(found, match{in: d, start: run[0].start, end: run[len(run)-1].end})
			i += len(pattern)
		} else {
			i++
		}
	}
	return found
}

func sameText(a, b lexeme) bool { return a.text == b.text }

// nearest lists the three runs of tokens that have most in common with the
// pattern, those of the named declaration first among equals.
func (p *Package) nearest(decl string, pattern []lexeme) string {
	var best []match
	for i := range p.decls {
		d := &p.decls[i]
		if m, ok := d.mostAlike(pattern); ok {
			m.here = slices.Contains(d.names, decl)
			best = append(best, m)
		}
	}
	slices.SortStableFunc(best, func(a, b match) int {
		if n := cmp.Compare(b.alike, a.alike); n != 0 || a.here == b.here {
			return n
		}
		if a.here {
			return -1
		}
		return 1
	})
	var out strings.Builder
	for _, m := range best[:min(3, len(best))] {
		code := strings.Join(strings.Fields(m.in.file.text[m.start:m.end]), " ")
		fmt.Fprintf(&out, "\n\tnear: %s in %s", code, m.in.names[0])
	}
	return out.String()
}

// mostAlike returns the run of tokens that has most in common with the pattern,
// at least half.
func (d *declaration) mostAlike(pattern []lexeme) (match, bool) {
	var best match
	for i := 0; i < len(d.tokens); i++ {
		run := d.tokens[i:min(i+len(pattern), len(d.tokens))]
		if alike := common(run, pattern); alike > best.alike {
			best = match{in: d, start: run[0].start, end: run[len(run)-1].end, alike: alike}
		}
	}
	return best, 2*best.alike >= len(pattern)
}

// common is the length of the longest common subsequence.
func common(a, b []lexeme) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x.text == y.text {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
