package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}

// sandboxExec returns a command that runs an application with sandbox exec.
func sandboxExec(t *testing.T, flags []string, app ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	args := append([]string{"exec"}, flags...)
	if app != nil {
		args = append(append(args, "--", os.Args[0], "application"), app...)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(os.Environ(), "RUN_SANDBOX=1", "TWILIO_ACCOUNT_SID=ACreal", "TWILIO_AUTH_TOKEN=real", "TWILIO_API_KEY=SKreal",
		"TWILIO_API_SECRET=real", "TWILIO_REGION=ie1", "OTHER=kept")
	return cmd, &stdout, &stderr
}

// TestExec runs applications as CI does.
func TestExec(t *testing.T) {
	t.Parallel()
	fails := writeFile(t, "declined.json", declined)
	for name, tt := range map[string]struct {
		flags          []string
		app            []string
		status         int
		stdout, stderr string
	}{
		"a payment":           {nil, []string{"pay"}, 0, "ended with success\n", " exited with 0; 1 call, 6 requests, 38 callbacks, 1 charge, 0 tokens\nok      exec: "},
		"a scenario":          {[]string{"-scenario", "happy-path"}, []string{"pay"}, 0, "ended with success\n", "ok      happy-path: a Visa card is charged\n"},
		"no command":          {[]string{"-scenario", "silence"}, nil, 2, "", "sandbox: exec needs a command: sandbox exec [flags] -- COMMAND [ARGUMENT…]\n"},
		"another result":      {[]string{"-scenario", "star"}, []string{"pay"}, 0, "ended with caller-interrupted-with-star\n", "ok      star: "},
		"failed expectations": {[]string{"-scenario", fails}, []string{"pay"}, 1, "ended with payment-connector-error\n", "FAILED  declined: expects too much\n        results\n"},
		"an invalid scenario": {[]string{"-scenario", writeFile(t, "wrong.json", "{\"titel\": 1}")}, []string{"pay"}, 2, "", "wrong.json:1: titel: unknown field"},
		"an unknown scenario": {[]string{"-scenario", "nonsense"}, []string{"pay"}, 2, "", `sandbox: no shipped scenario is named "nonsense"`},
		"scenario and flags":  {[]string{"-scenario", "star", "-caller", "ach", "-live"}, []string{"pay"}, 2, "", "sandbox: -scenario cannot be combined with -caller and -live: the scenario sets that\n"},
		"flags":               {[]string{"-decline", "64008"}, []string{"pay"}, 0, "ended with payment-connector-error\n", "0 charges"},
		"a wrong flag":        {[]string{"-decline", "1"}, []string{"pay"}, 2, "", "-decline must be a code from 64001 to 64024"},
		"a wrong address":     {[]string{"-addr", "0.0.0.0:0"}, []string{"pay"}, 2, "", "sandbox: -addr must be a loopback address"},
		"charged twice":       {nil, []string{"pay-twice"}, 1, "ended with success\nended with success\n", "        charged once\n          call CA00000000000000000000000000000001 was charged 2 times"},
		"no requests":         {nil, []string{"exit", ""}, 1, "", "the command sent no request: does it read TWILIO_BASE_URL?"},
		"an exit status":      {nil, []string{"exit", "123"}, 3, "", " exited with 3; "},
		"its environment":     {nil, []string{"environment"}, 1, "TWILIO_ACCOUNT_SID ACdeadbeefdeadbeefdeadbeefdeadbeef\nTWILIO_API_KEY \nTWILIO_REGION \nOTHER kept\n", ""},
		"no such command":     {[]string{"--", "/nonexistent/command"}, nil, 127, "", "sandbox: /nonexistent/command: command not found\n"},
		"not executable":      {[]string{"--", fails}, nil, 126, "", "permission denied\n"},
		"the server's log":    {[]string{"-verbose"}, []string{"pay"}, 0, "ended with success\n", "  caller pressed keys  call CA00000000000000000000000000000001, count"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, stdout, stderr := sandboxExec(t, tt.flags, tt.app...)
			_ = cmd.Run()
			if got := cmd.ProcessState.ExitCode(); got != tt.status || stdout.String() != tt.stdout || !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("exit %d, want %d\nstdout: %s\nwant:   %s\nstderr: %s\nwant:   %s", got, tt.status, stdout, tt.stdout, stderr, tt.stderr)
			}
			if strings.Contains(stderr.String(), "41111") {
				t.Errorf("a card number is printed:\n%s", stderr)
			}
		})
	}
}

// TestExecReports: exec writes reports as JUnit XML and as JSON log records.
func TestExecReports(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.xml")
	cmd, _, stderr := sandboxExec(t, []string{"-json", "-verbose", "-junit", file, "-scenario", "happy-path"}, "pay")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	said := records(t, stderr.String())
	if last := said[len(said)-1]; last["msg"] != "scenario passed" || last["scenario"] != "happy-path" || len(said) < 20 {
		t.Errorf("%d records, the last %v", len(said), last)
	}
	var got junitSuites
	if err := xml.Unmarshal([]byte(readFile(t, file)), &got); err != nil {
		t.Fatal(err)
	}
	if got.Failures != 0 || len(got.Suites) != 1 || !slices.ContainsFunc(got.Suites[0].Cases, func(c junitCase) bool { return c.Name == "command" }) {
		t.Errorf("%+v, want one suite without failures, with the case command", got)
	}

	cmd, _, stderr = sandboxExec(t, []string{"-junit", file}, "exit", "12345")
	if err := cmd.Run(); err == nil {
		t.Error("no failure")
	}
	if err := xml.Unmarshal([]byte(readFile(t, file)), &got); err != nil || !strings.Contains(readFile(t, file), "exited with 5") {
		t.Errorf("%v: %s\n%s", err, readFile(t, file), stderr)
	}
}

// TestExecStatusFirst: a report that cannot be written does not hide the exit status
// of the command.
func TestExecStatusFirst(t *testing.T) {
	t.Parallel()
	cmd, _, stderr := sandboxExec(t, []string{"-junit", filepath.Join(t.TempDir(), "none", "report.xml")}, "exit", "1234567")
	if _ = cmd.Run(); cmd.ProcessState.ExitCode() != 7 || !strings.Contains(stderr.String(), "sandbox: -junit: ") {
		t.Errorf("exit status %d, want 7 and an error about the file:\n%s", cmd.ProcessState.ExitCode(), stderr)
	}
}

// TestEnvironment: for every variable that package payments reads, and for other
// credentials, the command gets the sandbox's value or none.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t)
	variable := regexp.MustCompile(`"(TWILIO_[A-Z_]+)"`)
	files, err := filepath.Glob(filepath.Join("..", "..", "payments", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			for _, m := range variable.FindAllStringSubmatch(readFile(t, file), -1) {
				env = append(env, m[1]+"=real")
			}
		}
	}
	if len(env) < 7 {
		t.Fatalf("package payments reads %v", env)
	}
	env = append(env, "TWILIO_API_KEY_SID=real", "TWILIO_API_KEY_SECRET=real") // read by applications
	got := environment(append(env, "TWILIO_PHONE_NUMBER=kept"), srv)
	slices.Sort(got)
	want := []string{"TWILIO_ACCOUNT_SID=" + srv.AccountSID(), "TWILIO_AUTH_TOKEN=" + srv.AuthToken(), "TWILIO_BASE_URL=" + srv.URL, "TWILIO_PHONE_NUMBER=kept"}
	if !slices.Equal(got, want) {
		t.Errorf("the command gets %v, want %v", got, want)
	}
}
