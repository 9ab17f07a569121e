package prism

import (
	"slices"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/keyword"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
	"github.com/twiliopay/twiliopay-go/internal/verify/vectors"
)

// Prism is right about every keyword of the contract, apart from its known
// faults.
func TestKeywordCases(t *testing.T) {
	t.Parallel()
	for _, document := range []string{validators.Vendor, validators.Merged} {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			p := start(t, document)
			text, err := validators.Document(document)
			if err != nil {
				t.Fatal(err)
			}
			all, err := keyword.Cases(text)
			if err != nil {
				t.Fatal(err)
			}
			var cases []vectors.Vector
			for _, c := range all {
				if c.In == keyword.InPath || c.In == keyword.InForm {
					cases = append(cases, vectors.Vector{ID: c.String(), Request: validators.RequestOf(c), Allowed: map[string]bool{document: c.Valid}})
				}
			}
			report(t, vectors.Try("keywords", p.Name(), document, cases, p.Request, Faults))
		})
	}
}

// Prism is right about the vectors, apart from its known faults.
func TestVectors(t *testing.T) {
	t.Parallel()
	for _, document := range []string{validators.Vendor, validators.Merged} {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			p := start(t, document)
			for name, from := range map[string]func() []vectors.Vector{"requests": vectors.Requests, "captured": vectors.Captured} {
				report(t, vectors.Try(name, p.Name(), document, from(), p.Request, Faults))
			}
		})
	}
}

func report(t *testing.T, row vectors.Row) {
	t.Helper()
	t.Log(row)
	for _, wrong := range row.Unexplained {
		t.Errorf("%s: no known fault explains it: %s", row.What, wrong)
	}
}

// A fault that is fixed must be removed from the list.
func TestKnownFaultsStillOccur(t *testing.T) {
	t.Parallel()
	p := start(t, validators.Vendor)
	for _, f := range Faults {
		err := p.Request(*f.SampleRequest)
		if (err == nil) != f.Accepts {
			t.Errorf("%s is fixed (%v): remove it from the list", f.Name, err)
		}
		if !f.Request(*f.SampleRequest) {
			t.Errorf("%s does not explain its own sample", f.Name)
		}
	}
	names := make([]string, 0, len(Faults))
	for _, f := range Faults {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(Faults) {
		t.Error("two faults have one name")
	}
}
