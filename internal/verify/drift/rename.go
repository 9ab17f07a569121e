package drift

import (
	"regexp"
	"strings"
)

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// joinRenamedPaths merges the removal of a path and its addition with other
// names in braces into one change: a path with renamed parameters.
func joinRenamedPaths(changes []Change) []Change {
	gone := map[string]int{} // by the path without names
	for i, c := range changes {
		if c.place.isPath() && c.Text == "removed" {
			gone[shape(c)] = i
		}
	}
	var again []int
	for j, c := range changes {
		i, ok := gone[shape(c)]
		if !ok || !c.place.isPath() || c.Text == "removed" {
			continue
		}
		changes[i].Text = "path parameter renamed: " + renames(changes[i].Element, c.Element)
		again = append(again, j)
		delete(gone, shape(c))
	}
	return drop(changes, again)
}

func shape(c Change) string { return pathParameter.ReplaceAllString(c.Element, "{}") }

func (p place) isPath() bool { return p.keyword == "" && len(p.at) == 2 && p.at[0] == "paths" }

func renames(before, after string) string {
	was, is := pathParameter.FindAllString(before, -1), pathParameter.FindAllString(after, -1)
	var pairs []string
	for i := range was {
		if was[i] != is[i] {
			pairs = append(pairs, was[i]+" → "+is[i])
		}
	}
	return strings.Join(pairs, ", ")
}
