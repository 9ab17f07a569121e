package spec

import "slices"

// paths keeps the two operations, each under its own path.
func (t *trimmer) paths(v any, at pointer) (any, error) {
	paths, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, op := range operations {
		p, err := op.find(paths)
		if err != nil {
			return nil, err
		}
		item, ok := out[p.path].(map[string]any)
		if !ok {
			item = map[string]any{}
			out[p.path] = item
		}
		if err := t.pathItem(item, op, p, paths[p.path], at.to(p.path)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pathItem puts one operation and the servers of its path into item. The
// parameters of the path become the operation's.
func (t *trimmer) pathItem(item map[string]any, op operation, p place, v any, at pointer) error {
	source, err := asObject(v, at)
	if err != nil {
		return err
	}
	var shared []any
	for _, key := range sortedKeys(source) {
		v, at := source[key], at.to(key)
		var err error
		switch key {
		case "parameters":
			shared, err = listOf(v, at, t.parameter)
		case "servers":
			err = putServers(item, v, at)
		case "summary", "description":
		default:
			if !slices.Contains(methods, key) { // the other operations of the path are not ours
				err = unknown(key, at)
			}
		}
		if err != nil {
			return err
		}
	}
	item[p.method], err = t.operation(op, shared, source[p.method], at.to(p.method))
	return err
}
