package spec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

func TestTrimRefusesText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, doc, want string }{
		{"empty", "", "the document is empty"},
		{"a sentence", "hello", "#: must be an object, is a string"},
		{"a cut document", "{\n  \"openapi\": \"3.0.1\",\n", "not JSON: line 3, column 0: unexpected end of JSON input"},
		{"trailing garbage", "{}\n{}", "not JSON: line 2, column 1: invalid character '{' after top-level value"},
		{"text that is not UTF-8", "{\"a\": \"\xff\"}", "the document is not valid UTF-8"},
		{"gzip", "\x1f\x8b\x08\x00", "the document is compressed with gzip: unpack it first"},
		{"zip", "PK\x03\x04", "the document is a zip archive: unpack it first"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "the document is UTF-16: save it as UTF-8"},
		{"a page", "\n<!DOCTYPE html><html>", "the document is HTML or XML: give the URL of the JSON or YAML file itself"},
		{"broken YAML", "openapi: 3.0.1\n  info: [", "neither JSON nor YAML: line 2: mapping values are not allowed in this context"},
		{"two YAML documents", "a: 1\n---\nb: 2\n", "the YAML text holds more than one document"},
		{"a repeated YAML key", "a:\n  201: x\n  '201': y\n", `line 3: key "201" is repeated in one object`},
		{"a YAML merge", "a: &a {b: c}\nd:\n  <<: *a\n", "line 3: a key must be plain text, without merging (<<)"},
		{"YAML aliases that explode", bomb(), "the YAML text expands to more than 2000000 values through aliases"},
		{"a YAML number that JSON lacks", "a: .inf\n", `line 1: ".inf" is a number that JSON does not have`},
		{"YAML binary", "a: !!binary aGk=\n", "line 1: JSON cannot express a value of kind !!binary"},
		{"deeply nested YAML", strings.Repeat("[", 300) + strings.Repeat("]", 300) + "x", "not JSON: line 1, column 601: invalid character 'x' after top-level value"},
		{"a repeated key", `{"a": {"b": [{"c": 1, "c": 2}]}}`, `line 1, column 25: key "c" is repeated in one object`},
		{"deep nesting", strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "line 1, column 201: nested deeper than 200 levels"},
		{"a list", `[]`, "#: must be an object, is a list"},
		{"null", `null`, "#: must be an object, is null"},
		{"an empty object", `{}`, `not an OpenAPI document: it has no version ("openapi": "3.0.…")`},
		{"OpenAPI 3.2", `{"openapi": "3.2.0"}`, `OpenAPI "3.2.0" cannot be read, only 3.0 and 3.1`},
		{"OpenAPI 3.10", `{"openapi": "3.10.0"}`, `OpenAPI "3.10.0" cannot be read, only 3.0 and 3.1`},
		{"Swagger", `{"swagger": "2.0"}`, `the document is Swagger 2.0: convert it to OpenAPI 3.0 first`},
		{"no paths", `{"openapi": "3.0.1"}`, "no such operation: CreatePayments (neither by operationId nor as POST …/Calls/{CallSid}/Payments.json)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			refused(t, []byte(test.doc), test.want)
		})
	}
}

func TestTrimRefusesDocuments(t *testing.T) {
	t.Parallel()
	const (
		create = "#/paths/~1v~1Accounts~1{AccountSid}~1Calls~1{CallSid}~1Payments.json/post"
		update = "#/paths/~1v~1Accounts~1{AccountSid}~1Calls~1{CallSid}~1Payments~1{Sid}.json/post"
	)
	tests := []struct {
		name  string
		edits []edit
		want  string
	}{
		{
			"no create",
			[]edit{remove("paths " + createPath)},
			"no such operation: CreatePayments (neither by operationId nor as POST …/Calls/{CallSid}/Payments.json)",
		},
		{
			"no update",
			[]edit{remove("UPDATE")},
			"no such operation: UpdatePayments (neither by operationId nor as POST …/Calls/{CallSid}/Payments/{Sid}.json)",
		},
		{
			"create under two paths",
			[]edit{remove("CREATE operationId"), set("paths /v2/Calls/{S}/Payments.json", `{"post":{}}`)},
			`operation CreatePayments is defined twice: post "/v/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json" and post "/v2/Calls/{S}/Payments.json"`,
		},
		{
			"one id twice",
			[]edit{set("paths "+createPath+" put", `{"operationId":"CreatePayments"}`)},
			`operation CreatePayments is defined twice: post "/v/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json" and put "/v/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json"`,
		},
		{
			"one operation as both",
			[]edit{remove("paths " + updatePath), set("CREATE operationId", `"UpdatePayments"`)},
			`operations CreatePayments and UpdatePayments are the same: post "/v/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json"`,
		},
		{
			"dangling schema of a response",
			[]edit{remove("RESPONSE")},
			create + `/responses/201/content/application~1json/schema/$ref: dangling $ref "#/components/schemas/call.payments"`,
		},
		{
			"dangling enum",
			[]edit{remove("components schemas payments_enum_capture")},
			update + `/requestBody/content/application~1x-www-form-urlencoded/schema/properties/Capture/$ref: dangling $ref "#/components/schemas/payments_enum_capture"`,
		},
		{
			"dangling two steps away",
			[]edit{set("RESPONSE properties more", `{"type":"array","items":{"$ref":"#/components/schemas/gone"}}`)},
			`#/components/schemas/call.payments/properties/more/items/$ref: dangling $ref "#/components/schemas/gone"`,
		},
		{
			"dangling parameter",
			[]edit{set("CREATE parameters", `[{"$ref":"#/components/parameters/gone"}]`)},
			create + `/parameters/0/$ref: dangling $ref "#/components/parameters/gone"`,
		},
		{
			"dangling body",
			[]edit{set("CREATE requestBody", `{"$ref":"#/components/requestBodies/gone"}`)},
			create + `/requestBody/$ref: dangling $ref "#/components/requestBodies/gone"`,
		},
		{
			"dangling response",
			[]edit{set("CREATE responses 201", `{"$ref":"#/components/responses/gone"}`)},
			create + `/responses/201/$ref: dangling $ref "#/components/responses/gone"`,
		},
		{
			"undeclared security scheme",
			[]edit{remove("components securitySchemes")},
			create + `/security/0/basic/$ref: dangling $ref "#/components/securitySchemes/basic"`,
		},
		{
			"a reference to another document",
			[]edit{set("CREATE responses 201 content application/json schema $ref", `"other.json#/a"`)},
			create + `/responses/201/content/application~1json/schema/$ref: $ref "other.json#/a" is not of the form #/components/schemas/<name>`,
		},
		{
			"a reference into a component",
			[]edit{set("CREATE responses 201 content application/json schema $ref", `"#/components/schemas/call.payments/properties/sid"`)},
			create + `/responses/201/content/application~1json/schema/$ref: $ref "#/components/schemas/call.payments/properties/sid" is not of the form #/components/schemas/<name>`,
		},
		{
			"a reference that is not a string",
			[]edit{set("CREATE responses 201 content application/json schema $ref", `7`)},
			create + `/responses/201/content/application~1json/schema/$ref: must be a string, is a number`,
		},
		{
			"references in a circle",
			[]edit{set("components schemas call.payments", `{"$ref":"#/components/schemas/b"}`), set("components schemas b", `{"$ref":"#/components/schemas/call.payments"}`)},
			`#/components/schemas/call.payments: $ref "#/components/schemas/call.payments" refers to itself`,
		},
		{
			"a schema composed of itself",
			[]edit{set("RESPONSE oneOf", `[{"type":"object"},{"$ref":"#/components/schemas/b"}]`), set("components schemas b", `{"not":{"allOf":[{"$ref":"#/components/schemas/call.payments"}]}}`)},
			`#/components/schemas/b: schema "b" is composed of itself`,
		},
		{
			"two enums of one name",
			[]edit{set("FORM schema properties Capture", `{"type":"string","enum":["other"]}`)},
			`#/components/schemas/payments_enum_capture: schema "payments_enum_capture" would be two different schemas`,
		},
		{
			"two requests of one name",
			[]edit{set("CREATE requestBody content application/json", `{"schema":{"type":"string"}}`)},
			create + `/requestBody/content/application~1x-www-form-urlencoded/schema: schema "CreatePaymentsRequest" would be two different schemas`,
		},
		{
			"a list where an object belongs",
			[]edit{set("RESPONSE properties", `[]`)},
			"#/components/schemas/call.payments/properties: must be an object, is a list",
		},
		{
			"an object where a list belongs",
			[]edit{set("CREATE parameters", `{}`)},
			create + "/parameters: must be a list, is an object",
		},
		{
			"prose in the place of a fact",
			[]edit{set("RESPONSE properties sid maxLength", `{"description":"long"}`)},
			"#/components/schemas/call.payments/properties/sid/maxLength: must be a string, number or boolean, is an object",
		},
		{
			"null in the place of a fact",
			[]edit{set("RESPONSE properties sid pattern", `null`)},
			"#/components/schemas/call.payments/properties/sid/pattern: must be a string, number or boolean, is null",
		},
		{
			"a required name that is not text",
			[]edit{set("RESPONSE required", `[true]`)},
			"#/components/schemas/call.payments/required/0: must be a string, is a boolean",
		},
		{
			"a line break in a name",
			[]edit{set("RESPONSE properties", `{"a\nb":"x"}`)},
			"#/components/schemas/call.payments/properties/a b: must be an object, is a string",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			refused(t, edited(t, test.edits...), test.want)
		})
	}
}

// An unknown keyword may be a constraint, so it must be noticed at every location.
func TestTrimRefusesUnknownKeywords(t *testing.T) {
	t.Parallel()
	for _, place := range []string{
		"newKeyword",
		"info newKeyword",
		"paths " + createPath + " newKeyword",
		"CREATE newKeyword",
		"CREATE callbacks",
		"CREATE parameters 0 newKeyword",
		"CREATE parameters 0 schema const",
		"CREATE requestBody newKeyword",
		"FORM newKeyword",
		"FORM encoding newKeyword newKeyword",
		"FORM schema dependentRequired",
		"CREATE responses 2xx",
		"CREATE responses 201 newKeyword",
		"RESPONSE discriminator",
		"RESPONSE properties sid minContains",
		"components securitySchemes basic newKeyword",
		"components securitySchemes basic flows a newKeyword",
		"paths " + createPath + " servers 0 newKeyword",
		"paths " + createPath + " servers 0 variables v newKeyword",
	} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(place)
			keyword := words[len(words)-1]
			parents := []edit{
				set("FORM encoding", `{"newKeyword":{}}`),
				set("components securitySchemes basic flows", `{"a":{}}`),
				set("paths "+createPath+" servers 0 variables", `{"v":{"default":"a"}}`),
			}
			doc := edited(t, append(parents, set(place, `{"a":1}`))...)
			_, err := spec.Trim(doc)
			want := "/" + keyword + ": unknown keyword \"" + keyword + "\": decide whether it is a fact to keep or prose to drop"
			if err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("error %v, want …%s", err, want)
			}
		})
	}
}

func TestTrimRefusesWhatKinOpenAPIRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit edit
		says string
	}{
		{"an unknown type", set("RESPONSE properties sid type", `"strng"`), `"strng"`},
		{"a path parameter that is not declared", set("CREATE parameters", `[]`), "AccountSid"},
		{"an invalid pattern", set("RESPONSE properties sid pattern", `"("`), "missing closing )"},
		{"an invalid length", set("RESPONSE properties sid maxLength", `-1`), "maxLength"},
		{"a default outside its schema", set("RESPONSE properties sid default", `7`), "default"},
		{"no responses", remove("CREATE responses"), "responses"},
		{"no version", remove("info version"), "version"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, err := spec.Trim(edited(t, test.edit))
			if out != nil || err == nil {
				t.Fatalf("accepted")
			}
			text := err.Error()
			if !strings.HasPrefix(text, "kin-openapi refuses the trimmed document: ") || !strings.Contains(text, test.says) {
				t.Errorf("error %q does not name %s", text, test.says)
			}
			if strings.Contains(text, "\n") || len(text) > 600 {
				t.Errorf("error is not one readable line: %q", text)
			}
		})
	}
}

// bomb returns YAML whose aliases double twenty-five times.
func bomb() string {
	text := "a0: &a0 [x, x]\n"
	for i := range 25 {
		text += fmt.Sprintf("a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	return text
}

func refused(t *testing.T, doc []byte, want string) {
	t.Helper()
	out, err := spec.Trim(doc)
	if err == nil || err.Error() != want {
		t.Errorf("error %v\n want %s", err, want)
	}
	if out != nil {
		t.Error("output with an error")
	}
}
