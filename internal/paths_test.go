package internal_test

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// relative finds paths that start with "..", as text or as arguments of
// filepath.Join; fromRoot finds those that leave the repository's root.
var (
	relative  = regexp.MustCompile("(?:^|[\\s\"'`=(])((?:\\.\\./)+[\\w./*-]*|\\.\\.(?:\"\\s*,\\s*\"[\\w.*-]+)+)")
	separator = regexp.MustCompile(`"\s*,\s*"`)
	fromRoot  = regexp.MustCompile(`\broot(?:, "|\s*\+\s*"/|/)\.\.`)
)

// Tests, Makefile and scripts read only files of the clone: no file names a path
// above the root of the repository. Go programs and tests run in the directory of
// their package; the Makefile and the scripts run in the root.
func TestNothingReadsOutsideTheRepository(t *testing.T) {
	t.Parallel()
	checked, modules := 0, 0
	eachFile(t, func(rel string) bool {
		base := path.Base(rel)
		if base == "go.mod" {
			modules++
		}
		return path.Ext(rel) == ".go" || base == "go.mod" || base == "Makefile" || strings.HasPrefix(rel, ".ci/") || strings.HasPrefix(rel, ".github/") || path.Ext(rel) == ".js"
	}, func(rel, text string) {
		if rel == "internal/paths_test.go" {
			return
		}
		checked++
		for n, line := range strings.Split(text, "\n") {
			for _, found := range climbs(path.Dir(rel), line) {
				t.Errorf("%s:%d names %s, which is above the repository", rel, n+1, found)
			}
		}
	})
	if checked < 300 || modules < 4 {
		t.Errorf("only %d files of %d modules were checked", checked, modules)
	}
}

// No hand-written Go file has more than 350 lines, as CONTRIBUTING.md says: a longer
// one has more than one concern.
func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	checked := 0
	eachFile(t, func(rel string) bool { return path.Ext(rel) == ".go" && !strings.HasSuffix(rel, ".gen.go") }, func(rel, text string) {
		checked++
		if n := strings.Count(text, "\n"); n > 350 {
			t.Errorf("%s has %d lines, want at most 350", rel, n)
		}
	})
	if checked < 300 {
		t.Errorf("only %d files were checked", checked)
	}
}

// eachFile calls do with path and text of the repository's own files that are chosen.
func eachFile(t *testing.T, chosen func(rel string) bool, do func(rel, text string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // another test's scratch directory
			}
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(name, ".."+string(filepath.Separator)))
		base := path.Base(rel)
		switch {
		case entry.IsDir() && (base == ".git" || base == "node_modules" || base == "testdata" || strings.HasPrefix(base, "snippet-")):
			return filepath.SkipDir
		case entry.IsDir() || !chosen(rel):
			return nil
		}
		text, err := os.ReadFile(name)
		if err == nil {
			do(rel, string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// climbs returns the paths in a line that leave the repository, for a file in
// directory dir below the root.
func climbs(dir, line string) []string {
	found := fromRoot.FindAllString(line, -1)
	for _, m := range relative.FindAllStringSubmatch(line, -1) {
		clean := separator.ReplaceAllString(m[1], "/")
		if target := path.Join(dir, clean); target == ".." || strings.HasPrefix(target, "../") {
			found = append(found, m[1])
		}
	}
	return found
}

func TestClimbsAreFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		dir, line string
		want      bool
	}{
		{"api/payments", `os.ReadFile("../../openapi/payments.json")`, false},
		{"api/payments", `os.ReadFile("../../../elsewhere/a.json")`, true},
		{"api/callback", `filepath.Join("..", "..", "..", "elsewhere", "a.json")`, true},
		{"api/callback", `filepath.Join("..", "..", "go.mod")`, false},
		{"internal/verify/drift", `documents(t, root, "..", "elsewhere", "*.json")`, true},
		{"internal/verify/drift", `root + "/../elsewhere/a.json"`, true},
		{"api/payments", `"https://pay.example.com/../../../../x"`, false},
		{".", `UPSTREAM ?= ../elsewhere/a.json`, true},
		{".ci", `cd "$(dirname "$0")/.."`, false},
		{"internal/validator", `"../../.." + "/elsewhere"`, true},
		{"internal/validator", `os.DirFS("../../")`, false},
	} {
		if got := climbs(tt.dir, tt.line); (len(got) > 0) != tt.want {
			t.Errorf("%s in %s: found %v", tt.line, tt.dir, got)
		}
	}
}
