package drift

import (
	"fmt"
	"maps"
	"slices"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// undocumented lists what the merged document does not document: schemas,
// properties, values of enums, parameters and operations without a description
// of ours. A property that is a $ref is documented at its target.
func undocumented(merged map[string]any) []string {
	var found []string
	schemas, _ := lookup(merged, path{"components", "schemas"}).(map[string]any)
	for _, name := range sortedKeys(schemas) {
		schema, _ := schemas[name].(map[string]any)
		found = append(found, undocumentedSchema(name, schema)...)
		properties, _ := schema["properties"].(map[string]any)
		for _, property := range sortedKeys(properties) {
			inner, _ := properties[property].(map[string]any)
			if !has(inner, "$ref") {
				found = append(found, undocumentedSchema(name+"."+property, inner)...)
			}
		}
	}
	paths, _ := merged["paths"].(map[string]any)
	for _, name := range sortedKeys(paths) {
		methods, _ := paths[name].(map[string]any)
		for _, method := range sortedKeys(methods) {
			operation, _ := methods[method].(map[string]any)
			id, ok := operation["operationId"].(string)
			if !ok {
				continue
			}
			if !has(operation, "summary") {
				found = append(found, id)
			}
			parameters, _ := operation["parameters"].([]any)
			for _, p := range parameters {
				parameter, _ := p.(map[string]any)
				if !has(parameter, "description") {
					found = append(found, fmt.Sprintf("%s %v parameter %v", id, parameter["in"], parameter["name"]))
				}
			}
		}
	}
	return found
}

func undocumentedSchema(name string, schema map[string]any) []string {
	var found []string
	if !has(schema, "description") {
		found = append(found, name)
	}
	values, _ := schema["enum"].([]any)
	docs, _ := schema["x-enum-docs"].(map[string]any)
	for _, value := range values {
		if docs[fmt.Sprint(value)] == nil {
			found = append(found, fmt.Sprintf("%s value %q", name, value))
		}
	}
	return found
}
