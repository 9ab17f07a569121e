package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/verify/patch"
	"github.com/twiliopay/twiliopay-go/internal/verify/repo"
)

// Every mutation finds its code, changes it, and has a description. Code that
// is not found is reported with the most similar code.
func TestMutationsApply(t *testing.T) {
	t.Parallel()
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(mutations()); n < 150 {
		t.Errorf("%d mutations, want at least 150", n)
	}
	results := map[string]string{}
	packages := map[string]*patch.Package{}
	for _, m := range mutations() {
		p := packages[m.Package]
		if p == nil {
			if p, err = patch.Load(filepath.Join(root, m.Package)); err != nil {
				t.Fatal(err)
			}
			packages[m.Package] = p
		}
		changed, err := p.Replace(m.Decl, m.Old, m.New)
		switch {
		case err != nil:
			t.Errorf("%s: %v", m.Breaks, err)
			continue
		case m.Old == m.New || m.Breaks == "":
			t.Errorf("%v: %q changes nothing or has no description", m, m.Old)
		case results[changed.Text] != "":
			t.Errorf("%v: the same as %q", m, results[changed.Text])
		case changed.Decl != m.Decl:
			t.Logf("%v: moved to %s", m, changed.Decl)
		}
		results[changed.Text] = m.Breaks
	}
}

// Mutations that are missed or invalid are errors; those that are caught are
// counted.
func TestReport(t *testing.T) {
	t.Parallel()
	m := Mutation{"dir", Edit{Decl: "F", Breaks: "effect"}}
	for name, c := range map[string]struct {
		outcomes []Outcome
		fails    string
		says     string
	}{
		"caught":  {[]Outcome{{Mutation: m, Caught: true}}, "", "1 of 1"},
		"missed":  {[]Outcome{{Mutation: m, Caught: true}, {Mutation: m}}, "dir F: effect: missed", "1 of 2"},
		"invalid": {[]Outcome{{Mutation: m, Err: errors.New("occurs 0 times")}}, "occurs 0 times", "0 of 1"},
		"none":    {nil, "no mutation", "0 of 0"},
	} {
		var out bytes.Buffer
		err := report(&out, c.outcomes, time.Second)
		if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: %v, printed %q", name, err, out.String())
		}
	}
}

// The parts together contain each mutation once.
func TestParts(t *testing.T) {
	t.Parallel()
	var parts []Mutation
	for _, part := range []string{"1/3", "2/3", "3/3"} {
		chosen, err := choose("", part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, chosen...)
	}
	if !slices.Equal(parts, mutations()) {
		t.Errorf("%d in parts, want %d", len(parts), len(mutations()))
	}
	for _, part := range []string{"", "0/2", "3/2", "x"} {
		if _, err := choose("", part); err == nil {
			t.Errorf("part %q was accepted", part)
		}
	}
	if chosen, err := choose("is not sent again", "1/1"); err != nil || len(chosen) < 5 || len(chosen) > 20 {
		t.Errorf("chose %d, %v", len(chosen), err)
	}
}

func TestFirstFailure(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"ok\n    --- FAIL: TestA/b (0.00s)\n--- FAIL: TestB (0s)\n": "TestA/b",
		"panic: test timed out after 90s\n":                         "panic: test timed out after 90s",
		"exit status 2":                                             "an unnamed failure",
	} {
		if got := firstFailure(output); got != want {
			t.Errorf("firstFailure(%q) = %q, want %q", output, got, want)
		}
	}
}

// The copy has the module without its history and without nested modules.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := snapshot(root, dir); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]bool{"go.mod": true, "api/payments/client.go": true, "internal/verify": false, ".git": false} {
		if _, err := os.Stat(filepath.Join(dir, file)); (err == nil) != want {
			t.Errorf("%s: %v", file, err)
		}
	}
}
