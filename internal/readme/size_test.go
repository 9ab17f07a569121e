package readme_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The README's line counts are right to within a quarter, for every package it lists.
func TestLinesOfCode(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| \\[`?([\\w/]+)`?\\].* \\| ([\\d,]+) \\|$").FindAllStringSubmatch(string(text), -1)
	if len(rows) < 7 {
		t.Fatalf("%d packages are listed", len(rows))
	}
	listed := map[string]bool{}
	for _, row := range rows {
		listed["../../"+row[1]] = true
	}
	for _, row := range rows {
		said, err := strconv.Atoi(strings.ReplaceAll(row[2], ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		if lines := linesOf(t, "../../"+row[1], listed); said < lines*3/4 || said > lines*5/4 {
			t.Errorf("%s has %d lines of code, the README says %d", row[1], lines, said)
		}
	}
}

// linesOf counts the lines that are neither blank nor comments, of a package and the
// packages below it, except modules and packages that are listed separately.
func linesOf(t *testing.T, dir string, listed map[string]bool) int {
	t.Helper()
	lines := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); entry.IsDir() && path != dir && (err == nil || listed[path]) {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				lines++
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
