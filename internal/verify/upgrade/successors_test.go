package upgrade_test

import "strings"

// object is any JSON object of the document.
type object = map[string]any

// change turns today's document into a successor.
type change func(object)

// successor is a made-up document and the expected result.
type successor struct {
	name     string
	change   change
	overlay  func(string) string // for what only the overlay describes
	want     []found
	whole    bool // run every test
	separate bool // not in the document with all changes
}

// found is a text in a file.
type found struct{ file, text string }

const (
	names = "api/payments/zz_contract.gen.go"
	rules = "generated/rules/rules.gen.go"
	full  = "internal/golden/testdata/create-every-field.http"
)

var successors = []successor{
	{
		name: "optional texts: with a greatest length, with patterns, and an object of names and text",
		change: func(doc object) {
			field("CreatePaymentsRequest", "InvoiceNumber", object{"type": "string", "maxLength": 64})(doc)
			field("CreatePaymentsRequest", "ProfileSid", object{"type": "string", "pattern": "^PR[0-9a-f]{32}$", "minLength": 34, "maxLength": 34})(doc)
			field("UpdatePaymentsRequest", "Reference", object{"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"})(doc)
			field("UpdatePaymentsRequest", "Metadata", object{})(doc)
		},
		want: []found{
			{names, "[generated.CreateParams.InvoiceNumber]"}, {rules, `{Name: "InvoiceNumber", MaxLength: 64}`}, {full, "&InvoiceNumber="},
			{rules, `{Set: "P", Count: 1}, {Set: "R", Count: 1}`}, {rules, `regexp.MustCompile("^[A-Z]{2}-[0-9]+$")`},
			{"generated/payments.gen.go", "Metadata wire.Parameters"},
		},
	},
	{
		name: "a capture",
		change: func(doc object) {
			enum := schema(doc, "payments_enum_capture")
			enum["enum"] = append(enum["enum"].([]any), "account-holder-name")
		},
		want: []found{
			{names, "CaptureAccountHolderName = generated.CaptureAccountHolderName"}, {rules, `"account-holder-name"`},
			{"internal/golden/testdata/update-account-holder-name.http", "Capture=account-holder-name"},
		},
	},
	{
		name: "properties of the response",
		change: func(doc object) {
			field("api.v2010.account.call.payments", "connector", object{"type": "string", "nullable": true})(doc)
			field("api.v2010.account.call.payments", "attempts", object{"type": "integer", "nullable": true})(doc)
		},
		want: []found{{names, "[generated.Session.Connector]"}, {names, "[generated.Session.Attempts]"}},
	},
	{
		name: "an amount, a number and a switch, with bounds",
		change: func(doc object) {
			field("CreatePaymentsRequest", "TipAmount", object{"type": "number", "minimum": 1, "maximum": 500})(doc)
			field("CreatePaymentsRequest", "Attempts", object{"type": "integer", "minimum": 1, "maximum": 9})(doc)
			field("CreatePaymentsRequest", "Receipt", object{"type": "boolean"})(doc)
		},
		want: []found{
			{"generated/payments.gen.go", "TipAmount wire.Amount"}, {"generated/payments.gen.go", "Receipt *bool"}, {full, "Attempts="},
			{rules, `{Name: "TipAmount", Maximum: rule.Bound{Value: "500"}, Minimum: rule.Bound{Value: "1"}}`},
		},
	},
	{
		name: "an enum",
		change: func(doc object) {
			doc["components"].(object)["schemas"].(object)["payments_enum_voice_tone"] = object{"type": "string", "enum": []any{"calm", "clear"}}
			field("CreatePaymentsRequest", "Tone", object{"$ref": "#/components/schemas/payments_enum_voice_tone"})(doc)
		},
		want: []found{{names, "VoiceToneCalm = generated.VoiceToneCalm"}, {rules, `{Name: "Tone", Enum: []string{"calm", "clear"}}`}},
	},
	{
		name:     "a parameter of callbacks",
		change:   func(object) {},
		separate: true,
		overlay: func(text string) string {
			return strings.Replace(text, "          PaymentError:\n", "          AccountHolderName:\n            type: string\n"+
				"            description: is the name of the account's holder.\n          PaymentError:\n", 1)
		},
		want: []found{{"generated/payments.gen.go", "AccountHolderName wire.Hidden[string]"}},
	},
}

// field adds a property to a schema.
func field(of, name string, property object) change {
	return func(doc object) { schema(doc, of)["properties"].(object)[name] = property }
}

func schema(doc object, name string) object {
	return doc["components"].(object)["schemas"].(object)[name].(object)
}
