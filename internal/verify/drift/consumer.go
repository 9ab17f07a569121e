package drift

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// consumer returns a program that uses everything of a generated package that
// users can name: each constant as its type, each field read and written as its
// type.
func consumer(generated *types.Package, given map[string]bool) string {
	imports := map[string]string{generated.Path(): "generated"}
	qualify := func(p *types.Package) string {
		if imports[p.Path()] == "" {
			imports[p.Path()] = fmt.Sprintf("p%d", len(imports))
		}
		return imports[p.Path()]
	}
	var body strings.Builder
	for _, name := range generated.Scope().Names() {
		if !given[name] {
			continue
		}
		object := generated.Scope().Lookup(name)
		switch object := object.(type) {
		case *types.Const:
			fmt.Fprintf(&body, "var _ %s = generated.%s\n", types.TypeString(object.Type(), qualify), name)
		case *types.TypeName:
			fields, ok := object.Type().Underlying().(*types.Struct)
			if !ok {
				fmt.Fprintf(&body, "var _ generated.%s\n", name)
				continue
			}
			fmt.Fprintf(&body, "func _(v generated.%s) {\n", name)
			for i := range fields.NumFields() {
				if f := fields.Field(i); f.Exported() {
					fmt.Fprintf(&body, "\tvar f%d %s = v.%s\n\tv.%s = f%d\n", i, types.TypeString(f.Type(), qualify), f.Name(), f.Name(), i)
				}
			}
			body.WriteString("}\n")
		}
	}
	var text strings.Builder
	text.WriteString("package consumer\n\n")
	for _, path := range sortedKeys(imports) {
		fmt.Fprintf(&text, "import %s %q\n", imports[path], path)
	}
	return text.String() + body.String()
}

// compiles type-checks a program against a generated package, and returns the
// compiler's errors.
func compiles(program string, generated *types.Package) []string {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "consumer.go", program, 0)
	if err != nil {
		return []string{oneLine(err.Error())}
	}
	var found []string
	config := types.Config{
		Importer: importer{generated},
		Error: func(err error) {
			if text := oneLine(err.(types.Error).Msg); !strings.Contains(text, "imported and not used") && !slices.Contains(found, text) {
				found = append(found, text)
			}
		},
	}
	_, _ = config.Check("consumer", set, []*ast.File{file}, nil)
	return found
}

// importer finds a generated package and what it imports.
type importer struct{ generated *types.Package }

func (i importer) Import(path string) (*types.Package, error) {
	seen := map[*types.Package]bool{}
	var find func(p *types.Package) *types.Package
	find = func(p *types.Package) *types.Package {
		if p.Path() == path {
			return p
		}
		seen[p] = true
		for _, next := range p.Imports() {
			if !seen[next] {
				if found := find(next); found != nil {
					return found
				}
			}
		}
		return nil
	}
	if found := find(i.generated); found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("package %s is gone", path)
}
