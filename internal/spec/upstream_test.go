package spec_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

// past returns the vendor's past contracts, trimmed; each file is named after the day
// and the commit of its document.
func past(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/history/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files
}

// Past contracts are as this package trims them, have the same paths and at least the
// same components, and hold no prose.
func TestPastContracts(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^\d{4}-\d{2}-\d{2}_[0-9a-f]{7}\.json$`)
	const base = "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments"
	for _, file := range past(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			if !name.MatchString(filepath.Base(file)) {
				t.Error("the name is not day_commit.json")
			}
			doc := read(t, file)
			if diff := cmp.Diff(string(doc), string(trim(t, doc))); diff != "" {
				t.Errorf("trimming again changes it (-is +should be):\n%s", diff)
			}
			var trimmed struct {
				Paths      map[string]any
				Components struct{ Schemas map[string]any }
			}
			if err := json.Unmarshal(doc, &trimmed); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{base + ".json", base + "/{Sid}.json"}, slices.Sorted(maps.Keys(trimmed.Paths))); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
			for _, schema := range []string{"CreatePaymentsRequest", "UpdatePaymentsRequest", "api.v2010.account.call.payments", "payments_enum_capture"} {
				if trimmed.Components.Schemas[schema] == nil {
					t.Errorf("no schema %s", schema)
				}
			}
			walk(decoded(t, doc), func(key string, v any) {
				if text, _ := v.(string); text != "" && !slices.Contains([]string{http.StatusText(http.StatusCreated), http.StatusText(http.StatusAccepted)}, text) &&
					slices.Contains([]string{"description", "summary", "example"}, key) {
					t.Errorf("%s: %q is prose", key, text)
				}
			})
		})
	}
}

func decoded(t *testing.T, doc []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func walk(v any, visit func(key string, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for key, v := range v {
			visit(key, v)
			walk(v, visit)
		}
	case []any:
		for _, v := range v {
			visit("", v)
			walk(v, visit)
		}
	}
}

// The committed contract is a trimmed document, and its origin is recorded as
// NewProvenance records it.
func TestCommittedContract(t *testing.T) {
	t.Parallel()
	text := read(t, "../../openapi/upstream.json")
	var recorded spec.Provenance
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	again, err := recorded.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(again)); diff != "" {
		t.Errorf("upstream.json was not written by trimspec (-is +should be):\n%s", diff)
	}
	if len(recorded.SHA256) != 64 || recorded.Source == "" || recorded.Commit == "" || recorded.Date == "" {
		t.Errorf("upstream.json is incomplete: %+v, want SHA256, Source, Commit and Date", recorded)
	}
}
