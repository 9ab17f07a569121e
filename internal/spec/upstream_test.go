package spec_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

// upstream lists the vendor's own documents, full and historical, which lie
// beside a checkout of the maintainers and are not part of the module.
func upstream(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*.json", "history/*.json"} {
		found, err := filepath.Glob(filepath.Join("../../../shared/upstream", pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	t.Logf("%d documents of the vendor at hand", len(files))
	return files
}

// The vendor's documents come out with the same paths and components, whatever
// form they had, and none of their prose comes along.
func TestTrimOfVendorDocuments(t *testing.T) {
	t.Parallel()
	const base = "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments"
	wantPaths := []string{base + ".json", base + "/{Sid}.json"}
	wantSchemas := []string{
		"CreatePaymentsRequest", "UpdatePaymentsRequest", "api.v2010.account.call.payments",
		"payments_enum_bank_account_type", "payments_enum_capture", "payments_enum_payment_method",
		"payments_enum_status", "payments_enum_token_type",
	}
	for _, name := range upstream(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			doc := read(t, name)
			got := trim(t, doc)
			if !bytes.Equal(got, trim(t, got)) {
				t.Error("trimming again changes it")
			}
			var trimmed struct {
				Paths      map[string]any
				Components struct{ Schemas map[string]any }
			}
			if err := json.Unmarshal(got, &trimmed); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantPaths, slices.Sorted(maps.Keys(trimmed.Paths))); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
			delete(trimmed.Components.Schemas, "payments_enum_confirmation") // since 2026
			if diff := cmp.Diff(wantSchemas, slices.Sorted(maps.Keys(trimmed.Components.Schemas))); diff != "" {
				t.Errorf("schemas (-want +got):\n%s", diff)
			}
			noProse(t, doc, got)
		})
	}
}

// noProse looks for the texts of the document in what was trimmed from it.
func noProse(t *testing.T, doc, trimmed []byte) {
	t.Helper()
	prose := map[string]bool{}
	walk(decoded(t, doc), func(key string, v any) {
		if text, _ := v.(string); text != "" && (key == "description" || key == "summary" || key == "example") {
			prose[text] = true
		}
	})
	if len(prose) == 0 {
		t.Error("the document has no prose: this test would show nothing")
	}
	allowed := []string{http.StatusText(http.StatusCreated), http.StatusText(http.StatusAccepted)}
	walk(decoded(t, trimmed), func(key string, v any) {
		text, _ := v.(string)
		if prose[text] && !slices.Contains(allowed, text) {
			t.Errorf("%s: %q is prose", key, text)
		}
		if slices.Contains([]string{"summary", "example", "examples", "headers", "tags"}, key) || strings.HasPrefix(key, "x-") {
			t.Errorf("keyword %s is in the output", key)
		}
	})
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

// The contract in the tree is what the document it names is trimmed to, and
// is named as NewProvenance names it.
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
		t.Errorf("upstream.json leaves something open: %+v", recorded)
	}
	for _, name := range upstream(t) {
		doc := read(t, name)
		provenance, err := spec.NewProvenance(doc, spec.Claim{})
		if err != nil {
			t.Fatal(err)
		}
		if provenance.SHA256 != recorded.SHA256 {
			continue
		}
		if diff := cmp.Diff(recorded, provenance); diff != "" {
			t.Errorf("upstream.json (-is +should be):\n%s", diff)
		}
		if diff := cmp.Diff(string(read(t, "../../openapi/payments.json")), string(trim(t, doc))); diff != "" {
			t.Errorf("payments.json (-is +should be):\n%s", diff)
		}
	}
}
