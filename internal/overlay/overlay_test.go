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

// The overlay fits the document of today.
func TestFits(t *testing.T) {
	t.Parallel()
	if _, err := overlay.Apply([]byte(read(t, "overlay.yaml")), []byte(read(t, "payments.json"))); err != nil {
		t.Fatal(err)
	}
}

// Whatever goes away is told by line and target, with what it was for and what
// to do, all of it in one run.
func TestWhatGoesAwayIsTold(t *testing.T) {
	t.Parallel()
	text := read(t, "overlay.yaml")
	for name, tt := range map[string]struct {
		rename [2]string
		want   []string
	}{
		"a parameter": {[2]string{`"Currency"`, `"CurrencyCode"`}, []string{
			"target $.components.schemas.CreatePaymentsRequest.properties.Currency matches nothing: components.schemas.CreatePaymentsRequest.properties has no Currency. It gave documentation. If the vendor renamed it, change the target; if it is gone, remove the action",
		}},
		"a schema": {[2]string{"payments_enum_status", "payments_status"}, []string{
			"target $.components.schemas.payments_enum_status matches nothing: components.schemas has no payments_enum_status. It gave the Go name Status, documentation of the values, documentation.",
		}},
		"a value": {[2]string{`"payment-method"`, `"pm"`}, []string{
			`$.components.schemas.payments_enum_token_type has no value "payment-method" any more. Remove its line under x-enum-docs`,
		}},
		"a younger field": {[2]string{`"RequireMatchingInputs"`, `"Matching"`}, []string{
			"properties has no RequireMatchingInputs; the vendor has it since 2026-03-10. It gave the Go type wire.CommaList[Capture], documentation.",
		}},
	} {
		document := strings.ReplaceAll(read(t, "payments.json"), tt.rename[0], tt.rename[1])
		err := overlay.Check([]byte(text), []byte(document))
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nlacks %s", name, err, want)
			}
		}
		line, _, _ := strings.Cut(strings.TrimPrefix(err.Error()[strings.Index(err.Error(), "overlay.yaml:"):], "overlay.yaml:"), ":")
		if n := strings.Count(err.Error(), "\n"); n != 1 {
			t.Errorf("%s: %d lines, want one for what does not fit: %v", name, n, err)
		}
		at := strings.Split(text, "\n")
		if number := atoi(line); number < 1 || !strings.Contains(at[number-1], "- target: ") {
			t.Errorf("%s: line %s is no action", name, line)
		}
	}
}

// A component of the vendor's does not melt into one that the overlay adds.
func TestCollisionIsRefused(t *testing.T) {
	t.Parallel()
	document := strings.Replace(read(t, "payments.json"), `"schemas": {`, `"schemas": {"status_event": {"type": "object"},`, 1)
	_, err := overlay.Apply([]byte(read(t, "overlay.yaml")), []byte(document))
	if err == nil || !strings.Contains(err.Error(), `has a component "status_event" of its own now`) {
		t.Errorf("%v", err)
	}
}

func atoi(s string) (n int) {
	for _, c := range s {
		n = 10*n + int(c-'0')
	}
	return n
}
