package browser

import (
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// The logic of the page apart from drawing is tested by Node, in logic.
func TestLogic(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "node is not installed: apt-get install nodejs, version 20 or newer")
	}
	command := exec.CommandContext(t.Context(), node, "--test", "--test-reporter=tap", ".")
	command.Dir = "logic"
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	passed := regexp.MustCompile(`(?m)^# pass (\d+)$`).FindSubmatch(out)
	if passed == nil {
		t.Fatalf("node says nothing of tests that passed\n%s", out)
	}
	if n, _ := strconv.Atoi(string(passed[1])); n < 30 {
		t.Errorf("%d tests passed, which are too few: were they found?", n)
	}
	t.Logf("%s tests in JavaScript passed", passed[1])
}
