package main

import (
	"fmt"
	"slices"
	"strings"
)

// object is any JSON object of the document.
type object = map[string]any

// formType is the media type of a request to Twilio.
const formType = "application/x-www-form-urlencoded"

// complete adds the Go names and types that the overlay does not have yet, so that a
// new field, value or enum of the vendor's document is typed and sent without an
// edit.
func complete(document object) {
	schemas := at(document, "components", "schemas")
	taken := map[any]bool{}
	for _, schema := range schemas {
		if s, ok := schema.(object); ok {
			taken[s["x-go-name"]] = true
		}
	}
	for key, schema := range schemas {
		s, _ := schema.(object)
		name, ok := strings.CutPrefix(key, "payments_enum_")
		if goName := pascal(name); ok && s["x-go-name"] == nil && s["enum"] != nil && !taken[goName] {
			s["x-go-name"] = goName
		}
	}
	for _, schema := range schemas { // callbacks
		clear, _ := at(schema)["x-clear"].([]any)
		for name, property := range at(schema, "properties") {
			p, _ := property.(object)
			if len(clear) > 0 && p["type"] == "string" && p["x-go-type"] == nil && !slices.Contains(clear, any(name)) {
				useWire(p, "wire.Hidden[string]") // it may be secret
			}
		}
	}
	for _, item := range at(document, "paths") {
		schema := at(item, "post", "requestBody", "content", formType, "schema")
		if ref, ok := schema["$ref"].(string); ok {
			schema = at(schemas, strings.TrimPrefix(ref, "#/components/schemas/"))
		}
		for _, property := range at(schema, "properties") {
			if p, ok := property.(object); ok {
				completeField(p)
			}
		}
	}
}

// completeField gives a form field the Go type that matches what Twilio reads.
func completeField(p object) {
	if p["$ref"] != nil || p["x-go-type"] != nil {
		return
	}
	const (
		skipPointer = "x-go-type-skip-optional-pointer"
		amount      = "wire.Amount"
	)
	switch p["type"] {
	case "boolean": // false is sent, unset is not
		if p[skipPointer] == nil {
			p[skipPointer] = false
		}
	case "integer":
		if p[skipPointer] == nil {
			p[skipPointer] = true
		}
		p["x-go-type"] = "int"
	case "number": // exact decimal text, never a float
		useWire(p, amount)
	case "string":
		if format, ok := p["format"]; ok && format != "uri" && format != "date-time-rfc-2822" {
			p["x-go-type"] = "string"
		}
	case nil, "object": // names with text values, like Parameter
		p["type"] = "string"
		useWire(p, "wire.Parameters")
	}
}

func useWire(p object, name string) {
	p["x-go-type"] = name
	p["x-go-type-import"] = object{"path": "github.com/twiliopay/twiliopay-go/api/wire"}
}

// at follows keys; a missing value is an empty object.
func at(v any, keys ...string) object {
	for _, key := range keys {
		o, _ := v.(object)
		v = o[key]
	}
	o, _ := v.(object)
	return o
}

// pascal writes bank_account_type as BankAccountType.
func pascal(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// missingWords returns overlay actions for everything that is not documented yet,
// with "…" for the text.
func missingWords(document object) string {
	var b strings.Builder
	action := func(target, update string) {
		fmt.Fprintf(&b, "  - target: %s\n    update:\n      %s\n", target, update)
	}
	schemas := at(document, "components", "schemas")
	for _, name := range sorted(schemas) {
		schema, _ := schemas[name].(object)
		target := "$.components.schemas['" + name + "']"
		if schema["description"] == nil {
			action(target, "description: …")
		}
		docs := at(schema, "x-enum-docs")
		values, _ := schema["enum"].([]any)
		for _, value := range values {
			if text := fmt.Sprint(value); docs[text] == nil {
				action(target, fmt.Sprintf("x-enum-docs: {%q: …}", text))
			}
		}
		for _, property := range sorted(at(schema, "properties")) {
			p := at(schema, "properties", property)
			if p["$ref"] == nil && p["description"] == nil {
				action(target+".properties['"+property+"']", "description: …")
			}
		}
	}
	for _, path := range sorted(at(document, "paths")) {
		post := at(document, "paths", path, "post")
		if post["summary"] == nil {
			action("$.paths['"+path+"'].post", "{summary: …, description: …}")
		}
		parameters, _ := post["parameters"].([]any)
		for _, parameter := range parameters {
			if p, _ := parameter.(object); p["description"] == nil {
				action(fmt.Sprintf("$.paths['%s'].post.parameters[?(@.name == '%v')]", path, p["name"]), "description: …")
			}
		}
	}
	return b.String()
}
