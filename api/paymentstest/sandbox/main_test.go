package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// TestMain lets tests run the sandbox as a user would, and the application that
// sandbox exec runs.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "application" {
		os.Exit(application(os.Args[2:]))
	}
	if os.Getenv("RUN_SANDBOX") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{[]string{"-h"}, 0, "usage: sandbox", ""},
		{[]string{"-help"}, 0, "-callback-hosts", ""},
		{[]string{"run", "-h"}, 0, "usage: sandbox run", ""},
		{[]string{"exec", "-h"}, 0, "usage: sandbox exec", ""},
		{[]string{"run", "-nonsense", "star"}, 2, "", "sandbox: flag provided but not defined: -nonsense (sandbox run -h lists the flags)\n"},
		{[]string{"exec", "-pace", "soon", "--", "true"}, 2, "", "sandbox: invalid value \"soon\" for flag -pace: parse error (sandbox exec -h lists the flags)\n"},
		{[]string{"play"}, 2, "", "sandbox: unknown command \"play\": must be one of serve, run, exec\n"},
		{[]string{"-nonsense"}, 2, "", "sandbox: flag provided but not defined: -nonsense (sandbox -h lists the flags)\n"},
		{[]string{"-addr", "0.0.0.0:1"}, 2, "", "sandbox: -addr must be a loopback address, unless -allow-remote-clients is given\n"},
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], tt.args...)
		var stdout, stderr bytes.Buffer
		cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), "RUN_SANDBOX=1"), &stdout, &stderr
		err := cmd.Run()
		exit := new(exec.ExitError)
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if code := cmd.ProcessState.ExitCode(); code != tt.code || !strings.Contains(stdout.String(), tt.stdout) || (tt.stdout == "") != (stdout.Len() == 0) || stderr.String() != tt.stderr {
			t.Errorf("%v: exit %d, want %d\nstdout: %s\nstderr: %s", tt.args, code, tt.code, &stdout, &stderr)
		}
	}
}

var exported = regexp.MustCompile(`(?m)^  export (\w+)=(\S+)$`)

// TestGreeting uses the printed lines: in a shell, and as the environment of a program
// that knows nothing of the sandbox.
func TestGreeting(t *testing.T) {
	_, out := start(t)
	text := out.String()
	t.Run("curl", func(t *testing.T) {
		if _, err := exec.LookPath("curl"); err != nil {
			t.Skip("curl is not installed")
		}
		var script strings.Builder
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "  export") || strings.Contains(line, "curl") || strings.HasPrefix(line, "    ") {
				script.WriteString(strings.Replace(strings.TrimSpace(line), "curl ", "curl -s -w '%{http_code}' ", 1) + "\n")
			}
		}
		got, err := exec.CommandContext(t.Context(), "sh", "-c", script.String()).CombinedOutput()
		if err != nil || !strings.HasSuffix(string(got), "201") || !strings.Contains(string(got), `"sid":"PK`) {
			t.Errorf("%v\n%s\n%s", err, got, &script)
		}
	})
	t.Run("program", func(t *testing.T) {
		found := exported.FindAllStringSubmatch(text, -1)
		if len(found) != 3 {
			t.Fatalf("%d (want 3) variables in\n%s", len(found), text)
		}
		for _, m := range found {
			t.Setenv(m[1], m[2])
		}
		client, err := payments.NewClient(payments.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Create(t.Context(), "CA00000000000000000000000000000002", payments.CreateParams{StatusCallback: "http://127.0.0.1:1/"}); err != nil {
			t.Error(err)
		}
	})
}

// TestLogForPeople compares the log lines of common mistakes.
func TestLogForPeople(t *testing.T) {
	t.Parallel()
	url, out := start(t)
	account, token := exported.FindAllStringSubmatch(out.String(), -1)[1][2], exported.FindAllStringSubmatch(out.String(), -1)[2][2]
	target := func(callback string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body = http.NoBody
			r.ContentLength = 0
			if callback != "" {
				body := "IdempotencyKey=" + callback + "&StatusCallback=" + callback
				r.Body, r.ContentLength = readCloser(body), int64(len(body))
			}
		}
	}
	for _, change := range []func(*http.Request){
		target("http://127.0.0.1:1/dead"), target("https://pay.example.com/away"), target(""),
		func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "/Calls/CA", "/Calls/", 1) },
	} {
		create(t, url, account, token, change)
	}
	for _, want := range []string{
		"to http://127.0.0.1:1/dead, not delivered: dial tcp 127.0.0.1:1: connect: connection refused\n",
		"to http://127.0.0.1:1/dead, attempt 2, not delivered: dial tcp",
		"callbacks go to loopback addresses only: use one as StatusCallback or name the host with -callback-hosts\n",
		"contract violation: body: is required\n",
		"contract violation: path CallSid: is shorter than 34\n",
	} {
		waitFor(t, out, want)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(url) //nolint:noctx // a person with a browser
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		t.Errorf("GET /: status %d, want %d; Content-Type %s", resp.StatusCode, http.StatusOK, resp.Header.Get("Content-Type"))
	}
}
