package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The programs have names that the go command does not read as Go files: they
// belong to no module of this repository.
//
//go:embed programs
var sources embed.FS

const (
	sdkModule      = "github.com/twiliopay/twiliopay-go"
	officialModule = "github.com/twilio/twilio-go"
)

// program is one of the programs and its measurements.
type program struct {
	name, title string
	dir         string
	source      []byte

	foreign    []string // packages of modules other than its own and the SDK's
	modLines   int
	sumLines   int
	binary     int64
	processing time.Duration // of a build for which only net/http is built yet
}

// prepare writes the programs and lets the go command complete their modules.
func prepare(ctx context.Context, dir, sdk string) ([]*program, error) {
	version, err := officialVersion(ctx)
	if err != nil {
		return nil, err
	}
	plain := &program{name: "plain", title: "net/http"}
	ours := &program{name: "ours", title: "this SDK"}
	kit := &program{name: "testkit", title: "with paymentstest"}
	official := &program{name: "official", title: "twilio-go " + strings.TrimPrefix(version, "v")}
	for p, edit := range map[*program][]string{
		plain:    nil,
		ours:     {"-require=" + sdkModule + "@v0.0.0", "-replace=" + sdkModule + "=" + sdk},
		kit:      {"-require=" + sdkModule + "@v0.0.0", "-replace=" + sdkModule + "=" + sdk},
		official: {"-require=" + officialModule + "@" + version},
	} {
		if err := p.prepare(ctx, filepath.Join(dir, p.name), edit); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return []*program{plain, ours, kit, official}, nil
}

func (p *program) prepare(ctx context.Context, dir string, edit []string) (err error) {
	p.dir = dir
	if p.source, err = sources.ReadFile("programs/" + p.name + ".go.txt"); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := p.write(""); err != nil {
		return err
	}
	commands := [][]string{{"mod", "init", "example.com/shop"}, {"mod", "tidy"}}
	if edit != nil {
		commands = [][]string{commands[0], append([]string{"mod", "edit"}, edit...), commands[1]}
	}
	for _, args := range commands {
		if _, err := p.command(ctx, nil, args...); err != nil {
			return err
		}
	}
	if p.foreign, err = p.packages(ctx); err != nil {
		return err
	}
	if p.modLines, err = lines(filepath.Join(dir, "go.mod")); err != nil {
		return err
	}
	p.sumLines, err = lines(filepath.Join(dir, "go.sum"))
	return err
}

// write writes the program with a note at its end, which makes it a new one for
// the build cache.
func (p *program) write(note string) error {
	return os.WriteFile(filepath.Join(p.dir, "main.go"), fmt.Appendf(nil, "%s\n// %s\n", p.source, note), 0o644)
}

// packages lists the packages of other modules that are compiled.
func (p *program) packages(ctx context.Context) ([]string, error) {
	cmd, err := p.command(ctx, nil, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")
	if err != nil {
		return nil, err
	}
	var foreign []string
	for _, path := range strings.Fields(cmd.output) {
		if path != "example.com/shop" && !strings.HasPrefix(path, sdkModule+"/") {
			foreign = append(foreign, path)
		}
	}
	return foreign, nil
}

// lines counts the lines of a file that are not blank, a bracket or a
// replacement. A missing file has none.
func lines(path string) (int, error) {
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return 0, err
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		switch line = strings.TrimSpace(line); {
		case line == "", line == ")", line == "require (", strings.HasPrefix(line, "replace "):
		default:
			n++
		}
	}
	return n, nil
}

// done is a command that has ended.
type done struct {
	output     string
	processing time.Duration // its own and its children's
}

// command runs the go command in the program's directory.
func (p *program) command(ctx context.Context, env []string, args ...string) (done, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = p.dir, append(append(os.Environ(), "GOWORK=off", "GOFLAGS="), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return done{}, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return done{stdout.String(), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

// officialVersion is the version of twilio-go that this module compares with.
func officialVersion(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", officialModule).Output()
	return strings.TrimSpace(string(out)), err
}
