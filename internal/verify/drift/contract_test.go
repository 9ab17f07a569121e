package drift_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/verify/drift"
)

// Each tool's view of a change, merged in the report. A tool with ! calls the
// change breaking.
func TestContractChanges(t *testing.T) {
	t.Parallel()
	properties := func(o object) object { return o.create().in("properties") }
	tests := []struct {
		name string
		edit func(object)
		want []string
	}{
		{"nothing", func(object) {}, nil},
		{"another version of the whole API", func(o object) { o.in("info")["version"] = "2.0.0" }, nil},
		{
			"a number becomes text, which oasdiff calls compatible in a form",
			func(o object) { properties(o)["ChargeAmount"] = map[string]any{"type": "string"} },
			[]string{"breaking | CreatePaymentsRequest.ChargeAmount | type number → string | oasdiff what-changed!"},
		},
		{
			"a path parameter is renamed, which oasdiff does not see",
			func(o object) {
				o.operation(createPath).parameter(1)["name"] = "LegSid"
				paths := o.in("paths")
				paths["/2010-04-01/Accounts/{AccountSid}/Calls/{LegSid}/Payments.json"] = paths[createPath]
				delete(paths, createPath)
			},
			[]string{"breaking | path " + createPath + " | path parameter renamed: {CallSid} → {LegSid} | what-changed!"},
		},
		{
			"a text becomes an enum, which what-changed calls compatible",
			func(o object) { properties(o).in("Currency")["enum"] = []any{"USD", "EUR"} },
			[]string{
				"breaking | CreatePaymentsRequest.Currency | request property Currency was restricted to a list of enum values | oasdiff!",
				"compatible | CreatePaymentsRequest.Currency | its own schema → payments_enum_currency | what-changed",
				"compatible | payments_enum_currency | added: string, one of 2 values | what-changed",
			},
		},
		{
			"an enum becomes text",
			func(o object) {
				properties(o)["TokenType"] = map[string]any{"type": "string"}
				delete(o.in("components", "schemas"), "payments_enum_token_type")
			},
			[]string{
				"breaking | payments_enum_token_type | removed | oasdiff what-changed!",
				"compatible | CreatePaymentsRequest.TokenType | payments_enum_token_type → its own schema | what-changed",
				"compatible | CreatePaymentsRequest.TokenType | removed the enum constraint from the request property TokenType | oasdiff",
			},
		},
		{
			"a new optional property",
			func(o object) { properties(o)["Locale"] = map[string]any{"type": "string"} },
			[]string{"compatible | CreatePaymentsRequest.Locale | added: string | oasdiff what-changed"},
		},
		{
			"a new required property",
			func(o object) {
				properties(o)["Locale"] = map[string]any{"type": "string"}
				o.create().add("required", "Locale")
			},
			[]string{"breaking | CreatePaymentsRequest.Locale | added: string, required | oasdiff! what-changed!"},
		},
		{
			"a property becomes required",
			func(o object) { o.create().add("required", "Currency") },
			[]string{"breaking | CreatePaymentsRequest.Currency | required now | oasdiff! what-changed!"},
		},
		{
			"a property becomes optional",
			func(o object) { o.create().remove("required", "StatusCallback") },
			[]string{"breaking | CreatePaymentsRequest.StatusCallback | optional now | oasdiff what-changed!"},
		},
		{
			"a property is removed",
			func(o object) { delete(properties(o), "Currency") },
			[]string{"breaking | CreatePaymentsRequest.Currency | removed | oasdiff! what-changed!"},
		},
		{
			"a value is added to an enum",
			func(o object) { o.schema("payments_enum_capture").add("enum", "pin") },
			[]string{`compatible | payments_enum_capture | value "pin" added | oasdiff what-changed`},
		},
		{
			"a value is removed from an enum",
			func(o object) { o.schema("payments_enum_capture").remove("enum", "postal-code") },
			[]string{`breaking | payments_enum_capture | value "postal-code" removed | oasdiff! what-changed!`},
		},
		{
			"a response's property is removed, which oasdiff calls compatible",
			func(o object) { delete(o.schema("api.v2010.account.call.payments").in("properties"), "sid") },
			[]string{"breaking | api.v2010.account.call.payments.sid | removed | oasdiff what-changed!"},
		},
		{
			"a bound",
			func(o object) { properties(o).in("Timeout")["maximum"] = 300 },
			[]string{"breaking | CreatePaymentsRequest.Timeout | maximum 300 added | oasdiff! what-changed"},
		},
		{
			"a default",
			func(o object) { properties(o).in("Currency")["default"] = "USD" },
			[]string{"compatible | CreatePaymentsRequest.Currency | default USD added | oasdiff what-changed"},
		},
		{
			"a deprecation",
			func(o object) { properties(o).in("Input")["deprecated"] = true },
			[]string{"compatible | CreatePaymentsRequest.Input | deprecated true added | oasdiff what-changed"},
		},
		{
			"the pattern of a path parameter",
			func(o object) {
				o.operation(createPath).parameter(1)["schema"].(map[string]any)["pattern"] = "^CA[0-9a-f]{32}$"
			},
			[]string{"breaking | CreatePayments path parameter CallSid | pattern ^CA[0-9a-fA-F]{32}$ → ^CA[0-9a-f]{32}$ | oasdiff! what-changed!"},
		},
		{
			"a query parameter",
			func(o object) {
				o.operation(createPath).add("parameters", map[string]any{"name": "Edge", "in": "query", "schema": map[string]any{"type": "string"}})
			},
			[]string{"compatible | CreatePayments query parameter Edge | added: string, optional | oasdiff what-changed"},
		},
		{
			"a required header",
			func(o object) {
				o.operation(updatePath).add("parameters", map[string]any{"name": "X-Key", "in": "header", "required": true, "schema": map[string]any{"type": "string"}})
			},
			[]string{"breaking | UpdatePayments header parameter X-Key | added: string, required | oasdiff! what-changed!"},
		},
		{
			"the status of a response",
			func(o object) {
				responses := o.operation(createPath).in("responses")
				responses["200"] = responses["201"]
				delete(responses, "201")
			},
			[]string{
				"breaking | CreatePayments response 201 | removed | oasdiff! what-changed!",
				"compatible | CreatePayments response 200 | added | oasdiff what-changed",
			},
		},
		{
			"another host, which oasdiff does not see",
			func(o object) {
				o.in("paths", createPath)["servers"] = []any{map[string]any{"url": "https://pay.example.com"}}
			},
			[]string{
				"breaking | path " + createPath + " server https://api.twilio.com | removed | what-changed!",
				"compatible | path " + createPath + " server https://pay.example.com | added | what-changed",
			},
		},
		{
			"no credentials needed",
			func(o object) { o.operation(createPath).add("security", map[string]any{}) },
			[]string{"compatible | CreatePayments | the endpoint now allows anonymous access | oasdiff what-changed"},
		},
	}
	before := read(t, contract)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			changes, err := drift.CompareContracts(before, edited(t, contract, test.edit))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, contractLines(changes)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

// Each change is also found in reverse, as a change of the same elements.
func TestContractChangesBackwards(t *testing.T) {
	t.Parallel()
	before := read(t, contract)
	after := edited(t, contract, func(o object) {
		o.create().in("properties")["Locale"] = map[string]any{"type": "string"}
		o.schema("payments_enum_capture").add("enum", "pin")
		o.create().in("properties", "ChargeAmount")["type"] = "string"
	})
	changes, err := drift.CompareContracts(after, before)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"breaking | CreatePaymentsRequest.ChargeAmount | type string → number | oasdiff! what-changed!",
		"breaking | CreatePaymentsRequest.Locale | removed | oasdiff! what-changed!",
		`breaking | payments_enum_capture | value "pin" removed | oasdiff! what-changed!`,
	}
	if diff := cmp.Diff(want, contractLines(changes)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestInvalidContract(t *testing.T) {
	t.Parallel()
	good := read(t, contract)
	for name, pair := range map[string][2][]byte{
		"before": {[]byte(`{}`), good},
		"after":  {good, []byte(`{"openapi":"3.0.1","paths":{}}`)},
	} {
		if changes, err := drift.CompareContracts(pair[0], pair[1]); err == nil {
			t.Errorf("%s: no error, but %v", name, changes)
		}
	}
}
