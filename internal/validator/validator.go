package validator

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Validator checks traffic against one document. It is safe for concurrent use.
type Validator struct {
	routes     []route
	operations map[string]*operation
	callback   *form
}

// New reads and validates an OpenAPI document in JSON. It fails if the document is
// invalid or has a rule that cannot be enforced, such as a header parameter, so that a
// validator never skips a rule silently.
func New(document []byte) (*Validator, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validate document: %w", err)
	}
	if err := prepare(doc); err != nil {
		return nil, fmt.Errorf("prepare schemas: %w", err)
	}
	v := &Validator{operations: map[string]*operation{}}
	if err := v.load(doc); err != nil {
		return nil, err
	}
	if len(v.operations) == 0 {
		return nil, errors.New("document has no operations")
	}
	return v, nil
}

// Booleans lists the form fields that the document declares as booleans.
func (v *Validator) Booleans() []string {
	var names []string
	for _, op := range v.operations {
		if op.form == nil {
			continue
		}
		for name, schema := range op.form.properties {
			if schema.Type.Is(openapi3.TypeBoolean) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}
