package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/leak"
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
	for _, found := range leak.Find(out.String(), "41111", paymentstest.DefaultAuthToken) {
		t.Errorf("the demo shows %s", found)
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
