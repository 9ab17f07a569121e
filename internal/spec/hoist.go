package spec

import (
	"reflect"
	"regexp"
	"strings"
)

// hoistRequest names the schema of a request body and refers to it, whether it
// was written in place or was a component of another name: the generator gives
// an inline form body a poor type.
func (t *trimmer) hoistRequest(name string, v any, at pointer) (any, error) {
	source, from, at, err := t.resolveNamed(v, "schemas", at)
	if err != nil {
		return nil, err
	}
	trimmed, err := t.schema(source, at)
	if err != nil {
		return nil, err
	}
	if err := t.hoistEnums(trimmed, at.to("properties")); err != nil {
		return nil, err
	}
	return t.hoist(name, from, trimmed, at)
}

// hoistEnums replaces string enums written in place of a request's property by
// references to components, the form that Twilio itself turned to in 2022.
func (t *trimmer) hoistEnums(request any, at pointer) error {
	schema, _ := request.(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range sortedKeys(properties) {
		property, _ := properties[name].(map[string]any)
		if !isStringEnum(property) {
			continue
		}
		ref, err := t.hoist("payments_enum_"+snake(name), "", property, at.to(name))
		if err != nil {
			return err
		}
		properties[name] = ref
	}
	return nil
}

// hoist puts a trimmed schema into the components under a name of ours. Two
// different schemas under one name would be one of them lost.
func (t *trimmer) hoist(name, from string, schema any, at pointer) (any, error) {
	if other, taken := t.schemas[name]; taken && !reflect.DeepEqual(other, schema) {
		return nil, at.errorf("component schema %s would stand for two different schemas", name)
	}
	t.schemas[name] = schema
	t.hoisted[name] = from
	return schemaRefTo(name), nil
}

func isStringEnum(schema map[string]any) bool {
	values, ok := schema["enum"].([]any)
	if !ok || len(values) == 0 || schema["type"] != nil && schema["type"] != "string" {
		return false
	}
	for _, v := range values {
		if _, ok := v.(string); !ok && (v != nil || schema["nullable"] != true) {
			return false
		}
	}
	return true
}

var (
	wordStart = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	acronym   = regexp.MustCompile(`([A-Z])([A-Z][a-z])`)
	noName    = regexp.MustCompile(`[^a-z0-9_.-]`)
)

// snake writes ValidCardTypes as valid_card_types, with only characters that a
// component may have in its name.
func snake(name string) string {
	name = acronym.ReplaceAllString(name, "${1}_$2")
	name = wordStart.ReplaceAllString(name, "${1}_$2")
	return noName.ReplaceAllString(strings.ToLower(name), "_")
}
