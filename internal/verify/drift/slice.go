package drift

import (
	"fmt"
	"strings"
)

// slice returns the part of the vendor's full document that the trimmed one
// contains: its paths and the components they refer to.
func slice(full, trimmed map[string]any) (map[string]any, error) {
	paths := map[string]any{}
	wanted, _ := trimmed["paths"].(map[string]any)
	for name := range wanted {
		paths[name] = lookup(full, path{"paths", name})
		if paths[name] == nil {
			return nil, fmt.Errorf("path %s is not in the full document", name)
		}
	}
	components := map[string]any{}
	if schemes := lookup(full, path{"components", "securitySchemes"}); schemes != nil {
		components["securitySchemes"] = schemes // named by security, not by $ref
	}
	reach(full, components, paths)
	out := map[string]any{"openapi": full["openapi"], "paths": paths, "components": components}
	for _, key := range []string{"servers", "security"} {
		if full[key] != nil {
			out[key] = full[key]
		}
	}
	return out, nil
}

// reach copies the components that a value refers to, and what they refer to.
func reach(full, components map[string]any, v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			reach(full, components, item)
		}
	case map[string]any:
		for key, value := range v {
			ref, ok := value.(string)
			if key != "$ref" || !ok {
				reach(full, components, value)
				continue
			}
			at := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
			if len(at) != 3 || at[0] != "components" {
				continue
			}
			kind, _ := components[at[1]].(map[string]any)
			if kind == nil {
				kind = map[string]any{}
				components[at[1]] = kind
			}
			if kind[at[2]] == nil {
				kind[at[2]] = lookup(full, at)
				reach(full, components, kind[at[2]])
			}
		}
	}
}
