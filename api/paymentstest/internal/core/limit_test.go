package core

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// at sends a request on the i-th call.
func at(m *Machine, i int, op Operation, sid string, fields ...string) []Effect {
	form := url.Values{"IdempotencyKey": {fmt.Sprint(op, i, fields)}, "StatusCallback": {"https://pay.example.com/status"}}
	for j := 0; j+1 < len(fields); j += 2 {
		form.Set(fields[j], fields[j+1])
	}
	return m.Apply(testStart, Request{Operation: op, AccountSID: testAccount, CallSID: fmt.Sprintf("CA%032x", i), SID: sid, Form: form})
}

func TestMaxSessions(t *testing.T) {
	t.Parallel()
	m := New(Config{MaxSessions: 2})
	sid := func(effects []Effect) string { return effects[len(effects)-1].Event.(Response).Session.SID }
	first, second := sid(at(m, 1, Create, "")), sid(at(m, 2, Create, ""))
	if got := describeAll(at(m, 3, Create, "")); !cmp.Equal(got, []string{"full", "response 503 20503"}) {
		t.Errorf("a third session: %q", got)
	}
	at(m, 2, Cancel, second)
	at(m, 1, Cancel, first)
	got := describeAll(at(m, 3, Create, ""))
	want := []string{"session forgotten", "call forgotten", "call seen", "session opened", "callback to status", "response 201"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after two have ended (-want +got):\n%s", diff)
	}
	if _, known := m.Session(second); known {
		t.Error("the session that ended first is still known")
	}
	if _, known := m.Session(first); !known {
		t.Error("the session that ended last is forgotten")
	}
	if again := sid(at(m, 2, Create, "")); again == second || again == "" {
		t.Errorf("a forgotten call gets the session %q, which it had before", again)
	}
}

// Captures are refused when all sessions together, or one of them, have used up
// their keys. A cancel, which makes room, is not.
func TestMaxKeys(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		sessions, taken, code int
	}{
		{2, 2*keysPerSession - 1, 20503}, {100, maxRequests - 1, 20429},
	} {
		m := New(Config{MaxSessions: tt.sessions})
		effects := at(m, 1, Create, "")
		sid := effects[len(effects)-1].Event.(Response).Session.SID
		taken, code := 0, 0
		for ; code == 0; taken++ {
			effects := at(m, 1, Capture, sid, "Capture", "postal-code", "IdempotencyKey", fmt.Sprint(taken))
			code = effects[len(effects)-1].Event.(Response).Code
		}
		if taken-1 != tt.taken || code != tt.code {
			t.Errorf("of %d sessions: %d captures, then %d; want %d, then %d", tt.sessions, taken-1, code, tt.taken, tt.code)
		}
		effects = at(m, 1, Cancel, sid)
		if r := effects[len(effects)-1].Event.(Response); r.Status != 202 {
			t.Errorf("a cancel gets %d, want 202", r.Status)
		}
	}
}
