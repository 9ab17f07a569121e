package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// decode reads a whole JSON document into maps, lists and json.Number, which
// keeps numbers as they were written. It is stricter than json.Unmarshal: text
// that is not UTF-8 and a key that stands twice in one object are errors,
// because json.Unmarshal would mend the first and forget half of the second.
func decode(doc []byte) (map[string]any, error) {
	if !utf8.Valid(doc) {
		return nil, errors.New("not JSON: the text is not valid UTF-8")
	}
	var raw json.RawMessage
	if err := json.Unmarshal(doc, &raw); err != nil {
		return nil, notJSON(doc, err)
	}
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	v, err := decodeValue(dec, "#")
	if err != nil {
		return nil, err
	}
	return asObject(v, "#")
}

func decodeValue(dec *json.Decoder, at pointer) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(dec, at)
	case json.Delim('['):
		return decodeList(dec, at)
	}
	return token, nil
}

func decodeObject(dec *json.Decoder, at pointer) (any, error) {
	obj := map[string]any{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("not JSON: %w", err)
		}
		key, _ := token.(string)
		if _, twice := obj[key]; twice {
			return nil, at.errorf("key %q stands twice", key)
		}
		if obj[key], err = decodeValue(dec, at.to(key)); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token() // the closing brace
	return obj, err
}

func decodeList(dec *json.Decoder, at pointer) (any, error) {
	list := []any{}
	for dec.More() {
		v, err := decodeValue(dec, at.index(len(list)))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := dec.Token() // the closing bracket
	return list, err
}

// notJSON adds the line and column of a syntax error to its text.
func notJSON(doc []byte, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return fmt.Errorf("not JSON: %w", err)
	}
	read := doc[:min(max(syntax.Offset, 0), int64(len(doc)))]
	line := 1 + bytes.Count(read, []byte("\n"))
	column := len(read) - (bytes.LastIndexByte(read, '\n') + 1)
	return fmt.Errorf("not JSON: line %d, column %d: %w", line, column, err)
}
