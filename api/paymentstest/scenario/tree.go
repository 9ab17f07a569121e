package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// node is a JSON value with its line number, which encoding/json does not report.
type node struct {
	line    int
	kind    string // "an object", "a list", "text", "a number", "true or false", "null"
	text    string // of text and numbers
	truth   bool
	items   []*node
	members []member
	raw     []byte
}

type member struct {
	name  string
	line  int
	value *node
}

// readTree reads one JSON value with comments. On an error the int is its line.
func readTree(data []byte) (*node, int, error) {
	if at := invalidUTF8(data); at >= 0 {
		return nil, lineOf(data, at), errors.New("is not valid UTF-8")
	}
	clean, at, err := withoutComments(data)
	if err != nil {
		return nil, lineOf(data, at), err
	}
	if len(bytes.TrimSpace(clean)) == 0 {
		return nil, 1, errors.New("the file is empty")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(clean, &whole); err != nil {
		at := len(clean)
		if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
			at = int(syntax.Offset) - 1
		}
		return nil, lineOf(data, at), errors.New("is not valid JSON: " + strings.TrimPrefix(err.Error(), "json: "))
	}
	r := reader{data: clean, dec: json.NewDecoder(bytes.NewReader(clean)), line: 1}
	r.dec.UseNumber()
	n, err := r.value()
	return n, r.line, err
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
// encoding/json would replace it without an error.
func invalidUTF8(data []byte) int {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

func lineOf(data []byte, offset int) int {
	return 1 + bytes.Count(data[:max(0, min(offset, len(data)))], []byte("\n"))
}

type reader struct {
	data []byte
	dec  *json.Decoder
	at   int // the offset that line belongs to
	line int
}

// token returns the next token and advances line.
func (r *reader) token() (json.Token, error) {
	t, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	end := int(r.dec.InputOffset())
	r.line += bytes.Count(r.data[r.at:end], []byte("\n"))
	r.at = end
	return t, nil
}

func (r *reader) value() (*node, error) {
	before := r.at
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	n := &node{line: r.line}
	switch t := t.(type) {
	case json.Delim:
		err = r.rest(n, t)
	case string:
		n.kind, n.text = "text", t
	case json.Number:
		n.kind, n.text = "a number", t.String()
	case bool:
		n.kind, n.truth = "true or false", t
	default:
		n.kind = "null"
	}
	n.raw = bytes.TrimLeft(r.data[before:r.at], " \t\r\n:,")
	return n, err
}

// rest reads what follows an opening brace or bracket.
func (r *reader) rest(n *node, open json.Delim) error {
	n.kind = "a list"
	if open == '{' {
		n.kind = "an object"
	}
	for r.dec.More() {
		if open == '[' {
			item, err := r.value()
			if err != nil {
				return err
			}
			n.items = append(n.items, item)
			continue
		}
		name, err := r.token()
		if err != nil {
			return err
		}
		m := member{name: name.(string), line: r.line}
		if m.value, err = r.value(); err != nil {
			return err
		}
		n.members = append(n.members, m)
	}
	_, err := r.token()
	return err
}
