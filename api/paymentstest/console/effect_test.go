package console_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestSnapshotsAreBounded: a snapshot lists the newest calls and says how many it
// leaves out.
func TestSnapshotsAreBounded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 1200 {
		d.srv.NewCall()
	}
	var whole struct {
		Journal struct{ Calls []struct{ SID string } }
		Omitted map[string]int
	}
	d.get(t, "snapshot").decode(t, &whole)
	all := d.srv.Snapshot().Calls
	if n := len(whole.Journal.Calls); n != 1000 || whole.Omitted["calls"] != 200 || whole.Journal.Calls[999].SID != all[1199].SID {
		t.Errorf("%d (want 1000) calls, omitted %v", n, whole.Omitted)
	}
}

// application receives callbacks and refuses those without a valid signature.
type application struct {
	url    string
	events chan callback.Event
}

func newApplication(t testing.TB, srv *paymentstest.Server) *application {
	t.Helper()
	app := &application{events: make(chan callback.Event, 1000)}
	h, err := callback.NewHandler(func(_ context.Context, e callback.Event) error { app.events <- e; return nil }, callback.WithAuthTokens(srv.AuthToken()))
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	app.url = web.URL
	return app
}

// TestCommandEffects: what is armed happens, as often as requested, and appears
// in the snapshot.
func TestCommandEffects(t *testing.T) {
	t.Parallel()
	status := func(t *testing.T, d *desk) int {
		t.Helper()
		var sent struct{ Status int }
		a := d.post(t, "requests/2/again", `{"key":"new"}`)
		a.decode(t, &sent)
		return sent.Status
	}
	armed := func(t *testing.T, d *desk) int {
		t.Helper()
		var whole struct{ Faults []json.RawMessage }
		d.get(t, "snapshot").decode(t, &whole)
		return len(whole.Faults)
	}
	t.Run("faults", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.sample(t)
		d.must(t, "faults", `{"fault":"unavailable","operation":"capture","times":2}`)
		d.must(t, "faults", `{"fault":"reset"}`)
		for i, want := range []int{503, 503, 0, 202} {
			if got := status(t, d); got != want {
				t.Errorf("request %d: status %d, want %d", i+1, got, want)
			}
		}
		if n := armed(t, d); n != 0 {
			t.Errorf("%d faults are still armed, want 0", n)
		}
		d.must(t, "faults", `{"fault":"server-error","times":0,"takesEffect":true}`)
		for range 3 {
			if got := status(t, d); got != 500 {
				t.Errorf("armed for good: status %d, want 500", got)
			}
		}
		if recs := d.srv.Requests(); !recs[len(recs)-1].Committed {
			t.Error("the request did not take effect")
		}
		d.page.Close()
		if got := status(t, d); got != 202 {
			t.Errorf("after Close: status %d, want 202", got)
		}
	})
	t.Run("deliveries", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		app := newApplication(t, d.srv)
		d.must(t, "delivery", `{"way":"twice","times":1}`)
		for range 2 {
			d.must(t, "sessions", `{"statusCallback":"`+app.url+`"}`)
		}
		if err := d.srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(app.events); got != 2 { // the handler drops the duplicate delivery
			t.Errorf("%d events, want 2", got)
		}
		all := d.srv.Callbacks()
		if len(all) != 2 || len(all[0].Attempts) != 2 || len(all[1].Attempts) != 1 {
			t.Errorf("attempts: %+v", all)
		}
	})
	t.Run("gateway", func(t *testing.T) {
		t.Parallel()
		for _, tt := range []struct{ rule, card, want string }{
			{`{"verdict":"server"}`, "visa", "success"},
			{`{"verdict":"server"}`, "untested", "payment-connector-error"},
			{`{"verdict":"approve"}`, "untested", "success"},
			{`{"verdict":"decline","code":64012}`, "visa", "payment-connector-error"},
		} {
			d := newDesk(t)
			d.must(t, "gateway", tt.rule)
			s := d.sample(t)
			d.must(t, "calls/"+s.Call+"/entry", `{"name":"`+tt.card+`"}`)
			d.must(t, "sessions/"+s.Session+"/capture", `{"capture":"payment-card-number"}`)
			d.pay(t, s, tt.card)
			var folded struct{ Result string }
			d.get(t, "sessions/"+s.Session).decode(t, &folded)
			if folded.Result != tt.want {
				t.Errorf("%s with %s: %q, want %q", tt.rule, tt.card, folded.Result, tt.want)
			}
		}
	})
	t.Run("held payments", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		s := d.sample(t)
		d.must(t, "gateway", `{"verdict":"hold","times":1}`)
		d.pay(t, s, "visa")
		var whole struct {
			Held []struct{ Session, Amount string }
		}
		d.get(t, "snapshot").decode(t, &whole)
		if len(whole.Held) != 1 || whole.Held[0].Session != s.Session || whole.Held[0].Amount != "9.99" {
			t.Fatalf("held: %+v", whole.Held)
		}
		d.must(t, "gateway/decide", `{"session":"`+s.Session+`","verdict":"decline","code":64008}`)
		if err := d.srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		var folded struct{ Result, Code string }
		d.get(t, "sessions/"+s.Session).decode(t, &folded)
		if folded.Result != "payment-connector-error" || folded.Code != "64008" {
			t.Errorf("decided: %+v, want Result payment-connector-error, Code 64008", folded)
		}
		d.get(t, "snapshot").decode(t, &whole)
		if len(whole.Held) != 0 {
			t.Errorf("still held: %+v, want none", whole.Held)
		}
	})
	t.Run("scenarios", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		v := d.view(t, "")
		d.must(t, "scenarios/happy-path/play", `{"paceMs":1}`)
		d.must(t, "scenarios/play", `{"paceMs":0,"text":"{\"title\": \"no charge\", \"expect\": {\"charges\": []}, \"payment\": {\"ChargeAmount\": \"1.00\"}}"}`)
		var held struct {
			Plays []struct {
				Call, Title, Report string
				Running, Passed     bool
			}
		}
		s := d.sample(t)
		d.pay(t, s, "amex")
		saved, err := json.Marshal(map[string]any{"paceMs": 0, "text": string(d.get(t, "exports/scenario?call="+s.Call).body)})
		if err != nil {
			t.Fatal(err)
		}
		d.must(t, "scenarios/play", string(saved))
		for len(held.Plays) < 3 || held.Plays[0].Running || held.Plays[1].Running || held.Plays[2].Running {
			if err := json.Unmarshal([]byte(v.until(t, "console").data), &held); err != nil {
				t.Fatal(err)
			}
		}
		if p := held.Plays[0]; !p.Passed || p.Call == "" {
			t.Errorf("the happy path: %+v, want Passed, a Call", p)
		}
		if p := held.Plays[1]; p.Passed || p.Title != "no charge" || !strings.Contains(p.Report, "FAILED") {
			t.Errorf("a scenario that fails: %+v", p)
		}
		if p := held.Plays[2]; !p.Passed {
			t.Errorf("a run that was saved: %+v, want Passed", p)
		}
	})
	t.Run("the server's own rules stay", func(t *testing.T) {
		t.Parallel()
		srv := paymentstest.NewServer(t, paymentstest.WithFaults(paymentstest.On(paymentstest.Any, 0, paymentstest.Respond(418, ""))))
		d := deskOf(t, srv)
		if a := d.post(t, "sessions", `{}`); !strings.Contains(string(a.body), "418") {
			t.Errorf("the server's own fault did not fire: %s", a.body)
		}
	})
}
