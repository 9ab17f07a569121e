package spec_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

func read(t testing.TB, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func trim(t *testing.T, doc []byte) []byte {
	t.Helper()
	out, err := spec.Trim(doc)
	if err != nil {
		t.Fatalf("Trim: %v", err)
	}
	return out
}

// The locations of the two operations in testdata/forms/*.json, and short names for
// what the tests change most.
const (
	createPath = "/v/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json"
	updatePath = "/v/Accounts/{AccountSid}/Calls/{CallSid}/Payments/{Sid}.json"
)

var places = map[string][]string{
	"CREATE":   {"paths", createPath, "post"},
	"UPDATE":   {"paths", updatePath, "post"},
	"FORM":     {"paths", createPath, "post", "requestBody", "content", "application/x-www-form-urlencoded"},
	"RESPONSE": {"components", "schemas", "call.payments"},
}

// edit is one change of a document.
type edit func(t *testing.T, root any)

// edited applies changes to testdata/forms/refs.json.
func edited(t *testing.T, edits ...edit) []byte {
	t.Helper()
	var root any
	if err := json.Unmarshal(read(t, "testdata", "forms", "refs.json"), &root); err != nil {
		t.Fatal(err)
	}
	for _, e := range edits {
		e(t, root)
	}
	doc, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// set puts a value, given as JSON, at a path of words.
func set(path, value string) edit {
	return func(t *testing.T, root any) {
		t.Helper()
		var v any
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			t.Fatalf("set %s: %v", path, err)
		}
		parent, key := lead(t, root, path)
		parent[key] = v
	}
}

// remove removes a member, which must exist.
func remove(path string) edit {
	return func(t *testing.T, root any) {
		t.Helper()
		parent, key := lead(t, root, path)
		if _, ok := parent[key]; !ok {
			t.Fatalf("remove %s: does not exist", path)
		}
		delete(parent, key)
	}
}

// move renames a path of the document.
func move(from, to string) edit {
	return func(t *testing.T, root any) {
		t.Helper()
		paths := root.(map[string]any)["paths"].(map[string]any)
		paths[to] = paths[from]
		delete(paths, from)
	}
}

// lead returns the object that holds the value at a path of words.
func lead(t *testing.T, v any, path string) (parent map[string]any, key string) {
	t.Helper()
	var words []string
	for _, word := range strings.Fields(path) {
		if place, ok := places[word]; ok {
			words = append(words, place...)
		} else {
			words = append(words, word)
		}
	}
	for _, word := range words[:len(words)-1] {
		switch container := v.(type) {
		case map[string]any:
			v = container[word]
		case []any:
			i, err := strconv.Atoi(word)
			if err != nil {
				t.Fatalf("%s: %q is not an index", path, word)
			}
			v = container[i]
		}
	}
	parent, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%s does not exist", path)
	}
	return parent, words[len(words)-1]
}
