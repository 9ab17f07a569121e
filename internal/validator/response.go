package validator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// expected is what the document declares for one status.
type expected struct {
	schema  *openapi3.Schema // nil: no body
	headers map[string]*openapi3.Schema
}

// trimmedHeader is the only response header that the vendor declares as other than
// text. Trimming drops headers, which the client does not read, but responses are
// checked against this one.
const trimmedHeader = "Access-Control-Allow-Credentials"

func newExpected(response *openapi3.Response) (*expected, error) {
	a := &expected{headers: map[string]*openapi3.Schema{trimmedHeader: openapi3.NewBoolSchema()}}
	for name, ref := range response.Headers {
		if ref.Value.Required || ref.Value.Schema == nil {
			return nil, fmt.Errorf("header %s: only optional headers with a schema are supported", name)
		}
		a.headers[http.CanonicalHeaderKey(name)] = ref.Value.Schema.Value
	}
	if len(response.Content) == 0 {
		return a, nil
	}
	media := response.Content[jsonType]
	if len(response.Content) != 1 || media == nil || media.Schema == nil {
		return nil, fmt.Errorf("only %s is supported", jsonType)
	}
	a.schema = media.Schema.Value
	return a, nil
}

// Response checks a response to the operation. The error is nil or a
// [*Violation].
func (v *Validator) Response(operation string, status int, header http.Header, body []byte) error {
	op := v.operations[operation]
	if op == nil {
		return &Violation{Where: WherePath, Rule: "no such operation", Kind: ErrRoute}
	}
	a := op.responses[status]
	if a == nil && status >= 400 && status <= 599 {
		a = op.failure
	}
	if a == nil {
		return schemaViolation(WhereStatus, "", "is not declared")
	}
	if broken := a.check(header, body); broken != nil {
		return broken
	}
	return nil
}

func (a *expected) check(header http.Header, body []byte) *Violation {
	for name, schema := range a.headers {
		for _, text := range header[name] {
			value, rule := scalar(schema, text)
			if rule != "" {
				return schemaViolation(WhereHeader, name, rule)
			}
			if broken := visit(WhereHeader, name, schema, value); broken != nil {
				return broken
			}
		}
	}
	if a.schema == nil {
		if len(body) > 0 {
			return schemaViolation(WhereBody, "", "is not declared")
		}
		return nil
	}
	if broken := checkMediaType(header, jsonType); broken != nil {
		return broken
	}
	value, err := decodeJSON(body)
	if err != nil {
		return schemaViolation(WhereBody, "", "is not one JSON text in UTF-8")
	}
	return visit(WhereBody, "", a.schema, value)
}

// decodeJSON reads exactly one JSON text. Numbers stay text, so that none overflows.
func decodeJSON(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("trailing bytes")
	}
	return value, nil
}
