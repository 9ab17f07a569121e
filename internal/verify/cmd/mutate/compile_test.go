package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/twiliopay/twiliopay-go/internal/verify/patch"
	"github.com/twiliopay/twiliopay-go/internal/verify/repo"
)

// Every mutation compiles. One that does not would be noticed only when it is run.
func TestMutationsCompile(t *testing.T) {
	t.Parallel()
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	byPackage := map[string][]Mutation{}
	var patterns []string
	for _, m := range mutations() {
		if byPackage[m.Package] == nil {
			patterns = append(patterns, "./"+m.Package)
		}
		byPackage[m.Package] = append(byPackage[m.Package], m)
	}
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: root}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded) != len(patterns) {
		t.Fatalf("%d packages, want %d", len(loaded), len(patterns))
	}
	for _, p := range loaded {
		dir, err := filepath.Rel(root, filepath.Dir(p.GoFiles[0]))
		if err != nil || len(p.Errors) > 0 || byPackage[dir] == nil {
			t.Fatalf("%s: %v %v", dir, err, p.Errors)
		}
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			code, err := patch.Load(filepath.Dir(p.GoFiles[0]))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range byPackage[dir] {
				changed, err := code.Replace(m.Decl, m.Old, m.New)
				if err != nil {
					continue // TestMutationsApply reports it
				}
				if err := check(p, changed); err != nil {
					t.Errorf("%s: %v", m.Breaks, err)
				}
			}
		})
	}
}

// check type-checks a package with one file changed.
func check(p *packages.Package, changed patch.Changed) error {
	file, err := parser.ParseFile(p.Fset, changed.File, changed.Text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	files := slices.Clone(p.Syntax)
	files[slices.IndexFunc(files, func(f *ast.File) bool { return p.Fset.File(f.Package).Name() == changed.File })] = file
	config := types.Config{Sizes: p.TypesSizes, Importer: imports(p.Imports)}
	_, err = config.Check(p.PkgPath, p.Fset, files, nil)
	return err
}

// imports imports what the unchanged package does.
type imports map[string]*packages.Package

func (i imports) Import(path string) (*types.Package, error) {
	if p := i[path]; p != nil {
		return p.Types, nil
	}
	return nil, fmt.Errorf("the package does not import %s", path)
}
