package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/leak"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// TestMain runs the program itself when the demo starts it in a role.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && (os.Args[2] == "callbacks" || os.Args[2] == "desk") {
		main()
		return
	}
	os.Exit(pgserver.Main(m))
}

func TestDemo(t *testing.T) { testDemo(t, overNATS) }

func TestDemoOverPostgreSQL(t *testing.T) {
	t.Setenv("DATABASE_URL", pgserver.Shared(t).URL("postgres"))
	testDemo(t, overPostgreSQL)
}

func testDemo(t *testing.T, kind string) {
	t.Helper()
	var out bytes.Buffer
	if err := demo(t.Context(), kind, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	last := regexp.MustCompile(`demo      \| (\d+) events crossed from process (\d+) to process (\d+) over ` + kind).FindStringSubmatch(out.String())
	if last == nil || last[1] != "31" || last[2] == last[3] {
		t.Fatalf("the demo prints %q\n%s", last, out.String())
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
		t.Errorf("%d events and %d lines of the processes printed, want 31 and none", shown, others)
	}
	if count("agent", "paid, confirmation ch_") != 1 || count("screen", "completed success") != 1 {
		t.Errorf("not paid\n%s", out.String())
	}
	for _, found := range leak.Find(out.String(), "41111", paymentstest.DefaultAuthToken) {
		t.Errorf("the demo prints %s", found)
	}
}

func TestInvalidArguments(t *testing.T) {
	t.Setenv("NATS_URL", "nats://127.0.0.1:1") // no server listens there
	t.Setenv("DATABASE_URL", "postgres://127.0.0.1:1/none")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for _, args := range []string{
		"waiter", "callbacks", "desk", "migrate", "-bus=nats migrate", "-bus=telegraph desk", "-bus=telegraph", "-line=2 desk",
		"-bus=postgres callbacks", "-bus=postgres desk", "-bus=postgres migrate", "-bus=postgres",
	} {
		if err := run(ctx, strings.Fields(args)); err == nil {
			t.Errorf("%s: no error", args)
		}
	}
}
