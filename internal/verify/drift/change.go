package drift

import (
	"cmp"
	"slices"
	"strings"
)

// Change is one difference between two contracts.
type Change struct {
	Element  string // what it is about: CreatePaymentsRequest.Currency
	Text     string // the change
	Breaking bool   // one of the tools says so
	Rule     string // the rule by which it affects no user, or empty
	Why      string // the rule's explanation
	Seen     []Sighting

	place place
	vague bool
}

// Sighting is a tool's report of a change.
type Sighting struct {
	Tool     Tool
	Breaking bool
}

// By reports whether a tool saw the change.
func (c Change) By(tool Tool) bool {
	return slices.ContainsFunc(c.Seen, func(s Sighting) bool { return s.Tool == tool })
}

// compare runs both tools and merges their findings.
func compare(before, after *document) ([]Change, error) {
	first, err := oasdiff(before, after)
	if err != nil {
		return nil, err
	}
	second, err := whatChanged(before, after)
	if err != nil {
		return nil, err
	}
	return merge(append(second, first...)), nil
}

// merge merges findings about the same thing into one change. Its text is that
// of the first finding that is not vague.
func merge(found []finding) []Change {
	var changes []Change
	at := map[string]int{}
	for _, f := range found {
		key := f.place.key()
		i, ok := at[key]
		if !ok {
			i = len(changes)
			at[key] = i
			changes = append(changes, Change{Element: f.place.element, Text: f.text, place: f.place, vague: f.vague})
		}
		if changes[i].vague && !f.vague {
			changes[i].Text, changes[i].vague = f.text, false
		}
		changes[i].see(f.tool, f.breaking)
	}
	changes = joinRenamedPaths(fold(changes))
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(boolOrder(b.Breaking, a.Breaking), cmp.Compare(a.Element, b.Element), cmp.Compare(a.Text, b.Text))
	})
	return changes
}

func (c *Change) see(tool Tool, breaking bool) {
	c.Breaking = c.Breaking || breaking
	for i := range c.Seen {
		if c.Seen[i].Tool == tool {
			c.Seen[i].Breaking = c.Seen[i].Breaking || breaking
			return
		}
	}
	c.Seen = append(c.Seen, Sighting{Tool: tool, Breaking: breaking})
	slices.SortFunc(c.Seen, func(a, b Sighting) int { return cmp.Compare(a.Tool, b.Tool) })
}

// fold merges the changes of an added or removed element's keywords into the
// change of the element.
func fold(changes []Change) []Change {
	whole := map[string]int{}
	for i, c := range changes {
		if c.place.keyword == "" && c.place.item == "" {
			whole[c.Element] = i
		}
	}
	var folded []int
	for j, c := range changes {
		i, ok := whole[c.Element]
		if !ok || i == j {
			continue
		}
		if c.place.keyword == "required" && strings.HasPrefix(changes[i].Text, "added") {
			changes[i].Text += ", required"
		}
		for _, s := range c.Seen {
			changes[i].see(s.Tool, s.Breaking)
		}
		folded = append(folded, j)
	}
	return drop(changes, folded)
}

// drop removes the changes at the given indexes, which ascend.
func drop(changes []Change, at []int) []Change {
	for _, i := range slices.Backward(at) {
		changes = slices.Delete(changes, i, i+1)
	}
	return changes
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
