package core

import "testing"

func TestCreate(t *testing.T) {
	t.Parallel()
	playScenes(t, []scene{
		{name: "on a new call", steps: []string{"create ChargeAmount=5"}, want: []string{
			"call seen",
			"session opened",
			"callback to create",
			"response 201",
		}},
		{name: "for a token", steps: []string{"create"}, want: []string{
			"call seen",
			"session opened",
			"callback to create",
			"response 201",
		}},
		{name: "on an unknown call", assume: Assumptions{KnownCallsOnly: true}, steps: []string{"create"}, want: []string{"response 404 20404 [KnownCallsOnly]"}},
		{name: "while a session is open", steps: []string{"create", "create"}, want: []string{"response 400 64021 [ReportSessionInProgress]"}},
		{name: "while a session is open, with a callback", assume: Assumptions{ReportSessionInProgress: true}, steps: []string{"create", "create"}, want: []string{
			"callback to create ErrorType=session-in-progress Required=payment-card-number,expiration-date,security-code,postal-code [ReportSessionInProgress]",
			"response 400 64021 [ReportSessionInProgress]",
		}},
		{name: "after a session", steps: []string{"create", "cancel", "create"}, want: []string{
			"session opened",
			"callback to create",
			"response 201",
		}},
		{name: "after hanging up", steps: []string{"hang up", "create"}, want: []string{"response 400 21220"}},
		{name: "after a session without requests for its lifetime", assume: Assumptions{SessionLifetime: 60e9}, steps: []string{"create", "pass 1m", "create"}, want: []string{
			"session ended [SessionLifetime]",
			"session opened",
			"callback to create",
			"response 201",
		}},
		{name: "before a session's lifetime has passed", assume: Assumptions{SessionLifetime: 60e9}, steps: []string{"create", "pass 59s", "create"}, want: []string{"response 400 64021 [ReportSessionInProgress]"}},
		{name: "an update prolongs the lifetime", assume: Assumptions{SessionLifetime: 60e9}, steps: []string{"create", "pass 59s", "capture postal-code", "pass 59s", "capture postal-code"}, want: []string{
			"no longer asked postal-code 1: replaced",
			"asked postal-code 2",
			"callback to capture PartialResult=true Required=payment-card-number,expiration-date,security-code,postal-code",
			"session capturing postal-code",
			"response 202",
		}},
		{name: "an update after the lifetime", assume: Assumptions{SessionLifetime: 60e9}, steps: []string{"create", "pass 1m", "capture postal-code"}, want: []string{
			"session ended [SessionLifetime]",
			"response 404 20404 [FinishedSessionStatus]",
		}},
	})
}

// A call belongs to the account that used it first.
func TestCallsBelongToAnAccount(t *testing.T) {
	t.Parallel()
	p := newPlayer(t, Config{})
	p.play("create", "cancel")
	other := p.last
	other.Operation, other.SID, other.AccountSID = Create, "", "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	if got := describeAll(p.apply(other)); len(got) != 1 || got[0] != "response 404 20404" {
		t.Errorf("create by another account: %q", got)
	}
	other.Operation, other.SID = Cancel, p.sid
	if got := describeAll(p.apply(other)); len(got) != 1 || got[0] != "response 404 20404" {
		t.Errorf("update by another account: %q", got)
	}
}

func TestNewCall(t *testing.T) {
	t.Parallel()
	m := New(Config{Seed: 1, Assumptions: Assumptions{KnownCallsOnly: true}})
	seen := func(effects []Effect) string {
		if len(effects) != 1 {
			return ""
		}
		return effects[0].Event.(CallSeen).CallSID
	}
	first, second := seen(m.Apply(testStart, NewCall{})), seen(m.Apply(testStart, NewCall{}))
	if first == second || len(first) != 34 || len(second) != 34 {
		t.Errorf("calls %q and %q", first, second)
	}
	if got := m.Apply(testStart, NewCall{CallSID: first}); len(got) != 0 {
		t.Errorf("a call that is known: %v", describeAll(got))
	}
	p := newPlayer(t, Config{Assumptions: Assumptions{KnownCallsOnly: true}})
	p.apply(NewCall{CallSID: testCall})
	if got := p.play("create"); got[len(got)-1] != "response 201" {
		t.Errorf("a session on a call that the test made: %q", got)
	}
}
