package browser

import (
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// TestLogic runs the tests in logic with Node: the logic of the console's page
// and of agentdesk's page, without a browser.
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
		t.Fatalf("node does not report how many tests passed\n%s", out)
	}
	if n, _ := strconv.Atoi(string(passed[1])); n < 45 {
		t.Errorf("%d tests passed, want at least 45: were all of them found?", n)
	}
	t.Logf("%s tests in JavaScript passed", passed[1])
}
