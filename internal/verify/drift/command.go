package drift

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
)

// run returns the command's standard output, and also its standard error when
// it fails.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = dir
	command.Env = environment()
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	if err != nil {
		return out.String() + errs.String(), err
	}
	return out.String(), nil
}

// environment keeps the user's workspace out of the module. Without the paths of
// a copy in what is compiled, the next copy finds it in the cache; without
// inlining, compiling takes half the time and finds the same errors.
func environment() []string {
	flags := strings.TrimSpace(os.Getenv("GOFLAGS") + " -trimpath -gcflags=-l")
	return append(os.Environ(), "GOWORK=off", "GOFLAGS="+flags)
}

// machine distinguishes a command that could not run from one that failed.
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

// compilerErrors are the compiler's errors, one line each.
func compilerErrors(out string) []string {
	var found []string
	for line := range strings.Lines(out) {
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case strings.HasPrefix(line, "\t") && len(found) > 0: // continuation line
			found[len(found)-1] += " " + text
		default:
			found = append(found, text)
		}
	}
	return found
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
