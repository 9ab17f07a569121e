package node

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// buildSandbox compiles the program that runs applications.
func buildSandbox(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "sandbox")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/twiliopay/twiliopay-go/api/paymentstest/sandbox").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// TestAnApplicationInNode is a CI job of an application that is not written in
// Go: sandbox exec plays a scenario to it and finds its mistakes.
func TestAnApplicationInNode(t *testing.T) {
	t.Parallel()
	if why := missing(); why != "" {
		t.Skip("node: " + why)
	}
	sandbox := buildSandbox(t)
	passed := 0
	for _, tt := range []struct {
		scenario string
		env      string
		status   int
		stdout   string
		stderr   string
	}{
		{"lost-response", "", 0, "success\n", "ok      lost-response"},
		{"lost-response", "CARELESS=1", 1, "success\n", "requests\n          want 1 complete\n          got  2 complete"},
		{"another-card", "", 0, "success\n", "ok      another-card"},
		{"mistyped", "", 0, "success\n", "ok      mistyped"},
		{"star", "", 0, "caller-interrupted-with-star\n", "ok      star"},
		{"hang-up", "", 0, "caller-hung-up\n", "ok      hang-up"},
		{"callbacks-twice", "", 0, "success\n", "ok      callbacks-twice"},
		{"untested-card", "", 1, "payment-connector-error\n", "results\n          want payment-connector-error 64022\n          got  payment-connector-error 64022, payment-connector-error 64022"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		name := tt.scenario
		if name == "mistyped" {
			name = filepath.Join("testdata", "mistyped.json")
		}
		report := filepath.Join(t.TempDir(), "report.xml")
		cmd := exec.CommandContext(ctx, sandbox, "exec", "-scenario", name, "-junit", report, "--", "node", "checkout.js")
		var stdout, stderr bytes.Buffer
		cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), tt.env), &stdout, &stderr
		_ = cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != tt.status || stdout.String() != tt.stdout || !strings.Contains(stderr.String(), tt.stderr) {
			t.Errorf("%s %s: exit %d, want %d\n%s%s", tt.scenario, tt.env, code, tt.status, &stdout, &stderr)
			continue
		}
		if text, err := os.ReadFile(report); err != nil || !bytes.Contains(text, []byte(`name="command"`)) {
			t.Errorf("%s: %v, the report is %s", tt.scenario, err, text)
		}
		passed++
	}
	t.Logf("| npm twilio below sandbox exec: %d runs as expected, of which 2 found the application's mistake", passed)
}
