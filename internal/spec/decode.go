package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// maxDepth bounds the nesting of a document. Twilio's has 15 levels; a hostile
// one must not exhaust the stack.
const maxDepth = 200

func decodeJSON(doc []byte) (map[string]any, error) {
	var raw json.RawMessage // validates the whole text before any of it is used
	if err := json.Unmarshal(doc, &raw); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			err = fmt.Errorf("%s: %w", position(doc, syntax.Offset), err)
		}
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	d := decoder{dec}
	v, err := d.value(0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", position(doc, dec.InputOffset()), err)
	}
	return asObject(v, "#")
}

type decoder struct{ *json.Decoder }

func (d decoder) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return d.object(depth + 1)
	case json.Delim('['):
		return d.list(depth + 1)
	}
	return token, nil
}

func (d decoder) object(depth int) (any, error) {
	obj := map[string]any{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string)
		if _, twice := obj[key]; twice {
			return nil, fmt.Errorf("key %q is repeated in one object", key)
		}
		if obj[key], err = d.value(depth); err != nil {
			return nil, err
		}
	}
	_, err := d.Token() // the closing brace
	return obj, err
}

func (d decoder) list(depth int) (any, error) {
	list := []any{}
	for d.More() {
		v, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.Token() // the closing bracket
	return list, err
}

// position returns the line and column of the byte before offset.
func position(doc []byte, offset int64) string {
	read := doc[:min(max(offset, 0), int64(len(doc)))]
	line := 1 + bytes.Count(read, []byte("\n"))
	column := len(read) - (bytes.LastIndexByte(read, '\n') + 1)
	return fmt.Sprintf("line %d, column %d", line, column)
}
