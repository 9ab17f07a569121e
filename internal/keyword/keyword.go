// Package keyword derives test cases from an OpenAPI document: for each keyword of
// each parameter and property, values that keep the rule and values that break it.
// They test validators, clients and servers of the document. A keyword without a case
// is an error, so that a new rule of the document cannot stay untested.
package keyword

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Where the field of a case is.
const (
	InPath     = "path"
	InForm     = "form"
	InResponse = "response"
	InCallback = "callback"
)

// Case is one value for one field; everything else is as the document requires.
type Case struct {
	Operation string // operationId
	In        string // one of the In constants
	Status    string // of a response: "201", "default"
	Field     string
	Keyword   string // the rule that the case tests
	Value     string // text; JSON for a response
	Absent    bool   // the field is left out instead
	Valid     bool   // whether the document allows it
}

// String names the case in tests.
func (c Case) String() string {
	value := c.Value
	if c.Absent {
		value = "absent"
	}
	return fmt.Sprintf("%s %s%s %s %s %q", c.Operation, c.In, c.Status, c.Field, c.Keyword, value)
}

// object is any JSON object of the document.
type object = map[string]any

type walker struct {
	root  object
	cases []Case
	errs  []error
}

// Cases returns the cases of all operations and their callbacks.
func Cases(document []byte) ([]Case, error) {
	var w walker
	if err := json.Unmarshal(document, &w.root); err != nil {
		return nil, err
	}
	paths, _ := w.root["paths"].(object)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item, _ := paths[path].(object)
		operation, ok := item["post"].(object)
		if !ok {
			w.errs = append(w.errs, fmt.Errorf("%s: only POST is supported", path))
			continue
		}
		w.operation(operation)
	}
	return w.cases, errors.Join(w.errs...)
}

func (w *walker) operation(o object) {
	id, _ := o["operationId"].(string)
	parameters, _ := o["parameters"].([]any)
	for _, p := range parameters {
		parameter, _ := p.(object)
		name, _ := parameter["name"].(string)
		if parameter["in"] != InPath {
			w.errs = append(w.errs, fmt.Errorf("%s: parameter %s in %v has no cases", id, name, parameter["in"]))
			continue
		}
		w.field(Case{Operation: id, In: InPath, Field: name}, w.resolve(parameter["schema"]))
	}
	w.content(Case{Operation: id, In: InForm}, o["requestBody"])
	responses, _ := o["responses"].(object)
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		w.content(Case{Operation: id, In: InResponse, Status: status}, responses[status])
	}
	callbacks, _ := o["callbacks"].(object)
	for _, callback := range slices.Sorted(maps.Keys(callbacks)) {
		expressions, _ := callbacks[callback].(object)
		for _, expression := range expressions {
			item, _ := expression.(object)
			post, _ := item["post"].(object)
			w.content(Case{Operation: id, In: InCallback}, post["requestBody"])
		}
	}
}

// content makes the cases of a body with one media type.
func (w *walker) content(c Case, body any) {
	b, _ := body.(object)
	content, _ := b["content"].(object)
	for _, media := range content {
		m, _ := media.(object)
		schema := w.resolve(m["schema"])
		properties, _ := schema["properties"].(object)
		if len(properties) == 0 {
			w.errs = append(w.errs, fmt.Errorf("%s: a body without properties has no cases", c.Operation))
		}
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			c.Field = name
			w.field(c, w.resolve(properties[name]))
		}
		w.bodyRules(c, schema)
	}
}

// bodyRules makes the cases of a body's keywords other than properties.
func (w *walker) bodyRules(c Case, schema object) {
	for _, keyword := range slices.Sorted(maps.Keys(schema)) {
		switch {
		case keyword == "required":
			names, _ := schema["required"].([]any)
			for _, name := range names {
				c.Field, _ = name.(string)
				c.Keyword, c.Value, c.Absent, c.Valid = keyword, "", true, false
				w.cases = append(w.cases, c)
			}
		case keyword == "type" && schema["type"] == "object", keyword == "properties", annotation(keyword):
		default:
			w.errs = append(w.errs, fmt.Errorf("%s: keyword %q of a body has no case", c.Operation, keyword))
		}
	}
}

// field makes the cases of one schema, using the table's row for each keyword.
func (w *walker) field(c Case, schema object) {
	s := Schema{schema, c.In == InResponse}
	for _, keyword := range slices.Sorted(maps.Keys(schema)) {
		if annotation(keyword) {
			continue
		}
		samples, ok := keywords[keyword]
		if !ok {
			w.errs = append(w.errs, fmt.Errorf("%s: keyword %q of %s has no case", c.Operation, keyword, c.Field))
			continue
		}
		for _, sample := range samples(s) {
			c.Keyword, c.Value, c.Valid = keyword, s.write(sample.value), sample.valid
			w.cases = append(w.cases, c)
		}
	}
}

// resolve follows one reference; these documents have no nested ones.
func (w *walker) resolve(schema any) object {
	s, _ := schema.(object)
	ref, ok := s["$ref"].(string)
	if !ok {
		return s
	}
	var at any = w.root
	for key := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		o, _ := at.(object)
		at = o[key]
	}
	s, ok = at.(object)
	if !ok {
		w.errs = append(w.errs, fmt.Errorf("%s does not exist", ref))
	}
	return s
}

// annotation reports whether a keyword has no rule for values. x-open-enum has one,
// but it is read with enum.
func annotation(keyword string) bool {
	return keyword == "description" || keyword == "summary" || keyword == "title" || strings.HasPrefix(keyword, "x-")
}
