package drift_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/verify/drift"
)

// The effect of a change on programs that use the SDK, and the rule by which it
// is not breaking although a tool says so. Each rule has a row to which it
// applies and one to which it must not.
func TestEffectOnUsers(t *testing.T) {
	t.Parallel()
	properties := func(o object) object { return o.create().in("properties") }
	session := func(o object) object { return o.schema("api.v2010.account.call.payments").in("properties") }
	body := func(o object) object { return o.operation(createPath).in("requestBody") }
	tests := []struct {
		name string
		edit func(object)
		want []string // element | level, rule
	}{
		{"a field of a request may be left out", func(o object) { o.create().remove("required", "StatusCallback") },
			[]string{"CreatePaymentsRequest.StatusCallback | no effect, may-be-left-out"}},
		{"a field of a request must be sent", func(o object) { o.create().add("required", "Currency") },
			[]string{"CreatePaymentsRequest.Currency | breaking"}},
		{"the upper bound that the overlay has", func(o object) { properties(o).in("Timeout")["maximum"] = 600 },
			[]string{"CreatePaymentsRequest.Timeout | no effect, overlay-bound"}},
		{"an upper bound below the overlay's", func(o object) { properties(o).in("Timeout")["maximum"] = 300 },
			[]string{"CreatePaymentsRequest.Timeout | breaking"}},
		{"the overlay's upper bound without its value", func(o object) {
			properties(o).in("Timeout")["maximum"], properties(o).in("Timeout")["exclusiveMaximum"] = 600, true
		}, []string{"CreatePaymentsRequest.Timeout | breaking", "CreatePaymentsRequest.Timeout | breaking"}},
		{"a lower bound above the overlay's", func(o object) { properties(o).in("Timeout")["minimum"] = 10 },
			[]string{"CreatePaymentsRequest.Timeout | breaking"}},
		{"a lower bound below the overlay's", func(o object) { properties(o).in("Timeout")["minimum"] = -1 },
			[]string{"CreatePaymentsRequest.Timeout | no effect, overlay-bound"}},
		{"a length that no value has", func(o object) { properties(o).in("Description")["maxLength"] = 20 },
			[]string{"CreatePaymentsRequest.Description | breaking"}},
		{"a pattern that no value has", func(o object) { properties(o).in("Description")["pattern"] = "^a$" },
			[]string{"CreatePaymentsRequest.Description | breaking"}},
		{"a body that must be sent", func(o object) { body(o)["required"] = true },
			[]string{"CreatePayments request | no effect, body-is-sent"}},
		{"an allOf around a reference", func(o object) {
			properties(o)["TokenType"] = map[string]any{"allOf": []any{properties(o)["TokenType"]}}
		}, nil},
		{"a response type with a charset", func(o object) {
			content := o.operation(createPath).in("responses", "201", "content")
			content["application/json; charset=utf-8"] = content["application/json"]
			delete(content, "application/json")
		}, nil},
		{"another kind of response", func(o object) {
			content := o.operation(createPath).in("responses", "201", "content")
			content["application/xml"] = content["application/json"]
			delete(content, "application/json")
		}, []string{
			"CreatePayments response 201 application/json | breaking",
			"CreatePayments response 201 application/xml | additive",
		}},
		{"a version of the format", func(o object) { o["openapi"] = "3.0.3" },
			[]string{"document | no effect, version"}},
		{"a response that may be null", func(o object) { delete(session(o).in("uri"), "nullable") },
			[]string{"api.v2010.account.call.payments.uri | no effect, responses-are-read-tolerantly"}},
		{"a response of a length", func(o object) { session(o).in("uri")["maxLength"] = 10 },
			[]string{"api.v2010.account.call.payments.uri | no effect, responses-are-read-tolerantly"}},
		{"a response with SIDs of another format", func(o object) { session(o).in("sid")["pattern"] = "^PX[0-9a-f]{32}$" },
			[]string{"api.v2010.account.call.payments.sid | breaking"}},
		{"a response of another type", func(o object) { session(o).in("sid")["type"] = "integer" },
			[]string{"api.v2010.account.call.payments.sid | breaking"}},
		{"another status of success", func(o object) {
			responses := o.operation(createPath).in("responses")
			responses["200"] = responses["201"]
			delete(responses, "201")
		}, []string{"CreatePayments response 201 | no effect, any-2xx", "CreatePayments response 200 | additive"}},
		{"no status of success", func(o object) {
			responses := o.operation(createPath).in("responses")
			responses["404"] = responses["201"]
			delete(responses, "201")
		}, []string{"CreatePayments response 201 | breaking", "CreatePayments response 404 | no effect, errors-need-no-schema"}},
		{"a field of a request that may not be null", func(o object) { properties(o).in("Currency")["nullable"] = true },
			[]string{"CreatePaymentsRequest.Currency | no effect, nothing-is-sent-as-null"}},
		{"a type that the overlay sets", func(o object) { properties(o).in("Parameter")["type"] = "object" },
			[]string{"CreatePaymentsRequest.Parameter | no effect, overlay-type"}},
		{"a type that the overlay does not set", func(o object) { properties(o).in("Description")["type"] = "integer" },
			[]string{"CreatePaymentsRequest.Description | breaking"}},
		{"a removed value", func(o object) { o.schema("payments_enum_capture").add("enum", "pin") },
			[]string{"payments_enum_capture | additive"}},
		{"another host", func(o object) {
			o.in("paths", createPath)["servers"] = []any{map[string]any{"url": "https://pay.example.com"}}
		}, []string{
			"path " + createPath + " server https://api.twilio.com | breaking",
			"path " + createPath + " server https://pay.example.com | additive",
		}},
	}
	actions, before := read(t, overlay), read(t, contract)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			changes, err := drift.CompareForUsers(actions, before, edited(t, contract, test.edit))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range changes {
				level := "additive"
				switch {
				case c.Rule != "":
					level = "no effect, " + c.Rule
				case c.Breaks():
					level = "breaking"
				}
				got = append(got, fmt.Sprintf("%s | %s", c.Element, level))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
