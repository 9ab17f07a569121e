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

// The places of the two operations in testdata/forms/*.json, and short names
// for what the tests change most.
const (
	createPath = "/v/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json"
	updatePath = "/v/Accounts/{AccountSid}/Calls/{CallSid}/Payments/{Sid}.json"
)

var places = map[string][]string{
	"CREATE": {"paths", createPath, "post"},
	"UPDATE": {"paths", updatePath, "post"},
	"FORM":   {"paths", createPath, "post", "requestBody", "content", "application/x-www-form-urlencoded"},
	"ANSWER": {"components", "schemas", "call.payments"},
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

// set puts a value, given as JSON, where a path of words leads.
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

// remove takes a member away that must be there.
func remove(path string) edit {
	return func(t *testing.T, root any) {
		t.Helper()
		parent, key := lead(t, root, path)
		if _, ok := parent[key]; !ok {
			t.Fatalf("remove %s: not there", path)
		}
		delete(parent, key)
	}
}

// move gives a path of the document another name.
func move(from, to string) edit {
	return func(t *testing.T, root any) {
		t.Helper()
		paths := root.(map[string]any)["paths"].(map[string]any)
		paths[to] = paths[from]
		delete(paths, from)
	}
}

// lead gives the object that holds what a path of words leads to.
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
				t.Fatalf("%s: %q is no index", path, word)
			}
			v = container[i]
		}
	}
	parent, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%s leads nowhere", path)
	}
	return parent, words[len(words)-1]
}
