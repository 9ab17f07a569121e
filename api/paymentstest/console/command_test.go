package console_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

const (
	strangeCall    = "CA00000000000000000000000000000009"
	strangeSession = "PK00000000000000000000000000000009"
)

// TestEveryCommand sends every command well and badly. That each response is as
// the OpenAPI document says is checked for all of them, in held.
func TestEveryCommand(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	app := newApplication(t, d.srv)
	s := d.sample(t)
	open := d.sample(t) // stays open
	d.pay(t, s, "visa")
	call, session := "calls/"+open.Call+"/", "sessions/"+open.Session+"/"
	for _, tt := range []struct {
		path, body string
		status     int
		code       string // and the field
	}{
		{"session", `{"token":"` + d.page.Token() + `"}`, 204, ""},
		{"session", `{"token":"another"}`, 401, "wrong-token"},
		{"session/end", `{}`, 204, ""},
		{"calls", `{}`, 201, ""},
		{"calls", `{"caller":"visa"}`, 201, ""},
		{"calls", `{"caller":"nobody"}`, 400, "bad-request caller"},
		{"calls", `{"kaller":"visa"}`, 400, "bad-request kaller"},
		{"calls", `{"caller":1}`, 400, "bad-request caller"},
		{"calls", `[]`, 400, "bad-request"},
		{"calls", `{}{}`, 400, "bad-request"},
		{"calls", ``, 400, "bad-request"},
		{"calls", `{"caller":"` + strings.Repeat("x", 70<<10) + `"}`, 413, "too-large"},
		{call + "keys", `{"keys":"41"}`, 200, ""},
		{call + "keys", `{"keys":""}`, 400, "bad-request keys"},
		{call + "keys", `{"keys":"A"}`, 400, "bad-request keys"},
		{call + "keys", `{"keys":"` + strings.Repeat("1", 65) + `"}`, 400, "bad-request keys"},
		{"calls/" + strangeCall + "/keys", `{"keys":"1"}`, 404, "not-found"},
		{"calls/nobody/keys", `{"keys":"1"}`, 400, "bad-request call"},
		{call + "entry", `{"card":"visa"}`, 409, "entry-begun"},
		{call + "entry", `{"card":"visa"}`, 409, "not-asked"},
		{session + "capture", `{"capture":"payment-card-number"}`, 200, ""},
		{call + "entry", `{"mistake":"check-digit"}`, 200, ""},
		{call + "keys", `{"keys":"1"}`, 409, "not-asked"},
		{session + "capture", `{"capture":"payment-card-number"}`, 200, ""},
		{session + "capture", `{"capture":"blood-type"}`, 400, "bad-request capture"},
		{call + "entry", `{"card":"hearts"}`, 400, "bad-request name"},
		{call + "entry", `{}`, 400, "bad-request name"},
		{call + "entry", `{"card":"visa","mistake":"expired"}`, 400, "bad-request name"},
		{call + "caller", `{"caller":"visa","paceMs":0}`, 204, ""},
		{call + "caller", `{"caller":""}`, 204, ""},
		{call + "caller", `{"caller":"","paceMs":-1}`, 400, "bad-request paceMs"},
		{"sessions", `{"call":"` + open.Call + `","amount":"1.00"}`, 409, "refused"},
		{"sessions", `{"amount":"1e3"}`, 400, "bad-request amount"},
		{"sessions", `{"amount":"1.00","currency":"EUR","statusCallback":"` + app.url + `/status","postalCode":false,"securityCode":true,"description":"d","cardTypes":"visa","matching":"security-code","confirmation":true,"timeoutSeconds":9}`, 201, ""},
		{"sessions", `{"method":"ach-debit","tokenType":"reusable"}`, 201, ""},
		{"sessions", `{"timeoutSeconds":601}`, 400, "bad-request timeoutSeconds"},
		{"sessions", `{"call":"x"}`, 400, "bad-request call"},
		{session + "complete", `{}`, 409, "refused"},
		{"sessions/" + strangeSession + "/complete", `{}`, 404, "not-found"},
		{"sessions/" + s.Session + "/cancel", `{}`, 409, "refused"},
		{"requests/1/again", `{"key":"same"}`, 200, ""},
		{"requests/1/again", `{"key":"new","form":{"ChargeAmount":"2.00","Description":null}}`, 200, ""},
		{"requests/1/again", `{"key":"no"}`, 400, "bad-request key"},
		{"requests/x/again", `{"key":"new"}`, 400, "bad-request number"},
		{"requests/999/again", `{"key":"new"}`, 404, "not-found"},
		{"faults", `{"fault":"too-many-requests","retryAfter":"3","operation":"cancel","attempt":7,"call":"` + strangeCall + `"}`, 201, ""},
		{"faults", `{"fault":"flood"}`, 400, "bad-request fault"},
		{"faults", `{"fault":"reset","operation":"update"}`, 400, "bad-request operation"},
		{"faults", `{"fault":"reset","share":1.5}`, 400, "bad-request share"},
		{"faults", `{"fault":"reset","times":-1}`, 400, "bad-request times"},
		{"faults", `{"fault":"reset","attempt":-1}`, 400, "bad-request attempt"},
		{"faults", `{"fault":"reset","call":"x"}`, 400, "bad-request call"},
		{"faults", `{"fault":"slow","delayMs":700000}`, 400, "bad-request delayMs"},
		{"faults", `{"fault":"too-many-requests","retryAfter":"3\r\nX: y"}`, 400, "bad-request retryAfter"},
		{"faults/disarm", `{"id":1}`, 204, ""},
		{"faults/disarm", `{"id":1}`, 404, "not-found"},
		{"faults/disarm", `{}`, 204, ""},
		{"delivery", `{"way":"late","delayMs":5,"share":0.5,"call":"` + strangeCall + `"}`, 200, ""},
		{"delivery", `{"way":"pigeon"}`, 400, "bad-request way"},
		{"delivery", `{"way":"late","delayMs":-1}`, 400, "bad-request delayMs"},
		{"delivery", `{"way":"late","call":"x"}`, 400, "bad-request call"},
		{"delivery", `{"way":"once"}`, 200, ""},
		{"gateway", `{"verdict":"decline","code":64012,"connectorError":"lost_card","afterMs":1,"times":2,"call":"` + strangeCall + `"}`, 200, ""},
		{"gateway", `{"verdict":"maybe"}`, 400, "bad-request verdict"},
		{"gateway", `{"verdict":"decline","code":1}`, 400, "bad-request code"},
		{"gateway", `{"verdict":"decline","connectorError":"` + strings.Repeat("x", 501) + `"}`, 400, "bad-request connectorError"},
		{"gateway", `{"verdict":"hold","afterMs":-1}`, 400, "bad-request afterMs"},
		{"gateway", `{"verdict":"hold","times":-1}`, 400, "bad-request times"},
		{"gateway", `{"verdict":"hold","call":"x"}`, 400, "bad-request call"},
		{"gateway", `{"verdict":"server"}`, 200, ""},
		{"gateway/decide", `{"session":"` + s.Session + `","verdict":"approve"}`, 409, "not-held"},
		{"gateway/decide", `{"session":"` + s.Session + `","verdict":"hold"}`, 400, "bad-request verdict"},
		{"gateway/decide", `{"session":"x","verdict":"approve"}`, 400, "bad-request session"},
		{"assumptions", `{"DashedCardMask":true,"SessionLifetime":60000,"Connectors":["Default"],"CancelResult":"","FinishedSessionStatus":409}`, 200, ""},
		{"assumptions", `{"FinishedSessionStatus":99}`, 400, "bad-request"},
		{"assumptions", `{"Nonsense":true}`, 400, "bad-request Nonsense"},
		{"assumptions", `{"DashedCardMask":false,"SessionLifetime":0,"Connectors":[]}`, 200, ""},
		{"callbacks/1/redeliver", `{}`, 200, ""},
		{"callbacks/9999/redeliver", `{}`, 404, "not-found"},
		{"callbacks/x/redeliver", `{}`, 400, "bad-request number"},
		{"callbacks/send", `{"url":"` + app.url + `/status","kind":"good","form":{"Result":"success"}}`, 200, ""},
		{"callbacks/send", `{"url":"` + app.url + `/status","kind":"unsigned","call":"` + strangeCall + `","session":"` + strangeSession + `"}`, 200, ""},
		{"callbacks/send", `{"url":"` + app.url + `/status","kind":"wrongly-signed"}`, 200, ""},
		{"callbacks/send", `{"url":"` + app.url + `/status","kind":"unknown-value"}`, 200, ""},
		{"callbacks/send", `{"url":"` + app.url + `/status","kind":"field-missing"}`, 200, ""},
		{"callbacks/send", `{"url":"/status","kind":"good"}`, 400, "bad-request url"},
		{"callbacks/send", `{"url":"` + app.url + `","kind":"bad"}`, 400, "bad-request kind"},
		{"callbacks/send", `{"url":"` + app.url + `","kind":"good","session":"x"}`, 400, "bad-request session"},
		{"callbacks/send", `{"url":"` + app.url + `","kind":"good","call":"x"}`, 400, "bad-request call"},
		{"callbacks/send", `{"url":"https://pay.example.com/","kind":"good"}`, 409, "not-local"},
		{"explain", `{"callback":1}`, 200, ""},
		{"explain", `{"callback":1,"publicURL":"https://pay.example.com"}`, 200, ""},
		{"explain", `{"callback":1,"publicURL":"pay"}`, 400, "bad-request publicURL"},
		{"explain", `{"callback":1,"receivedURL":"/x"}`, 400, "bad-request receivedURL"},
		{"explain", `{"callback":9999}`, 404, "not-found"},
		{"scenarios/happy-path/play", `{}`, 202, ""},
		{"scenarios/happy-path/play", `{"paceMs":-1}`, 400, "bad-request paceMs"},
		{"scenarios/sad-path/play", `{}`, 404, "not-found"},
		{"scenarios/play", `{"text":"{\"title\": \"mine\"}"}`, 202, ""},
		{"scenarios/play", `{"text":"{\"caller\": {\"shoe-size\": \"44\"}}"}`, 400, "bad-request text"},
		{call + "hang-up", `{}`, 204, ""},
		{call + "keys", `{"keys":"1"}`, 409, "call-ended"},
		{"calls/" + strangeCall + "/hang-up", `{}`, 404, "not-found"},
		{"nowhere", `{}`, 404, "not-found"},
		{"snapshot", `{}`, 405, "wrong-method"},
	} {
		a := d.post(t, tt.path, tt.body)
		if a.status != tt.status || a.code() != tt.code {
			t.Errorf("%s %.200s: status %d, error %q, want %d, %q\n%s", tt.path, tt.body, a.status, a.code(), tt.status, tt.code, a.body)
		}
		if a.status == http.StatusMethodNotAllowed && a.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: Allow: %q", tt.path, a.header.Get("Allow"))
		}
	}
}

// TestEveryRead reads everything well and badly.
func TestEveryRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.sample(t)
	d.pay(t, s, "amex")
	for _, tt := range []struct {
		path   string
		status int
		code   string
		want   string
	}{
		{"about", 200, "", `"simulated":true`},
		{"snapshot", 200, "", `"phase":"ended"`},
		{"entries", 200, "", `"first":1`},
		{"entries?after=0&limit=1", 200, "", `"number":1`},
		{"entries?limit=0", 400, "bad-request limit", ""},
		{"entries?limit=2001", 400, "bad-request limit", ""},
		{"entries?after=-1", 400, "bad-request after", ""},
		{"entries?before=x", 400, "bad-request before", ""},
		{"entries?after=1&after=2", 400, "bad-request after", ""},
		{"entries/1", 200, "", `"number":1`},
		{"entries/0", 400, "bad-request number", ""},
		{"entries/99999", 404, "not-found", ""},
		{"sessions/" + s.Session, 200, "", `"succeeded":true`},
		{"sessions/" + s.Session + "?at=1", 200, "", `"succeeded":false`},
		{"sessions/" + s.Session + "?at=x", 400, "bad-request at", ""},
		{"sessions/" + strangeSession, 404, "not-found", ""},
		{"sessions/x", 400, "bad-request session", ""},
		{"scenarios", 200, "", `"name":"happy-path"`},
		{"callbacks/1/signature", 200, "", `"matches":true`},
		{"callbacks/0/signature", 400, "bad-request number", ""},
		{"callbacks/9999/signature", 404, "not-found", ""},
		{"exports/curl?request=1", 200, "", "$TWILIO_AUTH_TOKEN"},
		{"exports/curl?request=999", 404, "not-found", ""},
		{"exports/curl", 400, "bad-request number", ""},
		{"exports/go?request=1", 200, "", "payments.CreateParams{"},
		{"exports/har", 200, "", `"version": "1.2"`},
		{"exports/har?call=" + s.Call, 200, "", `"status": 201`},
		{"exports/har?session=" + s.Session, 200, "", `"status": 201`},
		{"exports/har?call=" + strangeCall, 404, "not-found", ""},
		{"exports/har?call=x", 400, "bad-request call", ""},
		{"exports/har?session=x", 400, "bad-request session", ""},
		{"exports/har?call=" + s.Call + "&session=" + s.Session, 400, "bad-request session", ""},
		{"exports/html?call=" + s.Call, 200, "", "Ended: <b>" + s.Session + " · 9.99 · USD · success</b>"},
		{"exports/test?call=" + s.Call, 200, "", `call.Type("amex")`},
		{"exports/scenario?call=" + s.Call, 200, "", `"amex"`},
		{"exports/scenario", 400, "bad-request call", ""},
		{"exports/test", 400, "bad-request call", ""},
		{"nowhere", 404, "not-found", ""},
		{"calls", 405, "wrong-method", ""},
	} {
		a := d.get(t, tt.path)
		if a.status != tt.status || a.code() != tt.code || !strings.Contains(string(a.body), tt.want) {
			t.Errorf("%s: status %d, error %q, want %d, %q with %q\n%.600s", tt.path, a.status, a.code(), tt.status, tt.code, tt.want, a.body)
		}
	}
}

// TestSnapshotsAreBounded: of many calls the newest are listed, and it is said
// how many are not.
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
		t.Errorf("%d calls, omitted %v", n, whole.Omitted)
	}
}

// application is one that takes callbacks, and refuses those not signed.
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

// TestWhatCommandsDo: what is armed happens, as often as asked for, and shows.
func TestWhatCommandsDo(t *testing.T) {
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
			t.Errorf("%d faults are still armed", n)
		}
		d.must(t, "faults", `{"fault":"server-error","times":0,"takesEffect":true}`)
		for range 3 {
			if got := status(t, d); got != 500 {
				t.Errorf("armed for good: status %d", got)
			}
		}
		if recs := d.srv.Requests(); !recs[len(recs)-1].Committed {
			t.Error("the request did not take effect")
		}
		d.page.Close()
		if got := status(t, d); got != 202 {
			t.Errorf("after Close: status %d", got)
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
		if got := len(app.events); got != 2 { // the handler takes the second delivery for what it is
			t.Errorf("%d events", got)
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
				t.Errorf("%s with %s: %q", tt.rule, tt.card, folded.Result)
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
			t.Errorf("decided: %+v", folded)
		}
		d.get(t, "snapshot").decode(t, &whole)
		if len(whole.Held) != 0 {
			t.Errorf("still held: %+v", whole.Held)
		}
	})
	t.Run("scenarios", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		v := d.view(t, "")
		d.must(t, "scenarios/happy-path/play", `{"paceMs":1}`)
		d.must(t, "scenarios/play", `{"paceMs":0,"text":"{\"title\": \"nobody pays\", \"expect\": {\"charges\": []}, \"payment\": {\"ChargeAmount\": \"1.00\"}}"}`)
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
			t.Errorf("the happy path: %+v", p)
		}
		if p := held.Plays[1]; p.Passed || p.Title != "nobody pays" || !strings.Contains(p.Report, "FAILED") {
			t.Errorf("a scenario that fails: %+v", p)
		}
		if p := held.Plays[2]; !p.Passed {
			t.Errorf("a run that was saved: %+v", p)
		}
	})
	t.Run("the server's own rules stay", func(t *testing.T) {
		t.Parallel()
		srv := paymentstest.NewServer(t, paymentstest.WithFaults(paymentstest.On(paymentstest.Any, 0, paymentstest.Respond(418, ""))))
		d := deskOf(t, srv)
		if a := d.post(t, "sessions", `{}`); !strings.Contains(string(a.body), "418") {
			t.Errorf("the server's own fault is gone: %s", a.body)
		}
	})
}
