package spec_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

// For any input, Trim returns a document that it leaves unchanged when trimmed again,
// or a one-line error. The seeds are large: run it with -fuzzminimizetime 10x.
func FuzzTrim(f *testing.F) {
	for _, pattern := range []string{"testdata/*.json", "testdata/forms/*.json", "../../openapi/payments.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, name := range files {
			f.Add(read(f, name))
		}
	}
	f.Add([]byte(`{"openapi":"3.0.1","info":{"title":"t","version":"1"},"paths":{"/Calls/{C}/Payments.json":{"post":{}},"/Calls/{C}/Payments/{S}.json":{"post":{}}}}`))
	f.Add([]byte(`[[[[`))
	f.Add([]byte("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: &p\n  /Calls/{C}/Payments.json: {post: {}}\n  /Calls/{C}/Payments/{S}.json: {post: {}}\nx-again: *p\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("\xff"))
	f.Fuzz(checkTrim)
}

// The same with documents that are invalid or unusual in one place: value n of the
// full document is replaced by another.
func FuzzTrimOneValue(f *testing.F) {
	full := read(f, "testdata", "full.json")
	values := []string{
		`null`, `{}`, `[]`, `[null]`, `7`, `-1e400`, `"text"`,
		`{"$ref":"#/components/schemas/tree"}`, `{"$ref":"#/components/schemas/CreatePaymentsRequest"}`,
	}
	for n := range uint(80) {
		f.Add(5*n, values[n%uint(len(values))])
	}
	f.Fuzz(func(t *testing.T, n uint, value string) {
		if !json.Valid([]byte(value)) {
			return
		}
		dec := json.NewDecoder(bytes.NewReader(full))
		dec.UseNumber()
		var root any
		if err := dec.Decode(&root); err != nil {
			t.Fatal(err)
		}
		root = replace(root, &n, json.RawMessage(value))
		doc, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		checkTrim(t, doc)
	})
}

// replace replaces the n-th value below v, in key order, by value.
func replace(v any, n *uint, value any) any {
	if *n == 0 {
		*n--
		return value
	}
	*n--
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			v[key] = replace(v[key], n, value)
		}
	case []any:
		for i := range v {
			v[i] = replace(v[i], n, value)
		}
	}
	return v
}

func checkTrim(t *testing.T, doc []byte) {
	out, err := spec.Trim(doc)
	if err != nil {
		if out != nil || strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("output %q, error %q", out, err)
		}
		return
	}
	if !json.Valid(out) || !bytes.HasSuffix(out, []byte("}\n")) {
		t.Errorf("not a JSON document: %s", out)
	}
	again, err := spec.Trim(out)
	if err != nil || !bytes.Equal(out, again) {
		t.Errorf("trimmed again: error %v\nbefore %s\nafter %s", err, out, again)
	}
}
