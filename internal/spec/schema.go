package spec

// schema keeps what constrains a value on the wire.
func (t *trimmer) schema(v any, at pointer) (any, error) {
	source, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	if t.rewrite {
		if source, err = t.rewrite31(source, at); err != nil {
			return nil, err
		}
	}
	if ref, ok := source["$ref"]; ok {
		return t.schemaRef(ref, at.to("$ref"))
	}
	out, err := fields(source, at, t.schemaKeyword)
	if err != nil {
		return nil, err
	}
	return unwrap(out), nil
}

// unwrap removes an allOf that has one reference and no siblings: some writers put one
// around every reference with its own description.
func unwrap(schema map[string]any) any {
	if list, ok := schema["allOf"].([]any); ok && len(schema) == 1 && len(list) == 1 {
		if inner, ok := list[0].(map[string]any); ok && inner["$ref"] != nil {
			return inner
		}
	}
	return schema
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
		err = putRequired(out, v, at)
	case "items", "not":
		out[key], err = t.schema(v, at)
	case "properties":
		out[key], err = mapOf(v, at, t.schema)
	case "additionalProperties":
		out[key], err = t.additionalProperties(v, at)
	case "allOf", "anyOf", "oneOf":
		out[key], err = listOf(v, at, t.schema)
	case "title", "description", "example", "externalDocs":
	default:
		err = unknown(key, at)
	}
	return err
}

// putRequired leaves out an empty list, which OpenAPI 3.0 does not allow.
func putRequired(out map[string]any, v any, at pointer) error {
	names, err := listOf(v, at, anyString)
	if err == nil && len(names) > 0 {
		out["required"] = names
	}
	return err
}

func (t *trimmer) additionalProperties(v any, at pointer) (any, error) {
	if allowed, ok := v.(bool); ok {
		return allowed, nil
	}
	return t.schema(v, at)
}
