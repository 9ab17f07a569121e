package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestServersHaveTimeouts checks every http.Server of this repository: without
// timeouts, a silent client holds a connection forever.
func TestServersHaveTimeouts(t *testing.T) {
	t.Parallel()
	// A server of event streams writes for as long as the agent's page is open.
	streams := []string{"api/examples/agentdesk/serve.go"}
	found := 0
	root := ".."
	err := filepath.WalkDir(filepath.Join(root, "api"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if !isSelector(n.Type, "Server") {
					return true
				}
				found++
				missing := []string{"ReadHeaderTimeout", "ReadTimeout", "WriteTimeout", "IdleTimeout"}
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						missing = slices.DeleteFunc(missing, func(name string) bool { return name == kv.Key.(*ast.Ident).Name })
					}
				}
				if setsReadDeadline(file) { // for each request, instead of ReadTimeout
					missing = slices.DeleteFunc(missing, func(name string) bool { return name == "ReadTimeout" })
				}
				if slices.Contains(streams, filepath.ToSlash(rel)) {
					missing = slices.DeleteFunc(missing, func(name string) bool { return name == "WriteTimeout" })
				}
				if len(missing) > 0 {
					t.Errorf("%s makes an http.Server without %s", rel, strings.Join(missing, ", "))
				}
			case *ast.CallExpr:
				for _, name := range []string{"ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS"} {
					if isSelector(n.Fun, name) {
						t.Errorf("%s calls http.%s, which has no timeouts", rel, name)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 4 {
		t.Errorf("only %d servers found: does this test search the right directories?", found)
	}
}

// setsReadDeadline reports whether a file calls a method SetReadDeadline.
func setsReadDeadline(file *ast.File) (found bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		found = found || ok && method.Sel.Name == "SetReadDeadline"
		return true
	})
	return found
}

// isSelector reports whether e is http.name.
func isSelector(e ast.Expr, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "http"
}
