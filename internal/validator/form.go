package validator

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// form is the schema of a form body.
type form struct {
	schema     *openapi3.Schema
	properties map[string]*openapi3.Schema
}

// newForm returns the form of a body with exactly one media type, a form, whose schema
// is a plain object. A property without a type, or of a type without an agreed
// encoding, accepts any text.
func newForm(content openapi3.Content) (*form, error) {
	media := content[formType]
	if len(content) != 1 || media == nil || media.Schema == nil {
		return nil, fmt.Errorf("body: only %s is supported", formType)
	}
	s := media.Schema.Value
	if !s.Type.Is(openapi3.TypeObject) || s.Properties == nil || len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.Not != nil {
		return nil, errors.New("body: only a plain object is supported")
	}
	f := &form{schema: s, properties: map[string]*openapi3.Schema{}}
	for name, ref := range s.Properties {
		if p := ref.Value; p.Type.IsEmpty() || p.Type.Is(openapi3.TypeObject) || p.Type.Is(openapi3.TypeArray) {
			s.Properties[name] = openapi3.NewSchemaRef("", &openapi3.Schema{})
		}
		f.properties[name] = s.Properties[name].Value
	}
	return f, nil
}

// decode reads a form body strictly: every field must be declared, sent once, properly
// escaped and UTF-8.
func (f *form) decode(body string) (url.Values, *Violation) {
	most := min(strings.Count(body, "&")+1, len(f.properties))
	values, texts := make(url.Values, most), make([]string, 0, most)
	for rest := body; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		if strings.Contains(pair, ";") {
			return values, schemaViolation(WhereBody, "", "has a semicolon that is not escaped")
		}
		key, text, _ := strings.Cut(pair, "=")
		key, errKey := url.QueryUnescape(key)
		text, errText := url.QueryUnescape(text)
		switch {
		case errKey != nil:
			return values, schemaViolation(WhereBody, "", "has a field name that is badly escaped")
		case f.properties[key] == nil:
			return values, schemaViolation(WhereBody, printable(key), "is not declared")
		case errText != nil || !utf8.ValidString(text):
			return values, schemaViolation(WhereBody, key, "is not escaped UTF-8")
		case values[key] != nil:
			return values, schemaViolation(WhereBody, key, "is repeated")
		}
		texts = append(texts, text)
		values[key] = texts[len(texts)-1 : len(texts) : len(texts)]
	}
	return values, nil
}

// check checks the fields against the schema, which decides about undeclared fields;
// only callbacks may have them.
func (f *form) check(values url.Values) *Violation {
	object := make(map[string]any, len(values))
	for name, texts := range values {
		if len(texts) != 1 {
			return schemaViolation(WhereBody, printable(name), "is not sent once")
		}
		object[name] = texts[0]
		if p := f.properties[name]; p != nil {
			value, rule := scalar(p, texts[0])
			if rule != "" {
				return schemaViolation(WhereBody, name, rule)
			}
			object[name] = value
		}
	}
	return visit(WhereBody, "", f.schema, object)
}

// printable returns an undeclared name if it looks like a name, so that a value sent in
// its place is not shown.
func printable(name string) string {
	if len(name) > 40 {
		return ""
	}
	for _, c := range name {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_') {
			return ""
		}
	}
	return name
}
