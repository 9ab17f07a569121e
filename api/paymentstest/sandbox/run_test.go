package main

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// declined is a scenario with a wrong expectation.
const declined = `{
	"title": "expects too much",
	"payment": {"ChargeAmount": "1", "PostalCode": false},
	"gateway": [{"verdict": "decline", "code": 64008}],
	"expect": {"results": ["success"]}, // it is declined
}`

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRun: run plays files in turn, and its exit status is the result.
func TestRun(t *testing.T) {
	t.Parallel()
	fails, wrong := writeFile(t, "declined.json", declined), writeFile(t, "wrong.json", "{\n\"titel\": 1}")
	for _, tt := range []struct {
		args   []string
		status int
		want   []string // on the standard output
		err    string
	}{
		{[]string{"happy-path", "star"}, 0, []string{"ok      happy-path: a Visa card is charged (", "ok      star: ", "2 passed, 0 failed ("}, ""},
		{[]string{"-verbose", "hang-up"}, 0, []string{"        capture security-code: ended caller-hung-up\n"}, ""},
		{[]string{"star", fails}, 1, []string{
			"ok      star", "FAILED  declined: expects too much (", "        results\n          want success\n          got  payment-connector-error 64008\n", "1 passed, 1 failed ("}, ""},
		{[]string{"star", wrong}, 2, nil, wrong + ":2: titel: unknown field: must be title, "},
		{[]string{wrong + ".json"}, 2, nil, "no such file: " + wrong + ".json"},
		{[]string{"stars"}, 2, nil, `no shipped scenario is named "stars"`},
		{nil, 2, nil, "run needs a scenario file"},
		{[]string{"-list"}, 0, []string{"happy-path             a Visa card is charged\n"}, ""},
		{[]string{"-show", "happy-path"}, 0, []string{"// A caller pays by card"}, ""},
		{[]string{"-show", "happy"}, 2, nil, `scenario: no shipped scenario is named "happy"`},
		{[]string{"-junit", filepath.Join(fails, "no"), "star"}, 1, []string{"ok"}, "-junit: open "},
	} {
		var stdout, stderr, said printed
		err := runScenarios(t.Context(), tt.args, &stdout, &stderr)
		if got := status(err, &said); got != tt.status || !strings.Contains(said.String(), tt.err) || (tt.err == "") != (said.String() == "") {
			t.Errorf("%v: exit %d with %q, want %d with %q", tt.args, got, said.String(), tt.status, tt.err)
		}
		for _, want := range tt.want {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%v: %q is not in\n%s", tt.args, want, stdout.String())
			}
		}
		if tt.want == nil && stdout.String() != "" {
			t.Errorf("%v: played despite an error:\n%s", tt.args, stdout.String())
		}
	}
}

// records parses a text that consists of JSON objects only.
func records(t *testing.T, text string) []map[string]any {
	t.Helper()
	var list []map[string]any
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		var record map[string]any
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		list = append(list, record)
	}
	return list
}

func TestRunAsJSON(t *testing.T) {
	t.Parallel()
	var stdout, stderr printed
	err := runScenarios(t.Context(), []string{"-json", "-verbose", "star", writeFile(t, "declined.json", declined)}, &stdout, &stderr)
	if code := exitStatus(0); !errors.As(err, &code) || code != 1 {
		t.Errorf("error %v", err)
	}
	said := records(t, stdout.String())
	if len(said) != 3 || said[0]["msg"] != "scenario passed" || said[1]["msg"] != "scenario failed" || said[2]["failed"] != 1.0 {
		t.Errorf("said %v", said)
	}
	if checks, ok := said[1]["checks"].([]any); !ok || len(checks) != 1 || checks[0].(map[string]any)["name"] != "results" {
		t.Errorf("checks %v", said[1]["checks"])
	}
	if log := records(t, stderr.String()); len(log) < 20 || strings.Contains(stderr.String(), "41111") {
		t.Errorf("the servers' log:\n%s", stderr.String())
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.xml")
	if err := runScenarios(t.Context(), []string{"-junit", file, "star", writeFile(t, "declined.json", declined)}, &printed{}, &printed{}); err == nil {
		t.Error("no failure")
	}
	var got junitSuites
	if err := xml.Unmarshal([]byte(readFile(t, file)), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Suites) != 2 || got.Failures != 1 || got.Suites[0].Failures != 0 || got.Suites[1].Name != "declined" || got.Tests != got.Suites[0].Tests+got.Suites[1].Tests {
		t.Fatalf("%+v, want two suites, of which only declined has a failure", got)
	}
	for _, c := range got.Suites[1].Cases {
		if (c.Failure != nil) != (c.Name == "results") {
			t.Errorf("case %s: failure %+v", c.Name, c.Failure)
		}
		if c.Failure != nil && !strings.Contains(c.Failure.Text, "got  payment-connector-error 64008") {
			t.Errorf("the failure says %q", c.Failure.Text)
		}
	}
}

// TestServeAsJSON: every line is a JSON object, and the first has the addresses.
func TestServeAsJSON(t *testing.T) {
	t.Parallel()
	out := &printed{}
	ctx, stop := contextOf(t)
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, []string{"-json", "-addr", "127.0.0.1:0", "-seed", "7"}, os.Getenv, out) }()
	waitFor(t, out, "\n")
	where := records(t, out.String())[0]
	if status := create(t, where["base_url"].(string), where["account_sid"].(string), where["auth_token"].(string), nil); status != 201 || where["msg"] != "serving" || where["seed"] != 7.0 {
		t.Errorf("status %d (want 201) at %v", status, where)
	}
	waitFor(t, out, `"msg":"request"`)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	records(t, out.String())
}
