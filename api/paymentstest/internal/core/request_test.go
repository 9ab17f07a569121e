package core

import (
	"net/url"
	"testing"
)

func TestUpdate(t *testing.T) {
	t.Parallel()
	playScenes(t, []scene{
		{name: "of no session", steps: []string{"cancel"}, want: []string{"response 404 20404"}},
		{name: "without Capture and Status", steps: []string{cardOnly, "update"}, want: []string{"response 400 64018"}},
		{name: "with both", steps: []string{cardOnly, "update Capture=postal-code&Status=cancel"}, want: []string{"response 400 64018"}},
	})
	p := newPlayer(t, Config{})
	p.play(cardOnly)
	other := p.last
	other.Form = url.Values{"IdempotencyKey": {"other"}}
	other.Operation, other.SID, other.CallSID = Cancel, p.sid, "CA00000000000000000000000000000002"
	if got := describeAll(p.apply(other)); len(got) != 1 || got[0] != "response 404 20404" {
		t.Errorf("a session of another call: %q", got)
	}
}

// Every session has its own SID, and an identical run has the same SIDs.
func TestSIDs(t *testing.T) {
	t.Parallel()
	sids := func(seed uint64) (list []string) {
		p := newPlayer(t, Config{Seed: seed})
		for range 3 {
			p.play("create", "cancel")
			list = append(list, p.sid)
		}
		return list
	}
	first, second, third := sids(1), sids(1), sids(2)
	for i := range first {
		if first[i] != second[i] || first[i] == third[i] || len(first[i]) != 34 || i > 0 && first[i] == first[i-1] {
			t.Errorf("session %d: %s, again %s, with another seed %s", i, first[i], second[i], third[i])
		}
	}
}
