package upgrade_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const root = "../../.."

// packages are those whose tests depend on the contract.
var packages = []string{
	"./api/payments", "./api/callback", "./api/paymentstest", "./api/flow", "./internal/cmd/...", "./internal/form", "./internal/golden",
	"./internal/validator", "./internal/keyword", "./internal/overlay", "./internal/rule", "./internal/spec",
}

// contractTests are the tests that read the contract. They run for each
// successor; for the document with all changes, every test of packages runs
// except those in skipped.
const contractTests = "Contract|Golden|Full|Check|SID|Every|Document|Current|Field|Mask|Digits|Redact|Event|Name|Kind|Param|Case|Violation|Fits|Capture"

// skipped names a load test, which repeats the sessions of other tests ten
// thousand times, and the explorations of flow's protocol, which use neither the
// client nor the simulator.
const skipped = "TestManySessions|TestExplore"

// fast are flags of the go command: without paths the copies share compiled
// packages, and without inlining compiling takes half the time and finds the
// same errors.
const fast = " -trimpath -gcflags=-l"

// generated are the files that the commands of the page write.
var generated = regexp.MustCompile(`^generated/|\.gen\.go$|^internal/golden/testdata/`)

// A new optional parameter, value or property is typed, checked, sent, named,
// documented, simulated and hidden by the commands of CONTRIBUTING.md.
func TestSuccessorsNeedNoManualEdits(t *testing.T) {
	if testing.Short() {
		t.Skip("takes about a minute")
	}
	began := time.Now()
	commands := page(t)
	// Two at a time: the phases of a build that use one core overlap.
	copies := make(chan string, 2)
	for range cap(copies) {
		copies <- scratch(t)
	}
	all := append(slices.Clone(successors), together())
	t.Run("successors", func(t *testing.T) {
		for _, s := range slices.Backward(all) { // the longest first
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				dir := <-copies
				defer func() { copies <- dir }()
				s.check(t, dir, commands)
			})
		}
	})
	t.Logf("| %d successors in %.0f s", len(all), time.Since(began).Seconds())
}

// together is the successor that combines all changes that can be combined.
func together() successor {
	return successor{name: "all of them at once", whole: true, change: func(doc object) {
		for _, s := range successors {
			if !s.separate {
				s.change(doc)
			}
		}
	}}
}

// check adopts the successor in the copy in dir and runs the tests there.
func (s successor) check(t *testing.T, dir string, commands []string) {
	git(t, dir, "reset", "--quiet", "--hard")
	git(t, dir, "clean", "--quiet", "-fd")
	document := filepath.Join(t.TempDir(), "successor.json")
	edit(t, filepath.Join(dir, "openapi/payments.json"), document, s.change)
	if s.overlay != nil {
		overlay := filepath.Join(dir, "openapi/overlay.yaml")
		write(t, overlay, s.overlay(read(t, overlay)))
	}
	flags := fast
	if s.whole {
		flags = " -trimpath" // some tests count allocations
	}
	for _, command := range commands {
		command = strings.NewReplacer("<file or URL>", document, "<url>", "https://example.com/made-up",
			"<hash>", strings.Repeat("0a", 20), "<day>", "2026-12-01").Replace(command)
		out := run(t, dir, flags, "bash", "-c", command)
		if words := missing(out); words != "" {
			overlay := filepath.Join(dir, "openapi/overlay.yaml")
			write(t, overlay, read(t, overlay)+strings.ReplaceAll(words, "…", "is made up for this test."))
		}
	}
	for _, want := range s.want {
		if text := read(t, filepath.Join(dir, want.file)); !strings.Contains(text, want.text) {
			t.Errorf("%s has no %q", want.file, want.text)
		}
	}
	args := append([]string{"test", "-skip", skipped}, packages...)
	if !s.whole {
		args = []string{"test", "-vet=off", "-run", contractTests, "./api/payments", "./api/callback", "./internal/golden", "./internal/keyword"}
	}
	run(t, dir, flags, "go", args...)
	git(t, dir, "add", "--all")
	changed := strings.Fields(run(t, dir, "", "git", "diff", "--cached", "--name-only"))
	for _, name := range changed {
		if !generated.MatchString(name) && !strings.HasPrefix(name, "openapi/") {
			t.Errorf("%s has changed, which no generator writes", name)
		}
	}
	t.Logf("| %d files changed, all of them in openapi/ or generated", len(changed))
}

// page returns the commands of CONTRIBUTING.md's section on a new document, in
// order, without make drift, which changes nothing, and without make test and
// make check, of which this test runs the part it needs.
func page(t *testing.T) []string {
	t.Helper()
	_, text, ok := strings.Cut(read(t, root+"/CONTRIBUTING.md"), "## The vendor publishes a new document\n")
	text, _, _ = strings.Cut(text, "\n## ")
	var commands []string
	for _, found := range regexp.MustCompile("`(make [^`]*)`").FindAllStringSubmatch(text, -1) {
		target := strings.Fields(found[1])[1]
		if target != "drift" && target != "test" && target != "check" {
			commands = append(commands, strings.Join(strings.Fields(found[1]), " "))
		}
	}
	quoted := regexp.MustCompile(`([A-Z]+)=(<[^>]*>)`)
	for i, c := range commands {
		commands[i] = quoted.ReplaceAllString(c, `$1="$2"`)
	}
	if !ok || len(commands) < 2 || !strings.HasPrefix(commands[0], "make upgrade ") {
		t.Fatalf("the section names the commands %q", commands)
	}
	return commands
}

// missing are the lines that a command says are to be written.
func missing(out string) string {
	_, lines, ok := strings.Cut(out, "in your own words:\n")
	if !ok {
		return ""
	}
	var kept strings.Builder
	for line := range strings.Lines(lines) {
		if !strings.HasPrefix(line, "  ") {
			break
		}
		kept.WriteString(line)
	}
	return kept.String()
}

// scratch is a copy of the repository, with git so that it can be reset.
func scratch(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another test's temporary file
		}
		if err != nil {
			return err
		}
		if base := entry.Name(); entry.IsDir() && (base == ".git" || base == "node_modules") {
			return fs.SkipDir
		}
		rel, err := filepath.Rel(root, name)
		if err != nil || !entry.Type().IsRegular() || rel == ".git" {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		to := filepath.Join(dir, rel)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "--quiet")
	git(t, dir, "add", "--all")
	git(t, dir, "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "start")
	return dir
}

func git(t *testing.T, dir string, args ...string) { t.Helper(); run(t, dir, "", "git", args...) }

// run runs a command in dir, with flags for the go commands in it.
func run(t *testing.T, dir, flags, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS="+os.Getenv("GOFLAGS")+flags, "MAKEFLAGS=", "UPSTREAM=")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func edit(t *testing.T, from, to string, c change) {
	t.Helper()
	var doc object
	if err := json.Unmarshal([]byte(read(t, from)), &doc); err != nil {
		t.Fatal(err)
	}
	c(doc)
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, string(text))
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
