package drift_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/verify/drift"
)

// Two documents are processed at a time: the compiler uses the other cores.
var working = make(chan struct{}, 2)

func load(t *testing.T, name string, text []byte) *drift.Revision {
	t.Helper()
	working <- struct{}{}
	defer func() { <-working }()
	r, err := drift.LoadPast(t.Context(), root, name, text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tree is the revision of the contract in the tree, loaded once.
var tree = sync.OnceValues(func() (*drift.Revision, error) {
	text, err := readFile(contract)
	if err != nil {
		return nil, err
	}
	return drift.Load(context.Background(), root, "openapi/payments.json", text)
})

func loadTree(t *testing.T) *drift.Revision {
	t.Helper()
	r, err := tree()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func report(t *testing.T, before, after *drift.Revision) *drift.Report {
	t.Helper()
	r, err := drift.Compare(root, before, after)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// documents are the files of a pattern, in the order of their names.
func documents(t *testing.T, elem ...string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// What was added to the vendor's document later may be missing only in a past
// document.
func TestOnlyPastDocumentsMayLackLaterTargets(t *testing.T) {
	t.Parallel()
	older := edited(t, contract, func(o object) { delete(o.create().in("properties"), "Confirmation") })
	r, err := drift.Load(t.Context(), root, "new.json", older)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Err(); err == nil || !strings.Contains(err.Error(), "payments_enum_confirmation, matches nothing") {
		t.Errorf("a newer document without Confirmation: %v", err)
	}
}
