package drift

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/types"
	"os/exec"
	"strings"

	"golang.org/x/tools/go/packages"
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
	if out, err := run(ctx, dir, "go", "build", "./generated/..."); err != nil {
		return Code{Failure: "the generated code does not compile: " + strings.Join(complaints(out), "; ")}, machine(ctx, err)
	}
	var code Code
	if out, err := run(ctx, dir, "go", "build", "./api/..."); err != nil {
		if err := machine(ctx, err); err != nil {
			return code, err
		}
		code.Unbuilt = complaints(out)
	}
	loaded, err := packages.Load(&packages.Config{
		Context: ctx,
		Dir:     dir,
		Mode:    packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps,
	}, "./generated")
	if err != nil {
		return code, err
	}
	if len(loaded) != 1 || len(loaded[0].Errors) > 0 {
		return code, fmt.Errorf("load the generated package: %v", loaded)
	}
	code.exported = loaded[0].Types
	return code, nil
}

// run returns what the command prints.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = dir
	command.Env = append(command.Environ(), "GOWORK=off")
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return out.String(), err
}

// machine tells a command that could not run from one that was not content.
func machine(ctx context.Context, err error) error {
	var exit *exec.ExitError
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.As(err, &exit) && exit.Exited() {
		return nil
	}
	return err
}

// complaints are what the compiler finds wrong, one line each.
func complaints(out string) []string {
	var found []string
	for line := range strings.Lines(out) {
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case strings.HasPrefix(line, "\t") && len(found) > 0: // goes on
			found[len(found)-1] += " " + text
		default:
			found = append(found, text)
		}
	}
	return found
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
