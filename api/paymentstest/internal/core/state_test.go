package core

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// TestState follows a session from its start to its end.
func TestState(t *testing.T) {
	t.Parallel()
	type view struct {
		Phase       Phase
		Capture     payments.Capture
		Missing     []payments.Capture
		Captured    map[payments.Capture]string
		Card        payments.CardType
		CanComplete bool
		Result      string
		Charged     bool
	}
	const number, date = payments.CapturePaymentCardNumber, payments.CaptureExpirationDate
	masked, both := map[payments.Capture]string{number: "xxxxxxxxxxxx1111"}, map[payments.Capture]string{number: "xxxxxxxxxxxx1111", date: "1299"}
	p := newPlayer(t, Config{Assumptions: Assumptions{HideMatchers: true}})
	for _, step := range []struct {
		do   string
		want view
	}{
		{cardOnly + "&Confirmation=true", view{Phase: Idle, Missing: []payments.Capture{number, date}}},
		{"capture payment-card-number", view{Phase: Capturing, Capture: number, Missing: []payments.Capture{number, date}}},
		{"press 411", view{Phase: Capturing, Capture: number, Missing: []payments.Capture{number, date}}},
		{"press 1111111111111", view{Phase: Idle, Missing: []payments.Capture{date}, Captured: masked, Card: "visa"}},
		{"capture expiration-date", view{Phase: Capturing, Capture: date, Missing: []payments.Capture{date}, Captured: masked, Card: "visa"}},
		{"press 1299", view{Phase: Idle, Captured: both, Card: "visa", CanComplete: true}},
		{"complete", view{Phase: Confirming, Captured: both, Card: "visa", CanComplete: true}},
		{"press 1", view{Phase: Completing, Captured: both, Card: "visa"}},
		{"hang up", view{Phase: Completing, Captured: both, Card: "visa"}},
		{"verdict", view{Phase: Ended, Captured: both, Card: "visa", Result: "success", Charged: true}},
	} {
		p.play(step.do)
		s, known := p.m.Session(p.sid)
		if !known {
			t.Fatalf("after %s: no session", step.do)
		}
		got := view{s.Phase, s.Capture, s.Missing, s.Captured, s.CardType, s.CanComplete, string(s.Result), s.Charged}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", step.do, diff)
		}
	}
	if c, known := p.m.Call(testCall); !known || !c.Ended || c.Session != p.sid || c.AccountSID != testAccount {
		t.Errorf("the call is %+v", c)
	}
	if all := p.m.Sessions(); len(all) != 1 || all[0].SID != p.sid {
		t.Errorf("sessions %+v", all)
	}
}

// Matchers are missing even if Required hides them.
func TestMatchersAreMissing(t *testing.T) {
	t.Parallel()
	p := newPlayer(t, Config{Assumptions: Assumptions{HideMatchers: true}})
	p.play(filled(matching)...)
	s, _ := p.m.Session(p.sid)
	if diff := cmp.Diff([]payments.Capture{payments.CapturePaymentCardNumberMatcher}, s.Missing); diff != "" || s.CanComplete {
		t.Errorf("can complete %t, missing (-want +got):\n%s", s.CanComplete, diff)
	}
}
