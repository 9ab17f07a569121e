package spec_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

// asYAML writes a JSON document as YAML.
func asYAML(t *testing.T, doc []byte) []byte {
	t.Helper()
	var v any
	decoder := json.NewDecoder(strings.NewReader(string(doc)))
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The same facts in another format give the same bytes.
func TestTrimReadsOtherForms(t *testing.T) {
	t.Parallel()
	doc := read(t, "testdata", "forms", "refs.json")
	want := string(trim(t, doc))
	for name, text := range map[string][]byte{
		"a byte order mark":      append([]byte("\xef\xbb\xbf"), doc...),
		"YAML":                   asYAML(t, doc),
		"YAML with a mark":       append([]byte("\xef\xbb\xbf"), asYAML(t, doc)...),
		"YAML with its header":   append([]byte("%YAML 1.2\n---\n"), asYAML(t, doc)...),
		"JSON after blank lines": append([]byte("\n\t "), doc...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, string(trim(t, text))); diff != "" {
				t.Errorf("(-JSON +other):\n%s", diff)
			}
		})
	}
}

// YAML values follow YAML 1.2, and numbers keep their text.
func TestDecodeYAML(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"yes": "yes", "on": "on", "no": "no", "true": true, "False": false,
		"~": nil, "null": nil, "''": "", "2010-04-01": "2010-04-01", "2026-01-01T00:00:00Z": "2026-01-01T00:00:00Z",
		"7": json.Number("7"), "1000000": json.Number("1000000"), "0.01": json.Number("0.01"), "1e3": json.Number("1e3"), "0x1F": json.Number("31"),
		"'7'": "7", "3.0.1": "3.0.1", "[a, 1]": []any{"a", json.Number("1")}, "{a: {b: c}}": map[string]any{"a": map[string]any{"b": "c"}},
		"&x [a]": []any{"a"}, "|\n  two\n  lines": "two\nlines",
	} {
		got, err := spec.Decode([]byte("key: " + text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(map[string]any{"key": want}, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", text, diff)
		}
	}
	got, err := spec.Decode([]byte("a: &x {b: 1}\nc: *x\n201: d\n"))
	if want := map[string]any{"a": map[string]any{"b": json.Number("1")}, "c": map[string]any{"b": json.Number("1")}, "201": "d"}; err != nil || !cmp.Equal(want, got) {
		t.Errorf("aliases and keys: %v, %v", got, err)
	}
}

// OpenAPI 3.1 is converted to 3.0.
func TestTrimReadsOpenAPI31(t *testing.T) {
	t.Parallel()
	const sid = "RESPONSE properties sid"
	for name, test := range map[string]struct{ is31, is30 string }{
		"a nullable type":          {`{"type":["string","null"],"examples":["x"]}`, `{"type":"string","nullable":true}`},
		"one type in a list":       {`{"type":["integer"]}`, `{"type":"integer"}`},
		"null or a schema":         {`{"anyOf":[{"type":"string"},{"type":"null"}]}`, `{"nullable":true,"allOf":[{"type":"string"}]}`},
		"null or a reference":      {`{"oneOf":[{"$ref":"#/components/schemas/payments_enum_capture"},{"type":"null"}]}`, `{"nullable":true,"allOf":[{"$ref":"#/components/schemas/payments_enum_capture"}]}`},
		"null or one of two":       {`{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}`, `{"nullable":true,"oneOf":[{"type":"string"},{"type":"integer"}]}`},
		"a constant":               {`{"type":"string","const":"a"}`, `{"type":"string","enum":["a"]}`},
		"exclusive bounds":         {`{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":600}`, `{"type":"integer","minimum":0,"exclusiveMinimum":true,"maximum":600,"exclusiveMaximum":true}`},
		"text next to a reference": {`{"$ref":"#/components/schemas/payments_enum_capture","description":"words"}`, `{"$ref":"#/components/schemas/payments_enum_capture"}`},
		"inside a list":            {`{"type":"array","items":{"type":["string","null"]}}`, `{"type":"array","items":{"type":"string","nullable":true}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := trim(t, edited(t, set("openapi", `"3.0.3"`), set(sid, test.is30)))
			got := trim(t, edited(t, set("openapi", `"3.1.0"`), set("webhooks", `{}`), set("jsonSchemaDialect", `"https://spec.openapis.org/oas/3.1/dialect/base"`),
				set("info summary", `"words"`), set(sid, test.is31)))
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("(-3.0 +3.1):\n%s", diff)
			}
		})
	}
}

// What 3.0 cannot express is named in the error; 3.0 documents are not affected.
func TestTrimRefusesUnsupportedOpenAPI31(t *testing.T) {
	t.Parallel()
	const at = "#/components/schemas/call.payments/properties/sid/"
	for schema, want := range map[string]string{
		`{"type":["string","integer"]}`:      at + "type: OpenAPI 3.0 has no list of 2 types",
		`{"type":["null"]}`:                  at + "type: OpenAPI 3.0 has no list of 0 types",
		`{"type":"null"}`:                    at + `type: OpenAPI 3.0 has no type "null"`,
		`{"const":"a","enum":["a","b"]}`:     at + "const: OpenAPI 3.0 cannot express const next to enum",
		`{"minimum":1,"exclusiveMinimum":0}`: at + "exclusiveMinimum: OpenAPI 3.0 cannot express exclusiveMinimum next to minimum",
		`{"$ref":"#/components/schemas/payments_enum_capture","maxLength":7}`:       at + "maxLength: maxLength next to a $ref applies in OpenAPI 3.1 but not in 3.0: use allOf",
		`{"allOf":[{"type":"string"}],"anyOf":[{"type":"string"},{"type":"null"}]}`: at + "anyOf: OpenAPI 3.0 cannot express anyOf of one schema and null next to allOf",
		`{"prefixItems":[]}`: at + `prefixItems: unknown keyword "prefixItems": decide whether it is a fact to keep or prose to drop`,
		`{"if":{}}`:          at + `if: unknown keyword "if": decide whether it is a fact to keep or prose to drop`,
	} {
		refused(t, edited(t, set("openapi", `"3.1.1"`), set("RESPONSE properties sid", schema)), want)
	}
	refused(t, edited(t, set("RESPONSE properties sid", `{"const":"a"}`)), at+`const: unknown keyword "const": decide whether it is a fact to keep or prose to drop`)
	refused(t, edited(t, set("webhooks", `{}`)), `#/webhooks: unknown keyword "webhooks": decide whether it is a fact to keep or prose to drop`)
}
