package validator

import (
	"errors"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// dateFormat is the only format that is checked.
const dateFormat = "date-time-rfc-2822"

var checkDates = openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
	dateFormat: openapi3.NewCallbackValidator(checkDate),
})

// checkDate tries Twilio's own form first, because the full syntax of RFC 2822 is slow
// to parse.
func checkDate(s string) error {
	if _, err := time.Parse(time.RFC1123Z, s); err == nil {
		return nil
	}
	_, err := mail.ParseDate(s)
	return err
}

// prepare removes from the document's schemas what is not checked: formats other than
// dateFormat, because kin-openapi looks them up in a registry that any code in the
// process may change, and the values of open enums.
func prepare(doc *openapi3.T) error {
	return doc.WalkSchemas(func(_ string, ref *openapi3.SchemaRef) error {
		s := ref.Value
		if s.Format != dateFormat {
			s.Format = ""
		}
		if open, _ := s.Extensions["x-open-enum"].(bool); open {
			s.Enum = nil
		}
		return nil
	})
}

// visit validates a decoded JSON value.
func visit(where, field string, s *openapi3.Schema, value any) *Violation {
	err := s.VisitJSON(value, checkDates)
	if err == nil {
		return nil
	}
	var broken *openapi3.SchemaError
	if !errors.As(err, &broken) || broken.Schema == nil {
		return schemaViolation(where, field, "does not match the schema")
	}
	if path := broken.JSONPointer(); len(path) > 0 && s.Properties[path[0]] != nil {
		field = path[0] // declared, so it is not part of the request
	}
	return schemaViolation(where, field, rule(broken))
}

// rule describes the rule from the schema only, because the text of kin-openapi's
// errors may hold the value.
func rule(e *openapi3.SchemaError) string {
	s := e.Schema
	switch e.SchemaField {
	case "required":
		return "is required"
	case "enum":
		return "is none of the declared values"
	case "pattern":
		return "does not match " + s.Pattern
	case "minLength":
		return "is shorter than " + strconv.FormatUint(s.MinLength, 10)
	case "maxLength":
		return "is longer than " + strconv.FormatUint(*s.MaxLength, 10)
	case "minimum":
		return "is less than " + strconv.FormatFloat(*s.Min, 'f', -1, 64)
	case "maximum":
		return "is more than " + strconv.FormatFloat(*s.Max, 'f', -1, 64)
	case "exclusiveMaximum":
		return "is not below the maximum"
	case "exclusiveMinimum":
		return "is not above the minimum"
	case "format":
		return "is not of format " + s.Format
	case "type":
		return "is not of type " + strings.Join(s.Type.Slice(), " or ")
	case "nullable":
		return "is null"
	default:
		return "breaks rule " + e.SchemaField
	}
}
