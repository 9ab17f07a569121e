package spec

import (
	"regexp"
	"strings"
)

// hoistRequest makes the schema of a request body a component with our name, whether
// it was inline or a component with another name: the generator gives an inline form
// body a poor type.
func (t *trimmer) hoistRequest(name string, v any, at pointer) (any, error) {
	source, at, err := t.resolve(v, "schemas", at)
	if err != nil {
		return nil, err
	}
	request, err := fields(source, at, t.schemaKeyword)
	if err != nil {
		return nil, err
	}
	if err := t.hoistEnums(request, at.to("properties")); err != nil {
		return nil, err
	}
	component, _ := splitRef(string(at), "schemas")
	return t.hoist(name, component, request, at)
}

// hoistEnums replaces inline string enums of a request's properties by references to
// components, as Twilio's later documents have them.
func (t *trimmer) hoistEnums(request map[string]any, at pointer) error {
	properties, _ := request["properties"].(map[string]any)
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

// hoist adds a trimmed schema to the components under our name; component is its
// former name there, if any.
func (t *trimmer) hoist(name, component string, schema map[string]any, at pointer) (any, error) {
	if err := t.putSchema(name, schema, at); err != nil {
		return nil, err
	}
	t.hoisted[name] = component
	return refTo("schemas", name), nil
}

func isStringEnum(schema map[string]any) bool {
	values, ok := schema["enum"].([]any)
	if !ok || len(values) == 0 || schema["type"] != nil && schema["type"] != "string" {
		return false
	}
	for _, v := range values {
		if _, ok := v.(string); !ok && v != nil {
			return false
		}
	}
	return true
}

var (
	wordEnd   = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	acronym   = regexp.MustCompile(`([A-Z])([A-Z][a-z])`)
	forbidden = regexp.MustCompile(`[^a-z0-9_.-]`) // in the name of a component
)

// snake writes ValidCardTypes as valid_card_types.
func snake(name string) string {
	name = acronym.ReplaceAllString(name, "${1}_$2")
	name = wordEnd.ReplaceAllString(name, "${1}_$2")
	return forbidden.ReplaceAllString(strings.ToLower(name), "_")
}
