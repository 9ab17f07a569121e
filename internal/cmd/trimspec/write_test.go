package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// If one of the two files cannot be written, neither is, and no temporary file
// remains.
func TestBothFilesOrNeither(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		prepare func(t *testing.T, dir string)
		says    string
	}{
		{"the second cannot be replaced", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "payments.json"), "the contract of yesterday")
			mkdir(t, filepath.Join(dir, "upstream.json"))
		}, "upstream.json: file exists"},
		{"the second cannot be replaced and the first is new", func(t *testing.T, dir string) {
			mkdir(t, filepath.Join(dir, "upstream.json"))
		}, "upstream.json: file exists"},
		{"the first cannot be replaced", func(t *testing.T, dir string) {
			mkdir(t, filepath.Join(dir, "payments.json"))
			write(t, filepath.Join(dir, "upstream.json"), "its origin")
		}, "payments.json: is a directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			test.prepare(t, dir)
			before := files(t, dir)
			failsWithOneLine(t, trimspec(t, "-in", form, "-out", dir), test.says)
			equal(t, "files", before, files(t, dir))
		})
	}
}

func TestDirectoryMustExist(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mistyped")
	failsWithOneLine(t, trimspec(t, "-in", form, "-out", dir), "no such file or directory")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the directory was created: %v", err)
	}
}

func failsWithOneLine(t *testing.T, got result, says string) {
	t.Helper()
	line, ok := strings.CutSuffix(got.Stderr, "\n")
	if got.Status != 1 || got.Stdout != "" || !ok || strings.Contains(line, "\n") ||
		!strings.HasPrefix(line, "trimspec: ") || !strings.Contains(line, says) {
		t.Errorf("got %+v, want status 1 and one line with %q", got, says)
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}
