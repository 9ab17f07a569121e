package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../../.."

// The committed files match the contract and the overlay.
func TestGeneratedIsCurrent(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	if err := run(root+"/openapi/payments.json", root+"/openapi/overlay.yaml", out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"payments.json", "contract.go"} {
		want, err := os.ReadFile(filepath.Join(root, "generated/contract", name))
		got, err2 := os.ReadFile(filepath.Join(out, name))
		if err != nil || err2 != nil || string(got) != string(want) {
			t.Errorf("generated/contract/%s is not current (%v, %v): run make generate", name, err, err2)
		}
	}
}

// An overlay target that matches nothing stops generation, and the error names it.
func TestTargetsMustMatch(t *testing.T) {
	t.Parallel()
	overlay, err := os.ReadFile(root + "/openapi/overlay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	broken := filepath.Join(dir, "overlay.yaml")
	text := string(overlay) + "  - target: $.components.schemas.CreatePaymentsRequest.properties.NoSuchField\n    update:\n      description: is missing\n"
	if err := os.WriteFile(broken, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(root+"/openapi/payments.json", broken, dir, io.Discard); err == nil || !strings.Contains(err.Error(), "NoSuchField") {
		t.Errorf("mergespec: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "payments.json")); err == nil {
		t.Error("a document was written")
	}
}

// node is an object of the document.
type node = map[string]any

// Every operation, parameter, property and enum value has documentation of ours.
func TestEverythingIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/generated/contract/payments.json")
	if err != nil {
		t.Fatal(err)
	}
	var document node
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	documented := func(what string, n node) {
		if description, _ := n["description"].(string); len(description) < 10 {
			t.Errorf("%s has no documentation", what)
		}
	}
	schemas := document["components"].(node)["schemas"].(node)
	for path, item := range document["paths"].(node) {
		post := item.(node)["post"].(node)
		documented(path, post)
		for _, parameter := range post["parameters"].([]any) {
			documented(path+" "+parameter.(node)["name"].(string), parameter.(node))
		}
		for name, callback := range post["callbacks"].(node) {
			for _, expression := range callback.(node) {
				documented(name, expression.(node)["post"].(node))
			}
		}
	}
	for name, schema := range schemas {
		schema := schema.(node)
		documented(name, schema)
		properties, _ := schema["properties"].(node)
		for property, value := range properties {
			value := value.(node)
			if ref, ok := value["$ref"].(string); ok {
				value = schemas[strings.TrimPrefix(ref, "#/components/schemas/")].(node)
			}
			documented(name+"."+property, value)
		}
		values, _ := schema["enum"].([]any)
		docs, _ := schema["x-enum-docs"].(node)
		for _, value := range values {
			if doc, _ := docs[value.(string)].(string); doc == "" {
				t.Errorf("%s: value %s has no documentation", name, value)
			}
		}
		if len(docs) != len(values) {
			t.Errorf("%s has %d values and documentation of %d", name, len(values), len(docs))
		}
	}
	if strings.Contains(string(text), "Provide an absolute or relative URL") {
		t.Error("the vendor's prose is in the document")
	}
}
