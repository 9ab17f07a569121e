package payments_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// notForUsers are the generated names that users of this package do not meet:
// the generator's own client, and what package callback gives out.
func notForUsers(name string) bool {
	for _, part := range []string{"Client", "Payments", "FormdataRequestBody", "RequestEditorFn", "HttpRequestDoer", "WithBaseURL"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return name == "APIError" || name == "StatusEvent" || strings.HasPrefix(name, "Result") || strings.HasPrefix(name, "ErrorType")
}

// Every generated type and constant for users is given out by this package.
func TestGeneratedNamesAreReExported(t *testing.T) {
	t.Parallel()
	generated, here := declared(t, "../../generated/payments.gen.go"), declared(t, "types.go")
	for name := range generated {
		if !notForUsers(name) && !here[name] {
			t.Errorf("generated.%s is not given out by package payments", name)
		}
	}
	for name := range here {
		if !generated[name] || notForUsers(name) {
			t.Errorf("payments.%s is not a generated name for users", name)
		}
	}
	for _, name := range []string{"CreateParams", "UpdateParams", "Session", "Capture", "CaptureSecurityCode", "StatusComplete",
		"PaymentMethodACHDebit", "TokenTypeOneTime", "BankAccountTypeConsumerSavings"} {
		if !here[name] {
			t.Errorf("payments.%s is gone", name)
		}
	}
}

// declared are the exported types and constants of a file.
func declared(t *testing.T, path string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range group.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names[spec.Name.Name] = spec.Name.IsExported()
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names[name.Name] = name.IsExported()
				}
			}
		}
	}
	for name, exported := range names {
		if !exported {
			delete(names, name)
		}
	}
	return names
}
