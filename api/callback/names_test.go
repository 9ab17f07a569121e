package callback_test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNamesAreComplete: every value of Result and ErrorType that the contract
// has, or gains, is a constant here too.
func TestNamesAreComplete(t *testing.T) {
	t.Parallel()
	belongs := func(name string) bool {
		return strings.HasPrefix(name, "Result") || strings.HasPrefix(name, "ErrorType")
	}
	want := constants(t, "../../generated/payments.gen.go", belongs)
	if len(want) < 21 {
		t.Fatalf("only %d constants are generated", len(want))
	}
	if diff := cmp.Diff(want, constants(t, "names.go", belongs)); diff != "" {
		t.Error(diff)
	}
}

// constants returns the sorted names of the constants of a file.
func constants(t *testing.T, path string, belongs func(string) bool) []string {
	t.Helper()
	file, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, decl := range file.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == gotoken.CONST {
			for _, spec := range gen.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if belongs(name.Name) {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	slices.Sort(names)
	return names
}
