package spec

func (t *trimmer) parameter(v any, at pointer) (any, error) {
	source, at, err := t.resolve(v, "parameters", at)
	if err != nil {
		return nil, err
	}
	return fields(source, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "name", "in", "required", "style", "explode", "allowReserved", "allowEmptyValue", "deprecated":
			out[key], err = scalar(v, at)
		case "schema":
			out[key], err = t.schema(v, at)
		case "content":
			out[key], err = content(v, at, t.schema)
		case "description", "example", "examples":
		default:
			err = unknown(key, at)
		}
		return err
	})
}

// mergeParameters appends an operation's parameters to those of its path; one with the
// same name and location replaces the path's.
func mergeParameters(shared, own []any) []any {
	identity := func(v any) [2]any {
		p, _ := v.(map[string]any)
		return [2]any{p["in"], p["name"]}
	}
	replaced := map[[2]any]bool{}
	for _, p := range own {
		replaced[identity(p)] = true
	}
	var merged []any
	for _, p := range shared {
		if !replaced[identity(p)] {
			merged = append(merged, p)
		}
	}
	return append(merged, own...)
}
