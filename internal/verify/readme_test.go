package verify

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// README has a row for every package, except parts of a program.
func TestReadmeHasEveryPackage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || path == "." || path == "cmd" {
			return err
		}
		if name := entry.Name(); name == "testdata" || name == "node_modules" {
			return fs.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
			return fs.SkipDir // a module of its own
		}
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		if err != nil || len(files) == 0 {
			return err
		}
		n++
		if !strings.Contains(string(text), "["+"`"+filepath.ToSlash(path)+"`](") {
			t.Errorf("README.md has no row for %s", path)
		}
		return fs.SkipDir // what is below is part of it
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 15 {
		t.Errorf("found %d packages", n)
	}
}
