package spec

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
)

// version30 is what the trimmed document says it is when it was made from an
// OpenAPI 3.1 document.
const version30 = "3.0.3"

// rewrite31 gives a schema of OpenAPI 3.1 the form that 3.0 has for the same
// facts. What has no such form is an error that names the keyword.
func (t *trimmer) rewrite31(source map[string]any, at pointer) (map[string]any, error) {
	out := maps.Clone(source)
	for _, prose := range []string{"examples", "$comment", "$schema"} {
		delete(out, prose)
	}
	if _, ok := out["$ref"]; ok {
		return t.refAlone(out, at)
	}
	for _, step := range []func(map[string]any, pointer) error{oneType, nullChoice, constAsEnum, exclusiveBounds} {
		if err := step(out, at); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// refAlone refuses constraints beside a $ref, which count in 3.1 and are
// ignored in 3.0, unless they only repeat what the target says.
func (t *trimmer) refAlone(out map[string]any, at pointer) (map[string]any, error) {
	target, _, err := t.resolve(map[string]any{"$ref": out["$ref"]}, "schemas", at)
	if err != nil {
		return nil, err
	}
	for _, key := range sortedKeys(out) {
		switch key {
		case "$ref", "title", "description", "summary", "example", "externalDocs", "deprecated", "readOnly", "writeOnly":
		default:
			if !strings.HasPrefix(key, "x-") && !reflect.DeepEqual(out[key], target[key]) {
				return nil, at.to(key).errorf("%s beside a $ref counts in OpenAPI 3.1 and has no form in 3.0: use allOf", key)
			}
		}
	}
	return out, nil
}

// oneType reads a list of types: null among them is nullable.
func oneType(out map[string]any, at pointer) error {
	list, ok := out["type"].([]any)
	if !ok {
		if out["type"] == "null" {
			return at.to("type").errorf(`type "null" alone has no form in OpenAPI 3.0`)
		}
		return nil
	}
	var types []any
	for _, v := range list {
		if v == "null" {
			out["nullable"] = true
		} else {
			types = append(types, v)
		}
	}
	if len(types) != 1 {
		return at.to("type").errorf("a type that is one of %d has no form in OpenAPI 3.0", len(types))
	}
	out["type"] = types[0]
	return nil
}

// nullChoice reads anyOf and oneOf of something and null.
func nullChoice(out map[string]any, at pointer) error {
	for _, key := range []string{"anyOf", "oneOf"} {
		list, _ := out[key].([]any)
		var rest []any
		for _, v := range list {
			if obj, ok := v.(map[string]any); ok && len(obj) == 1 && obj["type"] == "null" {
				continue
			}
			rest = append(rest, v)
		}
		if len(rest) == len(list) {
			continue
		}
		out["nullable"] = true
		if out[key] = rest; len(rest) == 1 {
			if out["allOf"] != nil {
				return at.to(key).errorf("%s of one schema and null beside allOf has no form in OpenAPI 3.0", key)
			}
			delete(out, key)
			out["allOf"] = rest
		}
	}
	return nil
}

func constAsEnum(out map[string]any, at pointer) error {
	value, ok := out["const"]
	if !ok {
		return nil
	}
	if out["enum"] != nil {
		return at.to("const").errorf("const beside enum has no form in OpenAPI 3.0")
	}
	delete(out, "const")
	out["enum"] = []any{value}
	return nil
}

// exclusiveBounds reads bounds that are numbers of their own in 3.1 and marks on
// another in 3.0.
func exclusiveBounds(out map[string]any, at pointer) error {
	for exclusive, bound := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
		n, ok := out[exclusive].(json.Number)
		if !ok {
			continue
		}
		if out[bound] != nil {
			return at.to(exclusive).errorf("%s beside %s has no form in OpenAPI 3.0", exclusive, bound)
		}
		out[bound], out[exclusive] = n, true
	}
	return nil
}
