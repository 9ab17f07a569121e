// Package readme_test checks the README: its code compiles and its claims hold.
package readme_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var block = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// Every Go snippet is a file that compiles against this module; snippets with a test
// function are run.
func TestSnippetsCompile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := block.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 3 {
		t.Fatalf("%d snippets", len(blocks))
	}
	for n, match := range blocks {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp(".", "snippet-")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			name, command := "main.go", []string{"vet", "./" + dir}
			if strings.Contains(match[1], "func Test") {
				name, command = "snippet_test.go", []string{"test", "./" + dir}
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(match[1]), 0o644); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("go", command...).CombinedOutput(); err != nil {
				t.Errorf("%s\n%s", out, match[1])
			}
			if out, err := exec.Command("gofmt", "-l", dir).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("gofmt would change the snippet: %s", out)
			}
		})
	}
}

// The README is short enough to read in one sitting, and the files and targets that
// it names exist.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > 300 {
		t.Errorf("%d lines", lines)
	}
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile("(?m)(?:^|`)make ([a-z-]+)").FindAllStringSubmatch(string(text), -1) {
		if !strings.Contains(string(makefile), "\n"+match[1]+":") {
			t.Errorf("the Makefile has no target %s", match[1])
		}
	}
	prose := block.ReplaceAllString(string(text), "")
	for _, match := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(prose, -1) {
		if _, err := os.Stat(filepath.Join("../..", match[1])); err != nil {
			t.Errorf("the README links to %s, which does not exist", match[1])
		}
	}
}
