package spec

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
)

// version30 is the version of a document trimmed from an OpenAPI 3.1 document.
const version30 = "3.0.3"

// rewrite31 converts a schema of OpenAPI 3.1 to 3.0. If 3.0 cannot express it, the
// error names the keyword.
func (t *trimmer) rewrite31(source map[string]any, at pointer) (map[string]any, error) {
	out := maps.Clone(source)
	for _, prose := range []string{"examples", "$comment", "$schema"} {
		delete(out, prose)
	}
	if _, ok := out["$ref"]; ok {
		return t.bareRef(out, at)
	}
	for _, step := range []func(map[string]any, pointer) error{oneType, nullChoice, constAsEnum, exclusiveBounds} {
		if err := step(out, at); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// bareRef refuses constraints next to a $ref, which apply in 3.1 and are ignored in
// 3.0, unless they only repeat the target's.
func (t *trimmer) bareRef(out map[string]any, at pointer) (map[string]any, error) {
	target, _, err := t.resolve(map[string]any{"$ref": out["$ref"]}, "schemas", at)
	if err != nil {
		return nil, err
	}
	for _, key := range sortedKeys(out) {
		switch key {
		case "$ref", "title", "description", "summary", "example", "externalDocs", "deprecated", "readOnly", "writeOnly":
		default:
			if !strings.HasPrefix(key, "x-") && !reflect.DeepEqual(out[key], target[key]) {
				return nil, at.to(key).errorf("%s next to a $ref applies in OpenAPI 3.1 but not in 3.0: use allOf", key)
			}
		}
	}
	return out, nil
}

// oneType converts a list of types; null in it means nullable.
func oneType(out map[string]any, at pointer) error {
	list, ok := out["type"].([]any)
	if !ok {
		if out["type"] == "null" {
			return at.to("type").errorf(`OpenAPI 3.0 has no type "null"`)
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
		return at.to("type").errorf("OpenAPI 3.0 has no list of %d types", len(types))
	}
	out["type"] = types[0]
	return nil
}

// nullChoice converts an anyOf or oneOf with null among its schemas.
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
				return at.to(key).errorf("OpenAPI 3.0 cannot express %s of one schema and null next to allOf", key)
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
		return at.to("const").errorf("OpenAPI 3.0 cannot express const next to enum")
	}
	delete(out, "const")
	out["enum"] = []any{value}
	return nil
}

// exclusiveBounds converts exclusive bounds: 3.1 has numbers, 3.0 marks the other
// bound as exclusive.
func exclusiveBounds(out map[string]any, at pointer) error {
	for exclusive, bound := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
		n, ok := out[exclusive].(json.Number)
		if !ok {
			continue
		}
		if out[bound] != nil {
			return at.to(exclusive).errorf("OpenAPI 3.0 cannot express %s next to %s", exclusive, bound)
		}
		out[bound], out[exclusive] = n, true
	}
	return nil
}
