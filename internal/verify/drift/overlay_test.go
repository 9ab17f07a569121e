package drift_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/twiliopay/twiliopay-go/internal/verify/drift"
)

func TestFitOverlay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		edit    func(object)
		leftOut []string
		failed  []string
	}{
		{name: "the contract in the tree", edit: func(object) {}},
		{
			name:   "a property is missing",
			edit:   func(o object) { delete(o.create().in("properties"), "Currency") },
			failed: []string{"$.components.schemas.CreatePaymentsRequest.properties.Currency: components.schemas.CreatePaymentsRequest.properties has no Currency"},
		},
		{
			name: "a path parameter is renamed",
			edit: func(o object) {
				paths := o.in("paths")
				for _, at := range []string{createPath, updatePath} {
					o.operation(at).parameter(1)["name"] = "LegSid"
					paths[strings.Replace(at, "CallSid", "LegSid", 1)] = paths[at]
					delete(paths, at)
				}
			},
			failed: []string{
				"$.paths['" + createPath + "'].post: paths has no ['" + createPath + "']",
				"$.paths['" + updatePath + "'].post: paths has no ['" + updatePath + "']",
				"$.paths[*].post.parameters[?(@.name == 'CallSid')]: paths[*].post.parameters has no [?(@.name == 'CallSid')]",
			},
		},
		{
			name: "a response is renamed",
			edit: func(o object) {
				const name = "api.v2010.account.call.payments"
				o.in("components", "schemas")["session"] = o.schema(name)
				delete(o.in("components", "schemas"), name)
				for at, status := range map[string]string{createPath: "201", updatePath: "202"} {
					o.operation(at).in("responses", status, "content", "application/json")["schema"] = map[string]any{"$ref": "#/components/schemas/session"}
				}
			},
			failed: []string{
				"$.components.schemas['api.v2010.account.call.payments']: components.schemas has no ['api.v2010.account.call.payments']",
				"$.components.schemas['api.v2010.account.call.payments'].properties.sid: components.schemas has no ['api.v2010.account.call.payments']",
				"$.components.schemas['api.v2010.account.call.payments'].properties.call_sid: components.schemas has no ['api.v2010.account.call.payments']",
				"$.components.schemas['api.v2010.account.call.payments'].properties.account_sid: components.schemas has no ['api.v2010.account.call.payments']",
				"$.components.schemas['api.v2010.account.call.payments'].properties.uri: components.schemas has no ['api.v2010.account.call.payments']",
				"$.components.schemas['api.v2010.account.call.payments'].properties.date_created: components.schemas has no ['api.v2010.account.call.payments']",
				"$.components.schemas['api.v2010.account.call.payments'].properties.date_updated: components.schemas has no ['api.v2010.account.call.payments']",
			},
		},
		{
			name: "later targets are missing, and an earlier one too",
			edit: func(o object) {
				delete(o.create().in("properties"), "RequireMatchingInputs")
				delete(o.create().in("properties"), "Input")
			},
			leftOut: []string{"$.components.schemas.CreatePaymentsRequest.properties.RequireMatchingInputs: components.schemas.CreatePaymentsRequest.properties has no RequireMatchingInputs"},
			failed:  []string{"$.components.schemas.CreatePaymentsRequest.properties.Input: components.schemas.CreatePaymentsRequest.properties has no Input"},
		},
	}
	actions := read(t, overlay)
	targets := targetsOf(t, actions)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fit, err := drift.FitOverlay(actions, edited(t, contract, test.edit))
			if err != nil {
				t.Fatal(err)
			}
			lines := func(missed []drift.Action, leftOut bool) []string {
				var lines []string
				for _, action := range missed {
					lines = append(lines, action.Target+": "+action.Why)
					if targets[action.Number-1] != action.Target {
						t.Errorf("action %d is not %s", action.Number, action.Target)
					}
					if (action.Since != "") != leftOut {
						t.Errorf("%s: x-since is %q", action.Target, action.Since)
					}
				}
				return lines
			}
			if diff := cmp.Diff(test.leftOut, lines(fit.LeftOut, true)); diff != "" {
				t.Errorf("left out (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.failed, lines(fit.Failed, false)); diff != "" {
				t.Errorf("failed (-want +got):\n%s", diff)
			}
			if fit.Actions != len(targets) {
				t.Errorf("%d actions, want %d", fit.Actions, len(targets))
			}
			if err := fit.Err(); (err != nil) != (len(test.failed) > 0) {
				t.Errorf("error %v with %d failures", err, len(test.failed))
			}
		})
	}
}

// targetsOf reads the targets of an overlay without the overlay library.
func targetsOf(t *testing.T, text []byte) []string {
	t.Helper()
	var doc struct{ Actions []struct{ Target string } }
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, action := range doc.Actions {
		targets = append(targets, action.Target)
	}
	if len(targets) < 30 {
		t.Fatalf("only %d actions: this test would show little", len(targets))
	}
	return targets
}

// An action may match what an earlier action added.
func TestFitOverlayAppliesInOrder(t *testing.T) {
	t.Parallel()
	const head = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
	const adds = "- target: $.components.schemas\n  update: {made_up: {type: object, properties: {a: {type: string}}}}\n"
	const uses = "- target: $.components.schemas.made_up.properties.a\n  update: {description: x}\n"
	for name, test := range map[string]struct {
		text   string
		failed int
	}{
		"added before": {head + adds + uses, 0},
		"added after":  {head + uses + adds, 1},
	} {
		fit, err := drift.FitOverlay([]byte(test.text), read(t, contract))
		if err != nil {
			t.Fatal(err)
		}
		if len(fit.Failed) != test.failed {
			t.Errorf("%s: %v", name, fit.Failed)
		}
	}
}

func TestInvalidOverlay(t *testing.T) {
	t.Parallel()
	const head = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
	for name, test := range map[string]struct{ text, want string }{
		"not YAML":          {"{", "overlay: "},
		"not an overlay":    {"openapi: 3.0.1", "overlay: "},
		"not JSONPath":      {head + "- target: '$['\n  update: {a: 1}\n", "overlay: action 1, target $[: "},
		"the second action": {head + "- target: $.info\n  update: {a: 1}\n- target: '$[('\n  update: {a: 1}\n", "overlay: action 2, target $[(: "},
	} {
		if _, err := drift.FitOverlay([]byte(test.text), read(t, contract)); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %s…", name, err, test.want)
		}
	}
	if _, err := drift.FitOverlay(read(t, overlay), []byte(`{"openapi":"3.0.1"}`)); err == nil {
		t.Error("a document without operations fits")
	}
}
