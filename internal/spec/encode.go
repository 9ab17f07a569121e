package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// encode writes v as JSON indented by two spaces, with sorted keys (as encoding/json
// writes maps), no HTML escaping and a final newline.
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
