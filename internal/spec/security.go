package spec

// security keeps a list of requirements and the schemes they name. An empty
// list is a fact: no credentials are asked for.
func (t *trimmer) security(v any, at pointer) (any, error) {
	return listOf(v, at, func(v any, at pointer) (any, error) {
		requirement, err := asObject(v, at)
		if err != nil {
			return nil, err
		}
		out := map[string]any{}
		for _, name := range sortedKeys(requirement) {
			at := at.to(name)
			if out[name], err = listOf(requirement[name], at, anyString); err != nil {
				return nil, err
			}
			if err = t.securityScheme(name, at); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

func (t *trimmer) securityScheme(name string, at pointer) error {
	ref := map[string]any{"$ref": "#/components/securitySchemes" + string(pointer("").to(name))}
	source, at, err := t.resolve(ref, "securitySchemes", at)
	if err != nil {
		return err
	}
	out := map[string]any{}
	for _, key := range sortedKeys(source) {
		v, at := source[key], at.to(key)
		var err error
		switch key {
		case "type", "scheme", "name", "in", "openIdConnectUrl":
			out[key], err = scalar(v, at)
		case "flows":
			out[key], err = mapOf(v, at, oauthFlow)
		case "description", "bearerFormat":
		default:
			err = unknown(key, at)
		}
		if err != nil {
			return err
		}
	}
	t.schemes[name] = out
	return nil
}

func oauthFlow(v any, at pointer) (any, error) {
	source, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, key := range sortedKeys(source) {
		v, at := source[key], at.to(key)
		var err error
		switch key {
		case "authorizationUrl", "tokenUrl", "refreshUrl":
			out[key], err = scalar(v, at)
		case "scopes": // the name is the fact, its text is prose
			out[key], err = mapOf(v, at, func(any, pointer) (any, error) { return "", nil })
		default:
			err = unknown(key, at)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
