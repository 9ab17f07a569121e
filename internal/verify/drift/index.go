package drift

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// path leads from the root of a document to a value, as a JSON pointer does.
type path []string

func (p path) to(token string) path { return append(slices.Clip(p), token) }

// index maps a line and column to the values that start there: a mapping starts
// where its first key does, so there can be several, the outermost first.
type index map[[2]int][]path

func newIndex(root *yaml.Node) index {
	x := index{}
	x.add(root, nil)
	return x
}

func (x index) add(n *yaml.Node, at path) {
	here := [2]int{n.Line, n.Column}
	if at != nil {
		x[here] = append(x[here], at)
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			below := at.to(key.Value)
			keyAt := [2]int{key.Line, key.Column}
			x[keyAt] = append(x[keyAt], below)
			x.add(value, below)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			x.add(item, at.to(strconv.Itoa(i)))
		}
	}
}

// lookup returns the value at a path, or nil.
func lookup(v any, at path) any {
	for _, token := range at {
		switch parent := v.(type) {
		case map[string]any:
			v = parent[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(parent) {
				return nil
			}
			v = parent[i]
		default:
			return nil
		}
	}
	return v
}
