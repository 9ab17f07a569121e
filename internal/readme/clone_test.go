package readme_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The commands that README gives for a clone are run as they stand in an empty
// directory beside one, and its first program is built there.
func TestAProgramUsesAClone(t *testing.T) {
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
