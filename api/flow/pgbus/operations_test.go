package pgbus_test

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// TestOperations does what OPERATIONS.md says: builds its program as it stands
// there, finds a session whose outcome is unknown, settles it, and runs each of
// the queries.
func TestOperations(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../OPERATIONS.md")
	must(t, err)
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "oncall")
	must(t, os.WriteFile(source, []byte(blockOf(t, text, "go")), 0o600))
	if out, err := osexec.CommandContext(t.Context(), "go", "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	url := pgserver.Shared(t).URL("postgres")
	name := "oncall_" + strings.ToLower(rand.Text())
	_, err = newPool(t, url).Exec(bounded(t), "CREATE DATABASE "+name)
	must(t, err)
	url = strings.Replace(url, "/postgres?", "/"+name+"?", 1)
	pool := newPool(t, url)
	must(t, pgbus.Migrate(bounded(t), pool))
	key := []byte(rand.Text() + rand.Text())[:32]
	bus := newBus(t, pool, pgbus.WithKey(key))
	run := func(args ...string) (string, int) {
		t.Helper()
		command := osexec.CommandContext(bounded(t), program, args...)
		command.Env = append(os.Environ(), "DATABASE_URL="+url, "PAY_KEY="+hex.EncodeToString(key))
		out, err := command.CombinedOutput()
		if exit := (*osexec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(out), command.ProcessState.ExitCode()
	}

	d := flowtest.NewDesk(t, bus)
	f := d.Start(bus, flowtest.Charge)
	s := f.Session()
	if out, code := run(); code != 0 || !strings.Contains(out, s.SID+" "+s.CallSID+" open since") {
		t.Errorf("an open session: exit status %d, want 0\n%s", code, out)
	}
	completing(t, bus, s, time.Now().Add(-time.Hour))
	if out, code := run(); code != 2 || !strings.Contains(out, s.SID+" "+s.CallSID+" OUTCOME UNKNOWN since") {
		t.Errorf("an unknown outcome: exit status %d, want 2\n%s", code, out)
	}
	for _, statement := range strings.SplitAfter(blockOf(t, text, "sql"), ";\n") {
		statement = strings.ReplaceAll(statement, "CA…", s.CallSID)
		tag, err := pool.Exec(bounded(t), statement)
		empty := strings.Contains(statement, "revision = 0") || strings.Contains(statement, "pg_blocking_pids") || strings.TrimSpace(statement) == ""
		if err != nil || (tag.RowsAffected() == 0) != empty {
			t.Errorf("%d rows, %v\n%s", tag.RowsAffected(), err, statement)
		}
	}
	var left time.Duration
	must(t, pool.QueryRow(bounded(t), "SELECT expires - now() FROM twiliopay.calls WHERE call_sid = $1", s.CallSID).Scan(&left))
	if left < 29*24*time.Hour {
		t.Errorf("the call is kept for %s", left)
	}
	if out, code := run("PK"+strings.Repeat("0", 32), "not-charged"); code != 1 || !strings.Contains(out, "is not a session") {
		t.Errorf("another session: exit status %d, want 1\n%s", code, out)
	}
	if out, code := run(s.SID, "charged", "ch_8f3a"); code != 0 || !strings.Contains(out, "is settled: charged") {
		t.Errorf("settle: exit status %d, want 0\n%s", code, out)
	}
	if result, err := f.Complete(bounded(t)); err != nil || result.ConfirmationCode.Reveal() != "ch_8f3a" {
		t.Errorf("complete: %v, %v, want ConfirmationCode ch_8f3a", result, err)
	}
	if out, code := run(); code != 0 || out != "" {
		t.Errorf("afterwards: exit status %d, want 0\n%s", code, out)
	}
}

// blockOf returns the first block of code in a language.
func blockOf(t testing.TB, text []byte, language string) string {
	t.Helper()
	match := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(text)
	if match == nil {
		t.Fatal("there is no " + language)
	}
	return string(match[1])
}

// completing has a machine that is gone have sent a complete.
func completing(t testing.TB, bus flow.Bus, s flow.Session, since time.Time) {
	t.Helper()
	value, revision, err := bus.Load(bounded(t), s)
	must(t, err)
	edited := strings.Replace(string(value), `"writer"`, `"complete":"claim","claimed":"`+since.Format(time.RFC3339)+`","writer"`, 1)
	_, err = bus.Swap(bounded(t), s, []byte(edited), revision)
	must(t, err)
}
