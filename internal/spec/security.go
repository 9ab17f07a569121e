package spec

// security keeps a list of requirements and the schemes they name. An empty list is a
// fact: no credentials are required.
func (t *trimmer) security(v any, at pointer) (any, error) {
	return listOf(v, at, func(v any, at pointer) (any, error) {
		return fields(v, at, func(out map[string]any, name string, v any, at pointer) (err error) {
			if out[name], err = listOf(v, at, anyString); err != nil {
				return err
			}
			return t.keepScheme(name, at)
		})
	})
}

func (t *trimmer) keepScheme(name string, at pointer) error {
	source, at, err := t.resolve(refTo("securitySchemes", name), "securitySchemes", at)
	if err != nil {
		return err
	}
	t.schemes[name], err = fields(source, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "type", "scheme", "name", "in", "openIdConnectUrl":
			out[key], err = scalar(v, at)
		case "flows":
			out[key], err = mapOf(v, at, oauthFlow)
		case "description", "bearerFormat":
		default:
			err = unknown(key, at)
		}
		return err
	})
	return err
}

func oauthFlow(v any, at pointer) (any, error) {
	return fields(v, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "authorizationUrl", "tokenUrl", "refreshUrl":
			out[key], err = scalar(v, at)
		case "scopes": // the name is a fact, its text is prose
			out[key], err = mapOf(v, at, func(any, pointer) (any, error) { return "", nil })
		default:
			err = unknown(key, at)
		}
		return err
	})
}
