package drift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"os"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// Code is the Go that a document gives.
type Code struct {
	Failure  string   // why nothing usable was generated, or empty
	Unbuilt  []string // what the compiler says of api against it, line by line
	exported *types.Package
}

// makeCode generates, compiles and loads the module in dir. What the document
// is to blame for is in the Code; an error is the machine's.
func makeCode(ctx context.Context, dir string) (Code, error) {
	if out, err := run(ctx, dir, "go", "generate", "."); err != nil {
		return Code{Failure: "generation fails: " + oneLine(out)}, machine(ctx, err)
	}
	// List compiles as build does, without linking the programs.
	out, err := run(ctx, dir, "go", "list", "-e", "-export", "-json=ImportPath,Export,Error", "./generated/...", "./api/...")
	if err != nil {
		return Code{}, errors.Join(fmt.Errorf("compile: %s", oneLine(out)), machine(ctx, err))
	}
	var code Code
	export := ""
	for decoder := json.NewDecoder(strings.NewReader(out)); ; {
		var p struct {
			ImportPath, Export string
			Error              *struct{ Err string }
		}
		if err := decoder.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return code, fmt.Errorf("compile: %w", err)
		}
		switch {
		case p.Error != nil && strings.HasPrefix(p.ImportPath, module+"/generated"):
			code.Failure = "the generated code does not compile: " + strings.Join(complaints(p.Error.Err), "; ")
			return code, nil
		case p.Error != nil:
			code.Unbuilt = append(code.Unbuilt, complaints(p.Error.Err)...)
		case p.ImportPath == module+"/generated":
			export = p.Export
		}
	}
	code.exported, err = readExport(export)
	return code, err
}

// readExport reads what the compiler says a package exports.
func readExport(name string) (*types.Package, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader, err := gcexportdata.NewReader(file)
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(reader, token.NewFileSet(), map[string]*types.Package{}, module+"/generated")
}
