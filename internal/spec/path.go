package spec

import (
	"fmt"
	"slices"
)

// paths keeps the two operations, each under its own path.
func (t *trimmer) paths(v any, at pointer) (any, error) {
	paths, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	taken := map[place]string{}
	for _, o := range operations {
		p, err := o.find(paths)
		if err != nil {
			return nil, err
		}
		if other, ok := taken[p]; ok {
			return nil, fmt.Errorf("operations %s and %s are the same: %v", other, o.id, p)
		}
		taken[p] = o.id
		item, err := t.pathItem(o, p.method, paths[p.path], at.to(p.path))
		if err != nil {
			return nil, err
		}
		if both, ok := out[p.path].(map[string]any); ok { // two methods of one path
			both[p.method] = item[p.method]
			continue
		}
		out[p.path] = item
	}
	return out, nil
}

// pathItem keeps one operation of a path and the path's servers. The path's parameters
// become the operation's.
func (t *trimmer) pathItem(o operation, method string, v any, at pointer) (map[string]any, error) {
	var source any
	var shared []any
	item, err := fields(v, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case method:
			source = v
		case "parameters":
			shared, err = listOf(v, at, t.parameter)
		case "servers":
			err = putServers(out, v, at)
		case "summary", "description":
		default:
			if !slices.Contains(methods, key) { // leave out the path's other operations
				err = unknown(key, at)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	item[method], err = t.operation(o, shared, source, at.to(method))
	return item, err
}
