package drift

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// overridden lists the vendor's facts that the overlay replaces. Replacing a
// type is listed as held, as for Parameter; replacing a bound is probably a
// mistake.
func overridden(facts *document, merged map[string]any) []string {
	var found []string
	var visit func(at path, fact any)
	visit = func(at path, fact any) {
		switch fact := fact.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(fact)) {
				visit(at.to(key), fact[key])
			}
		case []any:
			for i, item := range fact {
				visit(at.to(strconv.Itoa(i)), item)
			}
		default:
			ours := lookup(merged, at)
			if at[0] == "info" || reflect.DeepEqual(fact, ours) {
				return
			}
			p := facts.place(at)
			found = append(found, fmt.Sprintf("%s: %s is %v upstream, %v with the overlay", p.element, p.keyword, fact, ours))
		}
	}
	visit(nil, facts.tree)
	return found
}
