package spec_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The full document has a fact of every kind, and prose everywhere OpenAPI allows it;
// the golden file is exactly what must remain.
func TestTrimKeepsOnlyFacts(t *testing.T) {
	t.Parallel()
	full := read(t, "testdata", "full.json")
	if n := bytes.Count(full, []byte("MARKED PROSE")); n < 50 {
		t.Fatalf("the full document has only %d marked texts: this test would show little", n)
	}
	got := trim(t, full)
	if diff := cmp.Diff(string(read(t, "testdata", "full.golden.json")), string(got)); diff != "" {
		t.Errorf("trimmed document (-want +got):\n%s", diff)
	}
	for _, prose := range []string{"MARKED", "marked-prose", "x-twilio", "tags", "headers", "12.00", "unused", "Other"} {
		if bytes.Contains(got, []byte(prose)) {
			t.Errorf("%q is in the output", prose)
		}
	}
}

// Every historical form of the same facts gives the same trimmed document.
func TestTrimGivesOneShape(t *testing.T) {
	t.Parallel()
	want := string(read(t, "testdata", "forms.golden.json"))
	for _, form := range []string{"inline.json", "refs.json", "components.json"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, string(trim(t, read(t, "testdata", "forms", form)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTrimOfTrimmedChangesNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"testdata/full.golden.json", "testdata/forms.golden.json", "../../openapi/payments.json"} {
		trimmed := read(t, name)
		if diff := cmp.Diff(string(trimmed), string(trim(t, trimmed))); diff != "" {
			t.Errorf("%s (-before +after):\n%s", name, diff)
		}
	}
}

func TestTrimIsRepeatable(t *testing.T) {
	t.Parallel()
	full := read(t, "testdata", "full.json")
	before := bytes.Clone(full)
	first := trim(t, full)
	for range 5 {
		if !bytes.Equal(first, trim(t, full)) {
			t.Fatal("two runs differ")
		}
	}
	if !bytes.Equal(before, full) {
		t.Error("Trim changed its input")
	}
}

func TestTrimNormalises(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		edits  []edit
		has    []string
		hasNot []string
	}{
		{
			name: "a path parameter with another name is kept",
			edits: []edit{
				remove("UPDATE operationId"),
				set("UPDATE parameters", `[{"name":"A","in":"path","required":true,"schema":{"type":"string"}},{"name":"B","in":"path","required":true,"schema":{"type":"string"}},{"name":"C","in":"path","required":true,"schema":{"type":"string"}}]`),
				move(updatePath, "/{A}/Calls/{B}/Payments/{C}.json"),
			},
			has: []string{`"/{A}/Calls/{B}/Payments/{C}.json"`, `"operationId": "UpdatePayments"`, `"name": "C"`},
		},
		{
			name:   "an operation found by its path gets its name",
			edits:  []edit{set("CREATE operationId", `"StartPayment"`)},
			has:    []string{`"operationId": "CreatePayments"`},
			hasNot: []string{"StartPayment"},
		},
		{
			name:   "another method of the same path is another operation",
			edits:  []edit{remove("CREATE operationId"), set("paths "+createPath+" get", `{"responses":{"200":{"description":"a list"}}}`)},
			has:    []string{`"operationId": "CreatePayments"`, `"post": {`},
			hasNot: []string{`"get"`},
		},
		{
			name:  "an operation is found by its id under another path",
			edits: []edit{move(createPath, "/v/Accounts/{AccountSid}/Calls/{CallSid}/Sessions.json")},
			has:   []string{`/Sessions.json"`, `"operationId": "CreatePayments"`},
		},
		{
			name: "two operations of one path stay together",
			edits: []edit{
				set("paths "+createPath+" put", `{"operationId":"UpdatePayments","responses":{"202":{"description":"a"}},"parameters":[{"$ref":"#/components/parameters/a"},{"$ref":"#/components/parameters/c"}]}`),
				set("components parameters", `{"a":{"name":"AccountSid","in":"path","required":true,"schema":{"type":"string"}},"c":{"name":"CallSid","in":"path","required":true,"schema":{"type":"string"}}}`),
				remove("paths " + updatePath),
			},
			has:    []string{`"operationId": "CreatePayments"`, `"operationId": "UpdatePayments"`, `"put": {`, `"post": {`},
			hasNot: []string{"UpdatePaymentsRequest"},
		},
		{
			name: "the parameter of an operation replaces its path's",
			edits: []edit{
				set("paths "+createPath+" parameters", `[{"name":"CallSid","in":"path","required":true,"schema":{"type":"string","pattern":"of the path"}},{"name":"Extra","in":"query","schema":{"type":"string"}}]`),
			},
			has:    []string{`"name": "Extra"`, `"^CA[0-9a-fA-F]{32}$"`},
			hasNot: []string{"of the path"},
		},
		{
			name:   "no security is a fact",
			edits:  []edit{set("CREATE security", `[]`), set("UPDATE security", `[]`), set("security", `[{"basic":[]}]`)},
			has:    []string{`"security": []`},
			hasNot: []string{"securitySchemes"},
		},
		{
			name:   "no security is left out",
			edits:  []edit{remove("CREATE security"), remove("UPDATE security")},
			hasNot: []string{"security"},
		},
		{
			name:   "empty lists of servers, parameters and required names are left out",
			edits:  []edit{set("servers", `[]`), set("paths "+createPath+" servers", `[]`), set("CREATE servers", `[]`), remove("paths " + updatePath + " servers"), set("RESPONSE required", `[]`)},
			hasNot: []string{"servers", "\"required\": []"},
		},
		{
			name:  "text is not escaped for HTML",
			edits: []edit{set("components schemas payments_enum_capture enum", `["<one> & \u003ctwo\u003e"]`)},
			has:   []string{`"<one> & <two>"`},
		},
		{
			name:  "the name in a reference is unescaped",
			edits: []edit{set("CREATE responses 201 content application/json schema $ref", `"#/components/schemas/call%2Epayments"`)},
			has:   []string{`"#/components/schemas/call.payments"`},
		},
		{
			name:  "enums are named after their property",
			edits: []edit{set("FORM schema properties AVSCheckMode2", `{"enum":["a"]}`), set("FORM schema properties Odd+Name", `{"enum":["b"]}`)},
			has:   []string{`"payments_enum_avs_check_mode2": {`, `"payments_enum_odd_name": {`},
		},
		{
			name:   "only enums of strings are named",
			edits:  []edit{set("FORM schema properties Level", `{"type":"integer","enum":[1,2]}`), set("FORM schema properties Mixed", `{"enum":["a",1]}`)},
			hasNot: []string{"payments_enum_level", "payments_enum_mixed"},
		},
		{
			name:  "equal enums share a name",
			edits: []edit{set("FORM schema properties Capture", `{"type":"string","enum":["first","second"]}`)},
			has:   []string{`"payments_enum_capture": {`},
		},
		{
			name: "two media types share a request",
			edits: []edit{
				set("FORM schema", `{"type":"object"}`),
				set("CREATE requestBody content application/json", `{"schema":{"type":"object"}}`),
			},
			has: []string{`"application/json": {`, `"CreatePaymentsRequest": {`},
		},
		{
			name: "a request may refer to itself",
			edits: []edit{
				set("components schemas CreatePaymentsRequest", `{"type":"object","properties":{"Next":{"$ref":"#/components/schemas/CreatePaymentsRequest"},"Mode":{"type":"string","enum":["a"]}}}`),
				set("FORM schema", `{"$ref":"#/components/schemas/CreatePaymentsRequest"}`),
			},
			has: []string{`"payments_enum_mode": {`},
		},
		{
			name: "a schema without a type may refer to itself and have a default",
			edits: []edit{
				set("components schemas call.payments", `{"default":{"next":null},"properties":{"next":{"$ref":"#/components/schemas/call.payments"}}}`),
			},
			has: []string{`"default": {`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := trim(t, edited(t, test.edits...))
			for _, text := range test.has {
				if !bytes.Contains(got, []byte(text)) {
					t.Errorf("no %s in the output:\n%s", text, got)
				}
			}
			for _, text := range test.hasNot {
				if bytes.Contains(got, []byte(text)) {
					t.Errorf("%s is in the output:\n%s", text, got)
				}
			}
			if diff := cmp.Diff(string(got), string(trim(t, got))); diff != "" {
				t.Errorf("trimmed again (-before +after):\n%s", diff)
			}
		})
	}
}
