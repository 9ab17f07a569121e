package drift

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
)

// GoChange is a difference between two generated packages.
type GoChange struct {
	Text       string // payments.CreateParams.Currency: changed from string to int
	Compatible bool
}

var signature = regexp.MustCompile(`changed from func\(.*`)

// compareCode compares what two documents give. given are the generated names
// that package payments gives out: users know them by that package.
func compareCode(before, after *types.Package, given map[string]bool) []GoChange {
	var changes []GoChange
	for _, c := range apidiff.Changes(before, after).Changes {
		name := strings.TrimLeft(c.Message, "(*")
		if end := strings.IndexAny(name, ".:)"); end > 0 {
			name = name[:end]
		}
		text := "payments." + c.Message
		if !given[name] { // the generator's client, whose signatures fill lines
			text = "generated." + signature.ReplaceAllString(c.Message, "signature changed")
		}
		changes = append(changes, GoChange{Text: text, Compatible: c.Compatible})
	}
	slices.SortStableFunc(changes, func(a, b GoChange) int {
		return cmp.Or(boolOrder(a.Compatible, b.Compatible), cmp.Compare(a.Text, b.Text))
	})
	return changes
}

// givenOut are the generated names that package payments of the module at root
// gives out under the same name.
func givenOut(root string) (map[string]bool, error) {
	dir := filepath.Join(root, "api", "payments")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	given := map[string]bool{}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, entry.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.TYPE && group.Tok != token.CONST {
				continue
			}
			for _, s := range group.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					given[s.Name.Name] = s.Assign.IsValid() && s.Name.IsExported()
				case *ast.ValueSpec:
					for _, name := range s.Names {
						given[name.Name] = name.IsExported()
					}
				}
			}
		}
	}
	return given, nil
}

// notGivenOut are the values of the given types that users cannot name, and
// the types of their fields.
func notGivenOut(generated *types.Package, given map[string]bool) []string {
	missing := map[string]bool{}
	named := func(t types.Type) (string, bool) {
		n, ok := types.Unalias(t).(*types.Named)
		if !ok || n.Obj().Pkg() != generated {
			return "", false
		}
		return n.Obj().Name(), true
	}
	for _, name := range generated.Scope().Names() {
		object := generated.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		kind, ok := named(object.Type())
		switch object := object.(type) {
		case *types.Const:
			if ok && given[kind] && !given[name] {
				missing[name] = true
			}
		case *types.TypeName:
			fields, ok := object.Type().Underlying().(*types.Struct)
			if !ok || !given[name] {
				continue
			}
			for i := range fields.NumFields() {
				if kind, ok := named(fields.Field(i).Type()); ok && !given[kind] {
					missing[kind] = true
				}
			}
		}
	}
	return sortedKeys(missing)
}
