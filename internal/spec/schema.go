package spec

// schema keeps what constrains a value on the wire.
func (t *trimmer) schema(v any, at pointer) (any, error) {
	source, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	if ref, ok := source["$ref"]; ok {
		return t.schemaRef(ref, at.to("$ref"))
	}
	out := map[string]any{}
	for _, key := range sortedKeys(source) {
		if err := t.schemaKeyword(out, key, source[key], at.to(key)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *trimmer) schemaKeyword(out map[string]any, key string, v any, at pointer) (err error) {
	switch key {
	case "type", "format", "pattern", "nullable", "readOnly", "writeOnly", "deprecated",
		"minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
		"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties":
		out[key], err = scalar(v, at)
	case "enum":
		out[key], err = asList(v, at)
	case "default":
		out[key] = v
	case "required":
		var names []any
		if names, err = listOf(v, at, anyString); len(names) > 0 { // OpenAPI 3.0 has no empty required list
			out[key] = names
		}
	case "items", "not":
		out[key], err = t.schema(v, at)
	case "properties":
		out[key], err = mapOf(v, at, t.schema)
	case "additionalProperties":
		if allowed, ok := v.(bool); ok {
			out[key] = allowed
			return nil
		}
		out[key], err = t.schema(v, at)
	case "allOf", "anyOf", "oneOf":
		out[key], err = listOf(v, at, t.schema)
	case "title", "description", "example", "externalDocs":
	default:
		err = unknown(key, at)
	}
	return err
}
