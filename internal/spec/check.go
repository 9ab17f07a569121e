package spec

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// check validates a trimmed document with kin-openapi, which the generator and the
// request validator use to read it.
func check(doc []byte, schemas map[string]any) error {
	var options []openapi3.ValidationOption
	if _, ok := recursion(schemas, false); ok {
		// kin-openapi validates a default against its schema, and overflows the
		// stack if the schema refers to itself without a type.
		options = append(options, openapi3.DisableSchemaDefaultsValidation())
	}
	loader := openapi3.NewLoader()
	parsed, err := loader.LoadFromData(doc)
	if err == nil {
		err = parsed.Validate(loader.Context, options...)
	}
	if err != nil {
		return fmt.Errorf("kin-openapi refuses the trimmed document: %s", oneLine(err.Error()))
	}
	return nil
}

// oneLine joins the lines of a text and cuts it to a readable length.
func oneLine(text string) string {
	const limit = 400
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return text
}
