package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const checkout = "../../../.."

// result is the exit status and the output of a run.
type result struct {
	code           int
	stdout, stderr string
}

func ran(t *testing.T, args ...string) result {
	t.Helper()
	var stdout, stderr strings.Builder
	code := run(t.Context(), args, &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

// wantOneLine checks that a run failed with one line and no report.
func (r result) wantOneLine(t *testing.T, want string) {
	t.Helper()
	if r.code != 2 || r.stdout != "" {
		t.Errorf("status %d (want 2) with output %q", r.code, r.stdout)
	}
	if strings.Count(r.stderr, "\n") != 1 || !strings.HasPrefix(r.stderr, "drift: ") || !strings.Contains(r.stderr, want) {
		t.Errorf("complaint %q, want one line with %q", r.stderr, want)
	}
}

// copied is a copy of the checkout for this test only.
func copied(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "gen.go", "tools.go", "openapi", "generated", "api", "internal"} {
		err := filepath.WalkDir(filepath.Join(checkout, name), func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			inside, err := filepath.Rel(checkout, name)
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if inside == filepath.Join("internal", "verify") || entry.Name() == "natsbus" {
					return fs.SkipDir
				}
				return os.MkdirAll(filepath.Join(dir, inside), 0o755)
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, inside), data, 0o644)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// state is the content, mode and time of every file in a directory.
func state(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		sum := [sha256.Size]byte{}
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			sum = sha256.Sum256(data)
		}
		files[name] = fmt.Sprintf("%x %s %s", sum, info.Mode(), info.ModTime())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// written is a file with a changed copy of the contract.
func written(t *testing.T, edit func(schemas map[string]any)) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(checkout, "openapi", "payments.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI    string         `json:"openapi"`
		Info       map[string]any `json:"info"`
		Servers    any            `json:"servers"`
		Paths      any            `json:"paths"`
		Components map[string]any `json:"components"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	edit(doc.Components["schemas"].(map[string]any))
	if text, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "new.json")
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}
