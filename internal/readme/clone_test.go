package readme_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The README's commands for a clone work in an empty directory next to one, and its
// first program builds there.
func TestProgramUsesClone(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("(?ms)^```sh\n(git clone [^\n]* twiliopay-go\\b[^\n]*)\n(.*?)^```$").FindStringSubmatch(string(text))
	program := block.FindStringSubmatch(string(text))
	if commands == nil || program == nil {
		t.Fatal("the README does not say how to use a clone, or shows no program")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(root, filepath.Join(dir, "twiliopay-go")); err != nil {
		t.Fatal(err)
	}
	script := "set -e\n" + commands[2] + "cat >main.go\ngo mod tidy\ngo vet .\n"
	command := exec.CommandContext(t.Context(), "sh", "-c", script)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOWORK=off")
	command.Stdin = strings.NewReader(program[1])
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
