package spec

import "maps"

// recursion looks for a schema that refers to itself, directly or through others. With
// composed it follows only allOf, anyOf, oneOf and not: such a schema has no meaning,
// and validating a value with it never ends.
func recursion(schemas map[string]any, composed bool) (name string, found bool) {
	done := map[string]bool{} // false while the schemas a schema refers to are being visited
	var visit func(name string) bool
	visit = func(name string) bool {
		if finished, seen := done[name]; seen {
			return !finished
		}
		done[name] = false
		for next := range references(schemas[name], composed) {
			if visit(next) {
				return true
			}
		}
		done[name] = true
		return false
	}
	for _, name := range sortedKeys(schemas) {
		if visit(name) {
			return name, true
		}
	}
	return "", false
}

// references returns the names of the schemas that a trimmed schema refers to.
func references(v any, composed bool) map[string]bool {
	names := map[string]bool{}
	schema, _ := v.(map[string]any)
	if ref, ok := schema["$ref"].(string); ok {
		name, _ := splitRef(ref, "schemas")
		return map[string]bool{name: true}
	}
	for key, v := range schema {
		var nested []any
		switch key {
		case "not":
			nested = []any{v}
		case "allOf", "anyOf", "oneOf":
			nested, _ = v.([]any)
		case "items", "additionalProperties":
			if !composed {
				nested = []any{v}
			}
		case "properties":
			if properties, ok := v.(map[string]any); ok && !composed {
				for _, v := range properties {
					nested = append(nested, v)
				}
			}
		}
		for _, v := range nested {
			maps.Copy(names, references(v, composed))
		}
	}
	return names
}
