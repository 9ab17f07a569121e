package validator

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// operation is one method of one path of the document.
type operation struct {
	id        string
	params    []pathParam // in the order of the path
	basic     bool        // HTTP Basic is required
	form      *form       // nil: no body
	optional  bool        // the body is optional
	responses map[int]*expected
	failure   *expected // default, for 400 to 599
}

type pathParam struct {
	name   string
	schema *openapi3.Schema
}

func (v *Validator) load(doc *openapi3.T) error {
	for template, item := range doc.Paths.Map() {
		r, err := newRoute(template)
		if err != nil {
			return err
		}
		for method, o := range item.Operations() {
			op, err := newOperation(doc, r, item, o)
			if err != nil {
				return fmt.Errorf("operation %s: %w", o.OperationID, err)
			}
			if v.operations[op.id] != nil {
				return fmt.Errorf("operation %s: declared twice", op.id)
			}
			v.operations[op.id], r.methods[method] = op, op
			if err := v.addCallbacks(o); err != nil {
				return fmt.Errorf("operation %s: %w", op.id, err)
			}
		}
		v.routes = append(v.routes, r)
	}
	sortRoutes(v.routes)
	return nil
}

func newOperation(doc *openapi3.T, r route, item *openapi3.PathItem, o *openapi3.Operation) (*operation, error) {
	if o.OperationID == "" {
		return nil, fmt.Errorf("%s: no operationId", r.template)
	}
	op := &operation{id: o.OperationID, responses: map[int]*expected{}}
	var err error
	if op.params, err = pathParams(r, slices.Concat(item.Parameters, o.Parameters)); err != nil {
		return nil, err
	}
	if op.basic, err = needsBasic(doc, o); err != nil {
		return nil, err
	}
	if body := o.RequestBody; body != nil {
		op.optional = !body.Value.Required
		if op.form, err = newForm(body.Value.Content); err != nil {
			return nil, err
		}
	}
	for status, response := range o.Responses.Map() {
		a, err := newExpected(response.Value)
		if err != nil {
			return nil, fmt.Errorf("response %s: %w", status, err)
		}
		if status == "default" {
			op.failure = a
			continue
		}
		code, err := strconv.Atoi(status)
		if err != nil {
			return nil, fmt.Errorf("response %s: ranges of statuses are not supported", status)
		}
		op.responses[code] = a
	}
	return op, nil
}

// pathParams returns the schemas of the route's parameters. A parameter declared on the
// operation replaces the path's.
func pathParams(r route, declared openapi3.Parameters) ([]pathParam, error) {
	schemas := map[string]*openapi3.Schema{}
	for _, ref := range declared {
		p := ref.Value
		if p.In != openapi3.ParameterInPath || p.Schema == nil || !p.Schema.Value.Type.Is(openapi3.TypeString) {
			return nil, fmt.Errorf("parameter %s in %s: only text in the path is supported", p.Name, p.In)
		}
		schemas[p.Name] = p.Schema.Value
	}
	var params []pathParam
	for _, s := range r.segments {
		if s.param == "" {
			continue
		}
		if schemas[s.param] == nil {
			return nil, fmt.Errorf("parameter %s: not declared", s.param)
		}
		params = append(params, pathParam{s.param, schemas[s.param]})
	}
	return params, nil
}
