package spec

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

// byteOrderMark is put before UTF-8 text by some editors. It is ignored.
var byteOrderMark = []byte("\xef\xbb\xbf")

// Decode reads a whole document, JSON or YAML, into maps, lists and json.Number,
// which keeps numbers as they were written. It skips a byte order mark. It is
// stricter than json.Unmarshal: text that is not UTF-8 and a key repeated in one
// object are errors, because json.Unmarshal would repair the first and drop one value
// of the second. The vendor's JSON is never read as YAML, because it has escapes that
// YAML libraries refuse.
func Decode(doc []byte) (map[string]any, error) {
	doc = bytes.TrimPrefix(doc, byteOrderMark)
	text := bytes.TrimLeft(doc, " \t\r\n")
	if err := foreign(doc, text); err != nil {
		return nil, err
	}
	if text[0] == '{' || text[0] == '[' {
		return decodeJSON(doc)
	}
	return decodeYAML(doc)
}

// foreign returns an error for a document that is neither JSON nor YAML, which says
// what it is and what to do.
func foreign(doc, text []byte) error {
	switch {
	case len(text) == 0:
		return errors.New("the document is empty")
	case bytes.HasPrefix(doc, []byte{0x1f, 0x8b}):
		return errors.New("the document is compressed with gzip: unpack it first")
	case bytes.HasPrefix(doc, []byte("PK\x03\x04")):
		return errors.New("the document is a zip archive: unpack it first")
	case bytes.HasPrefix(doc, []byte{0xff, 0xfe}), bytes.HasPrefix(doc, []byte{0xfe, 0xff}):
		return errors.New("the document is UTF-16: save it as UTF-8")
	case !utf8.Valid(doc):
		return errors.New("the document is not valid UTF-8")
	case text[0] == '<':
		return errors.New("the document is HTML or XML: give the URL of the JSON or YAML file itself")
	}
	return nil
}

// readable returns an error unless the document's version can be read, and reports
// whether version31.go must rewrite it.
func readable(root map[string]any) (rewrite bool, err error) {
	version, _ := root["openapi"].(string)
	switch {
	case root["swagger"] != nil:
		return false, errors.New("the document is Swagger 2.0: convert it to OpenAPI 3.0 first")
	case version == "":
		return false, errors.New(`not an OpenAPI document: it has no version ("openapi": "3.0.…")`)
	case versionIs(version, "3.0"):
		return false, nil
	case versionIs(version, "3.1"):
		return true, nil
	}
	return false, fmt.Errorf("OpenAPI %q cannot be read, only 3.0 and 3.1", version)
}

func versionIs(version, series string) bool {
	return version == series || len(version) > len(series) && version[:len(series)+1] == series+"."
}
