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
	Named      bool // users can name what changed: package payments or callback exports it
}

// Breaks reports whether users have to change their programs. A change that
// users cannot name concerns only this module, which has to build with it.
func (c GoChange) Breaks() bool { return c.Named && !c.Compatible }

var signature = regexp.MustCompile(`changed from func\(.*`)

// compareCode compares the code generated from two documents. given are the
// generated names that package payments exports: users know them by that
// package.
func compareCode(before, after *types.Package, given map[string]bool) []GoChange {
	var changes []GoChange
	for _, c := range apidiff.Changes(before, after).Changes {
		name := strings.TrimLeft(c.Message, "(*")
		if end := strings.IndexAny(name, ".:)"); end > 0 {
			name = name[:end]
		}
		text := "payments." + c.Message
		if !given[name] { // the generator's client, which has long signatures
			text = "generated." + signature.ReplaceAllString(c.Message, "signature changed")
		}
		changes = append(changes, GoChange{Text: text, Compatible: c.Compatible, Named: given[name]})
	}
	slices.SortStableFunc(changes, func(a, b GoChange) int {
		return cmp.Or(boolOrder(a.Compatible, b.Compatible), cmp.Compare(a.Text, b.Text))
	})
	return changes
}

// reexported are the generated names that packages payments and callback of the
// module at root export under the same name.
func reexported(root string) (map[string]bool, error) {
	given := map[string]bool{}
	for _, name := range []string{"payments", "callback"} {
		if err := addReexported(given, filepath.Join(root, "api", name)); err != nil {
			return nil, err
		}
	}
	return given, nil
}

func addReexported(given map[string]bool, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, entry.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.TYPE && group.Tok != token.CONST {
				continue
			}
			for _, s := range group.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Assign.IsValid() && s.Name.IsExported() {
						given[s.Name.Name] = true
					}
				case *ast.ValueSpec:
					for _, name := range s.Names {
						if name.IsExported() {
							given[name.Name] = true
						}
					}
				}
			}
		}
	}
	return nil
}
