package drift

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"io"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Code is the Go code generated from a document.
type Code struct {
	Failure  string   // why nothing usable was generated, or empty
	Unbuilt  []string // the compiler's errors in api, one per line
	exported *types.Package
	given    map[string]bool // generated names that users know
}

// makeCode generates, compiles and loads the module in dir. Failures that the
// document causes are in the Code; an error is a failure of the machine.
func makeCode(ctx context.Context, dir string) (Code, error) {
	if out, err := run(ctx, dir, "go", "generate", "."); err != nil {
		return Code{Failure: "generation fails: " + oneLine(out)}, machine(ctx, err)
	}
	compiled, err := compile(ctx, dir)
	if err != nil {
		return Code{}, fmt.Errorf("compile: %w", err)
	}
	var code Code
	var faults []string // of generated code
	whole := false
	for _, p := range compiled {
		switch generated := strings.HasPrefix(p.ImportPath, module+"/generated"); {
		case p.Error != nil && generated:
			faults = append(faults, compilerErrors(p.Error.Err)...)
		case p.Error != nil:
			code.Unbuilt = append(code.Unbuilt, compilerErrors(p.Error.Err)...)
		case p.ImportPath == module+"/generated":
			whole = p.Export != ""
		}
	}
	if !whole && len(faults) == 0 { // the fault is in a package it imports
		faults = code.Unbuilt
	}
	if len(faults) > 0 {
		return Code{Failure: "the generated code does not compile: " + strings.Join(faults, "; ")}, nil
	}
	if code.given, err = reexported(dir); err != nil {
		return code, err
	}
	code.exported, err = exported(ctx, dir)
	return code, err
}

// compiled is a package as go list prints it.
type compiled struct {
	ImportPath string
	Export     string // the file with what the compiler exports; empty when it failed
	Error      *struct{ Err string }
}

// compile compiles by go list, which unlike go build does not link programs.
func compile(ctx context.Context, dir string) ([]compiled, error) {
	out, err := run(ctx, dir, "go", "list", "-e", "-export", "-json=ImportPath,Export,Error", "./generated/...", "./api/...")
	if err != nil {
		return nil, cmp.Or(machine(ctx, err), errors.New(oneLine(out)))
	}
	var all []compiled
	for decoder := json.NewDecoder(strings.NewReader(out)); ; {
		var p compiled
		if err := decoder.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

// exported returns the generated package's API from the compiler's export data.
func exported(ctx context.Context, dir string) (*types.Package, error) {
	loaded, err := packages.Load(&packages.Config{
		Context: ctx,
		Dir:     dir,
		Env:     environment(),
		Mode:    packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps,
	}, "./generated")
	if err != nil {
		return nil, err
	}
	if len(loaded) != 1 || len(loaded[0].Errors) > 0 {
		return nil, fmt.Errorf("load the generated package: %v", loaded)
	}
	return loaded[0].Types, nil
}
