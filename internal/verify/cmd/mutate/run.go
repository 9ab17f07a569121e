package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/twiliopay/twiliopay-go/internal/verify/patch"
)

// Outcome is the result of one mutation.
type Outcome struct {
	Mutation
	Caught bool
	By     string // the test that failed first
	Err    error  // the mutation is invalid
}

// snapshot copies the module at root to dir, without its history and nested
// modules, which no test of the SDK reads.
func snapshot(root, dir string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		target := filepath.Join(dir, rel)
		switch {
		case entry.IsDir() && rel != "." && (entry.Name() == ".git" || isModule(path)):
			return filepath.SkipDir
		case entry.Name() == ".git": // a file in a worktree
			return nil
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o600)
	})
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// try compiles the snapshot with one mutation and runs the tests that have to
// fail. A mutation that does not compile proves nothing and is an error.
func try(ctx context.Context, dir, scratch string, m Mutation, sound func(suite []string) error) Outcome {
	o := Outcome{Mutation: m}
	overlay := patch.NewOverlay(scratch)
	if o.Err = overlay.Change(filepath.Join(dir, m.Package), m.Decl, m.Old, m.New); o.Err != nil {
		return o
	}
	file, err := overlay.Write()
	if err != nil {
		o.Err = err
		return o
	}
	for _, suite := range suites(m.Package) {
		if o.Err = sound(suite); o.Err != nil {
			return o
		}
		output, failed := test(ctx, dir, append([]string{"-overlay=" + file}, suite...))
		switch {
		case ctx.Err() != nil:
			o.Err = ctx.Err()
			return o
		case strings.Contains(output, "[build failed]") || strings.Contains(output, "[setup failed]"):
			o.Err = fmt.Errorf("does not compile: %.600s", output)
			return o
		case failed:
			o.Caught, o.By = true, firstFailure(output)
			return o
		}
	}
	return o
}

// unmutated returns a function that runs a suite once without a mutation. It
// has to pass, or a failure with a mutation proves nothing.
func unmutated(ctx context.Context, dir string) func(suite []string) error {
	var mu sync.Mutex
	runs := map[string]func() error{}
	return func(suite []string) error {
		name := strings.Join(suite, " ")
		mu.Lock()
		run := runs[name]
		if run == nil {
			run = sync.OnceValue(func() error {
				if output, failed := test(ctx, dir, suite); failed {
					return fmt.Errorf("the tests fail without any mutation: go test %s\n%.3000s", name, output)
				}
				return nil
			})
			runs[name] = run
		}
		mu.Unlock()
		return run()
	}
}

// test runs tests without go vet, whose findings do not change behavior.
func test(ctx context.Context, dir string, args []string) (string, bool) {
	command := exec.CommandContext(ctx, "go", append([]string{"test", "-vet=off", "-failfast", "-timeout=90s"}, args...)...)
	command.Dir = dir
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	return output.String(), err != nil
}

// firstFailure names the test that failed first.
func firstFailure(output string) string {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "--- FAIL: "); ok {
			name, _, _ = strings.Cut(name, " ")
			return name
		}
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return line
		}
	}
	return "an unnamed failure"
}
