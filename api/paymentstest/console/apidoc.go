package console

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// contract is the API as an OpenAPI document.
//
//go:embed openapi.json
var contract []byte

func serveContract(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(contract)
	return nil
}

//go:embed apidoc.html
var peopleText string

// people is the document as an HTML page, rendered on first use.
var people = sync.OnceValues(func() ([]byte, error) {
	page, err := template.New("api").Parse(peopleText)
	if err != nil {
		return nil, err
	}
	var doc apiDocument
	if err := json.Unmarshal(contract, &doc); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = page.Execute(&b, doc)
	return b.Bytes(), err
})

func servePeople(w http.ResponseWriter) error {
	page, err := people()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page)
	return nil
}

// apiDocument is the part of the OpenAPI document that the HTML page shows.
type apiDocument struct {
	Info struct {
		Title       string
		Description string
	}
	Paths      map[string]map[string]apiOperation
	Components struct {
		Schemas map[string]apiSchema
	}
}

type apiOperation struct {
	OperationID string
	Summary     string
	Parameters  []struct {
		Name, In, Description string
		Required              bool
	}
	RequestBody struct{ Content map[string]apiContent }
	Responses   map[string]struct {
		Description string
		Content     map[string]apiContent
	}
}

type apiContent struct{ Schema apiSchema }

type apiSchema struct {
	Ref         string `json:"$ref"`
	Type        string
	Description string
	Enum        []string
	Required    []string
	Properties  map[string]apiSchema
	Items       *apiSchema
}

// Operations returns all operations, sorted by path.
func (d apiDocument) Operations() []apiCall {
	var calls []apiCall
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for method, operation := range d.Paths[path] {
			calls = append(calls, apiCall{strings.ToUpper(method), path, operation, d.Components.Schemas})
		}
	}
	return calls
}

// Schemas returns the objects that others refer to.
func (d apiDocument) Schemas() []apiObject {
	var objects []apiObject
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		objects = append(objects, apiObject{name, d.Components.Schemas[name]})
	}
	return objects
}

type apiObject struct {
	Name   string
	Schema apiSchema
}

// Fields returns the object's fields.
func (o apiObject) Fields() []apiField { return o.Schema.fields() }

type apiCall struct {
	Method, Path string
	apiOperation
	schemas map[string]apiSchema
}

// Body returns the fields of a command's body.
func (c apiCall) Body() []apiField {
	schema := c.RequestBody.Content["application/json"].Schema
	if name := schema.Name(); name != "" {
		schema = c.schemas[name]
	}
	return schema.fields()
}

// Success returns the successful responses: status, media type and description.
func (c apiCall) Success() []apiField {
	var list []apiField
	for _, status := range slices.Sorted(maps.Keys(c.Responses)) {
		if status >= "300" {
			continue
		}
		r := c.Responses[status]
		field := apiField{Name: status, Text: r.Description}
		for kind, content := range r.Content {
			field.Kind, field.Link = kind, content.Schema.Name()
			list = append(list, field)
			list = append(list, content.Schema.fields()...)
		}
		if len(r.Content) == 0 {
			list = append(list, field)
		}
	}
	return list
}

type apiField struct {
	Name, Kind, Link, Text string
	Required               bool
	Enum                   []string
}

func (s apiSchema) fields() []apiField {
	var list []apiField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		field := apiField{Name: name, Kind: p.Type, Link: p.Name(), Text: p.Description, Required: slices.Contains(s.Required, name), Enum: p.Enum}
		if p.Items != nil {
			field.Kind, field.Link = "array of "+p.Items.Type, p.Items.Name()
		}
		list = append(list, field)
	}
	return list
}

// Name returns the name of the schema that $ref refers to.
func (s apiSchema) Name() string { return strings.TrimPrefix(s.Ref, "#/components/schemas/") }
