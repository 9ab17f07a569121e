package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestMain is the program itself when the demo starts it in another role.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && (os.Args[1] == "callbacks" || os.Args[1] == "desk") {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestTheDemoCrossesProcesses(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := demo(t.Context(), &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	told := regexp.MustCompile(`demo      \| (\d+) events crossed from process (\d+) to process (\d+)`).FindStringSubmatch(out.String())
	if told == nil || told[1] != "31" || told[2] == told[3] {
		t.Fatalf("the demo tells %q\n%s", told, out.String())
	}
	count := func(who, what string) (n int) {
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, who) && strings.Contains(line, what) {
				n++
			}
		}
		return n
	}
	if shown, others := count("screen", ""), count("callbacks", "")+count("desk", ""); shown != 31 || others != 0 {
		t.Errorf("%d events shown and %d lines of the processes behind, want 31 and none", shown, others)
	}
	if count("agent", "paid, confirmation ch_") != 1 || count("screen", "completed success") != 1 {
		t.Errorf("not paid\n%s", out.String())
	}
	for _, secret := range []string{"4111111", "paymentstest-auth-token"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the demo shows %s", secret)
		}
	}
}

func TestRolesAreNamed(t *testing.T) {
	t.Setenv("NATS_URL", "nats://127.0.0.1:1") // where nobody listens
	for _, role := range []string{"waiter", "callbacks", "desk"} {
		if err := run(t.Context(), []string{role}); err == nil {
			t.Errorf("%s: no error", role)
		}
	}
}
