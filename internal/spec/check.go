package spec

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// check lets kin-openapi validate a trimmed document: it is what the generator
// and the validator of requests read it with.
func check(doc []byte, schemas map[string]any) error {
	var options []openapi3.ValidationOption
	if _, ok := recursion(schemas, false); ok {
		// kin-openapi compares a default with its schema, and runs out of stack
		// when that leads back to itself without naming a type.
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

// oneLine joins the lines of a text and cuts it where nobody reads on.
func oneLine(text string) string {
	const limit = 400
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return text
}
