package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// encode writes v as JSON with two spaces of indent, sorted keys (a property of
// encoding/json's maps), no HTML escaping and a newline at the end.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return buf.Bytes(), nil
}
