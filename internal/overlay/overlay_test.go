package overlay_test

import (
	"os"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/overlay"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../openapi/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The overlay fits the current document.
func TestFits(t *testing.T) {
	t.Parallel()
	if _, err := overlay.Apply([]byte(read(t, "overlay.yaml")), []byte(read(t, "payments.json"))); err != nil {
		t.Fatal(err)
	}
}

// Everything that the vendor removes is reported in one run, by line and target, with
// its purpose and what to do.
func TestRemovedTargetsAreReported(t *testing.T) {
	t.Parallel()
	text := read(t, "overlay.yaml")
	for name, tt := range map[string]struct {
		rename [2]string
		want   []string
	}{
		"a parameter": {[2]string{`"Currency"`, `"CurrencyCode"`}, []string{
			"target $.components.schemas.CreatePaymentsRequest.properties.Currency matches nothing: components.schemas.CreatePaymentsRequest.properties has no Currency. It gave documentation. If the vendor renamed it, change the target; if the vendor removed it, remove the action",
		}},
		"a schema": {[2]string{"payments_enum_status", "payments_status"}, []string{
			"target $.components.schemas.payments_enum_status matches nothing: components.schemas has no payments_enum_status. It gave the Go name Status, documentation of the values, documentation.",
		}},
		"a value": {[2]string{`"payment-method"`, `"pm"`}, []string{
			`$.components.schemas.payments_enum_token_type no longer has the value "payment-method". Remove its line under x-enum-docs`,
		}},
		"a newer field": {[2]string{`"RequireMatchingInputs"`, `"Matching"`}, []string{
			"properties has no RequireMatchingInputs; the vendor added it on 2026-03-10. It gave the Go type wire.CommaList[Capture], documentation.",
		}},
	} {
		document := strings.ReplaceAll(read(t, "payments.json"), tt.rename[0], tt.rename[1])
		err := overlay.Check([]byte(text), []byte(document))
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nlacks %s", name, err, want)
			}
		}
		line, _, _ := strings.Cut(strings.TrimPrefix(err.Error()[strings.Index(err.Error(), "overlay.yaml:"):], "overlay.yaml:"), ":")
		if n := strings.Count(err.Error(), "\n"); n != 1 {
			t.Errorf("%s: %d lines, want one per misfit: %v", name, n, err)
		}
		at := strings.Split(text, "\n")
		if number := atoi(line); number < 1 || !strings.Contains(at[number-1], "- target: ") {
			t.Errorf("%s: line %s is not an action", name, line)
		}
	}
}

// A component of the vendor is not merged with one that the overlay adds.
func TestCollisionIsRefused(t *testing.T) {
	t.Parallel()
	document := strings.Replace(read(t, "payments.json"), `"schemas": {`, `"schemas": {"status_event": {"type": "object"},`, 1)
	_, err := overlay.Apply([]byte(read(t, "overlay.yaml")), []byte(document))
	if err == nil || !strings.Contains(err.Error(), `now has its own component "status_event"`) {
		t.Errorf("%v, want an error that names the component", err)
	}
}

func atoi(s string) (n int) {
	for _, c := range s {
		n = 10*n + int(c-'0')
	}
	return n
}
