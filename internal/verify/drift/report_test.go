package drift_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/verify/drift"
)

// The report on a change of the contract in the tree, as a maintainer reads it.
func TestReport(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		edit    func(object)
		verdict drift.Verdict
		text    string // … matches any text
	}{
		{
			name:    "nothing changes",
			edit:    func(object) {},
			verdict: drift.NoChange,
			text: `
What new.json means for an SDK made from openapi/payments.json

Contract: no change

Go API: no change
  api builds with it

Overlay: …

Verdict: no change
`,
		},
		{
			name: "the vendor adds",
			edit: func(o object) {
				o.schema("payments_enum_capture").add("enum", "pin")
				o.create().in("properties")["Locale"] = map[string]any{"type": "string"}
				o.create().in("properties", "Timeout")["minimum"] = 1
			},
			verdict: drift.Breaking,
			text: `
What new.json means for an SDK made from openapi/payments.json

Contract: 3 changes, 1 breaking
  breaking  CreatePaymentsRequest.Timeout  minimum 1 added  (oasdiff, what-changed: compatible)
                                           → mark it breaking in CHANGELOG.md and say what users have to change; raise the minor version, from 1.0 on the major one
  additive  CreatePaymentsRequest.Locale   added: string  (oasdiff, what-changed)
                                           → say in CHANGELOG.md what is new
  additive  payments_enum_capture          value "pin" added  (oasdiff, what-changed)
                                           → say in CHANGELOG.md what is new

Go API: 2 changes, by apidiff
  compatible  payments.CapturePin: added
  compatible  payments.CreateParams.Locale: added
  api builds with it

Overlay: …
  replaces  CreatePaymentsRequest.Timeout: minimum is 1 upstream, 0 with the overlay

To write by hand
  openapi/overlay.yaml  explain CreatePaymentsRequest.Locale
  openapi/overlay.yaml  explain payments_enum_capture value "pin"

Verdict: breaking
  1 change of the contract is breaking
`,
		},
		{
			name: "the vendor rewords a description",
			edit: func(o object) {
				o.create().in("properties", "ChargeAmount")["description"] = "now in cents!"
				o.in("paths", updatePath)["get"] = map[string]any{"operationId": "FetchPayments"}
			},
			verdict: drift.NoChange,
			text: `
What new.json means for an SDK made from openapi/payments.json

Contract: no change

Go API: no change
  api builds with it

Overlay: …

To read
  new operation  GET /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments/{Sid}.json  → decide whether the SDK needs it; internal/spec leaves it out
  other words    CreatePayments.ChargeAmount  → read them, and change ours in openapi/overlay.yaml if the meaning has changed

Verdict: no change
`,
		},
		{
			name: "a new kind of value",
			edit: func(o object) {
				o.in("components", "schemas")["payments_enum_tone"] = map[string]any{"type": "string", "enum": []any{"low", "high"}}
				o.schema("UpdatePaymentsRequest").in("properties")["Tone"] = map[string]any{"$ref": "#/components/schemas/payments_enum_tone"}
			},
			verdict: drift.Additive,
			text: `
What new.json means for an SDK made from openapi/payments.json

Contract: 2 changes, 0 breaking
  additive  UpdatePaymentsRequest.Tone  added: payments_enum_tone  (oasdiff, what-changed)
                                        → say in CHANGELOG.md what is new
  additive  payments_enum_tone          added: string, one of 2 values  (what-changed)
                                        → say in CHANGELOG.md what is new

Go API: 4 changes, by apidiff
  compatible  payments.Tone: added
  compatible  payments.ToneHigh: added
  compatible  payments.ToneLow: added
  compatible  payments.UpdateParams.Tone: added
  api builds with it

Overlay: …

To write by hand
  openapi/overlay.yaml  explain payments_enum_tone
  openapi/overlay.yaml  explain payments_enum_tone value "low"
  openapi/overlay.yaml  explain payments_enum_tone value "high"

Verdict: additive
  programs of users keep working; make upgrade takes it in, with the lines above written by hand
`,
		},
		{
			name: "an operation takes another argument",
			edit: func(o object) {
				o.operation(createPath).add("parameters", map[string]any{"name": "Edge", "in": "query", "schema": map[string]any{"type": "string"}})
			},
			verdict: drift.Breaking,
			text: `
What new.json means for an SDK made from openapi/payments.json

Contract: 1 change, 0 breaking
  additive  CreatePayments query parameter Edge  added: string, optional  (oasdiff, what-changed)
                                                 → say in CHANGELOG.md what is new

Go API: not generated, generation fails: …parameter Edge in query: the client supports only path parameters and forms…

Overlay: …

Verdict: breaking
  generation fails: …parameter Edge in query: the client supports only path parameters and forms…
`,
		},
		{
			name:    "a text becomes a boolean, which the templates cannot take",
			edit:    func(o object) { o.create().in("properties", "Currency")["type"] = "boolean" },
			verdict: drift.Breaking,
			text: `
What new.json means for an SDK made from openapi/payments.json

Contract: 1 change, 1 breaking
  breaking  CreatePaymentsRequest.Currency  type string → boolean  (oasdiff, what-changed)
                                            → mark it breaking in CHANGELOG.md and say what users have to change; raise the minor version, from 1.0 on the major one

Go API: not generated, the generated code does not compile: generated/payments.gen.go:…

Overlay: …

Verdict: breaking
  1 change of the contract is breaking
  the generated code does not compile: generated/payments.gen.go:…
`,
		},
		{
			name: "the overlay no longer matches",
			edit: func(o object) {
				properties := o.create().in("properties")
				properties["CurrencyCode"] = properties["Currency"]
				delete(properties, "Currency")
			},
			verdict: drift.Breaking,
			text: `
What new.json means for an SDK made from openapi/payments.json

Contract: 2 changes, 1 breaking
  breaking  CreatePaymentsRequest.Currency      removed  (oasdiff, what-changed)
                                                → mark it breaking in CHANGELOG.md and say what users have to change; raise the minor version, from 1.0 on the major one
  additive  CreatePaymentsRequest.CurrencyCode  added: string  (oasdiff, what-changed)
                                                → say in CHANGELOG.md what is new

Go API: not generated, the overlay does not fit

Overlay: …
  fails     action …, target $.components.schemas.CreatePaymentsRequest.properties.Currency, matches nothing: components.schemas.CreatePaymentsRequest.properties has no Currency

Verdict: breaking
  1 change of the contract is breaking
  1 overlay action no longer matches
`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := report(t, loadTree(t), load(t, "new.json", edited(t, contract, test.edit)))
			if r.Verdict() != test.verdict {
				t.Errorf("verdict %s, want %s", r.Verdict(), test.verdict)
			}
			var got strings.Builder
			if err := r.Write(&got); err != nil {
				t.Fatal(err)
			}
			want := strings.Split(strings.TrimPrefix(test.text, "\n"), "\n")
			if diff := cmp.Diff(want, elided(want, strings.Split(got.String(), "\n"))); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}

// elided replaces the parts of lines that are … in want, if the lines agree
// otherwise.
func elided(want, got []string) []string {
	got = slices.Clone(got)
	for i := range min(len(want), len(got)) {
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want[i]), "…", ".*") + "$"
		if regexp.MustCompile(pattern).MatchString(got[i]) {
			got[i] = want[i]
		}
	}
	return got
}

// A document that the overlay does not fit reports which action failed and why,
// and cannot be compared.
func TestDocumentThatTheOverlayDoesNotFit(t *testing.T) {
	t.Parallel()
	cannot := load(t, "made-up.json", edited(t, "testdata/history/2020.json", func(o object) {
		form := o.operation(createPath).in("requestBody", "content", "application/x-www-form-urlencoded", "schema")
		delete(form.in("properties"), "ChargeAmount")
	}))
	const want = "made-up.json: the overlay does not fit: action …, target $.components.schemas.CreatePaymentsRequest.properties.ChargeAmount, " +
		"matches nothing: components.schemas.CreatePaymentsRequest.properties has no ChargeAmount"
	for name, err := range map[string]error{"the document": cannot.Err(), "a comparison": compareError(cannot, loadTree(t))} {
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if diff := cmp.Diff(want, elided([]string{want}, []string{err.Error()})[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func compareError(before, after *drift.Revision) error {
	_, err := drift.Compare(root, before, after)
	return err
}
