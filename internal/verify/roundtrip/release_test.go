package roundtrip

import (
	"go/types"
	"testing"

	"golang.org/x/tools/go/packages"
)

// encoding/json uses AppendText from Go 1.27 on. A type of the shipped packages
// that has it, itself or by embedding, must also have the JSON methods that
// every release uses, or programs built with different releases write different
// JSON.
func TestJSONOfAppendTextIsExplicit(t *testing.T) {
	t.Parallel()
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps,
		Dir:  "../../..",
	}, "./api/...", "./generated/...", "./internal/...")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, pkg := range loaded {
		for _, err := range pkg.Errors {
			t.Error(err)
		}
		for _, name := range pkg.Types.Scope().Names() {
			object, ok := pkg.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || object.IsAlias() {
				continue
			}
			methods := types.NewMethodSet(types.NewPointer(object.Type()))
			if methods.Lookup(nil, "AppendText") == nil {
				continue
			}
			seen++
			if methods.Lookup(nil, "MarshalJSON") == nil || methods.Lookup(nil, "UnmarshalJSON") == nil {
				t.Errorf("%s has AppendText and not both MarshalJSON and UnmarshalJSON", object.Type())
			}
		}
	}
	if seen < 4 { // Parameters, two lists and Time
		t.Errorf("%d types with AppendText were seen, want at least 4", seen)
	}
}
