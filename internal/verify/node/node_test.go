// Package node checks that the npm package twilio works against paymentstest
// unchanged, that its validator accepts the callbacks, and that sandbox exec
// finds the mistakes of an application that uses it.
package node

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// missing returns what is not installed that the script needs, or an empty
// string.
func missing() string {
	if _, err := exec.LookPath("node"); err != nil {
		return "node is not installed"
	}
	if _, err := os.Stat("node_modules/twilio"); err != nil {
		return "the npm package twilio is not installed: npm ci in internal/verify/node"
	}
	return ""
}

type seen struct {
	SID                       string
	Created                   bool
	Accepted, Refused, Forged int
	Results                   []string
	Refusals                  map[string]struct{ Code, Status int }
}

func TestTwilioNodeTakesAPayment(t *testing.T) {
	t.Parallel()
	if why := missing(); why != "" {
		t.Skip("node: " + why)
	}
	s := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	script := exec.CommandContext(ctx, "node", "pay.js")
	script.Env = append(os.Environ(), "SIMULATION="+s.URL, "CALL_SID="+s.NewCall().SID,
		"TWILIO_ACCOUNT_SID="+s.AccountSID(), "TWILIO_AUTH_TOKEN="+s.AuthToken())
	var said, complained strings.Builder
	script.Stdout, script.Stderr = &said, &complained
	if err := script.Run(); err != nil {
		t.Fatalf("%v: %s", err, complained.String())
	}
	if err := s.Wait(ctx); err != nil {
		t.Fatal(err)
	}

	var got seen
	if err := json.Unmarshal([]byte(said.String()), &got); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	if !strings.HasPrefix(got.SID, "PK") || !got.Created {
		t.Errorf("session %q, its date read: %v", got.SID, got.Created)
	}
	if charges := s.Charges(); len(charges) != 1 || !charges[0].Amount.Equal("49.90") || charges[0].Parameter.Get("order") != "4711" {
		t.Errorf("charges %+v, want one of 49.90", charges)
	}
	if got.Accepted != len(s.Callbacks()) || got.Accepted < 5 || got.Refused > 0 || got.Forged > 0 {
		t.Errorf("of %d callbacks its validator accepted %d, refused %d, and accepted %d forged ones", len(s.Callbacks()), got.Accepted, got.Refused, got.Forged)
	}
	if strings.Join(got.Results, " ") != "success" {
		t.Errorf("results %v, want one success", got.Results)
	}
	if second, early := got.Refusals["second"], got.Refusals["early"]; second.Code != 64021 || early.Code != 64019 || second.Status < 400 || early.Status < 400 {
		t.Errorf("refusals %+v, want 64021 of the second session and 64019 of the early completion", got.Refusals)
	}
	t.Logf("| npm twilio: 1 session, 3 captures, 1 charge; its validator accepted %d of %d callbacks", got.Accepted, len(s.Callbacks()))
}
