package console_test

import (
	"crypto/hmac"
	"crypto/sha1" // what Twilio signs with
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// TestExplain: for each wrong configuration of an application, the explanation
// names the part that differs.
func TestExplain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		received string // PORT stands for the application's port
		public   string
		body     string
		accepted bool
		differs  []string
	}{
		{name: "as sent", accepted: true, differs: []string{}},
		{name: "another scheme", received: "https://127.0.0.1:PORT/status?order=7", differs: []string{"scheme"}},
		{name: "another port", received: "http://127.0.0.1:1/status?order=7", differs: []string{"port"}},
		{name: "behind a proxy", received: "http://127.0.0.1:8080/pay/status?order=7", public: "https://pay.example.com", differs: []string{"scheme", "host", "port", "path"}},
		{name: "another public host", public: "https://pay.example.com", differs: []string{"scheme", "host", "port"}},
		{name: "another path", received: "http://127.0.0.1:PORT/status/?order=7", differs: []string{"path"}},
		{name: "no query", received: "http://127.0.0.1:PORT/status", differs: []string{"query"}},
		{name: "a body that was changed", body: "Sid=PK1&AccountSid=x", differs: []string{"body"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			app := newApplication(t, d.srv)
			d.start(t, `{"statusCallback":"`+app.url+`/status?order=7"}`)
			if err := d.srv.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			port := app.url[strings.LastIndex(app.url, ":")+1:]
			command := map[string]any{"callback": 1}
			for name, value := range map[string]string{"receivedURL": strings.ReplaceAll(tt.received, "PORT", port), "publicURL": tt.public, "receivedBody": tt.body} {
				if value != "" {
					command[name] = value
				}
			}
			text, err := json.Marshal(command)
			if err != nil {
				t.Fatal(err)
			}
			var x struct {
				Accepted, Proven bool
				Differs          []string
				Reason, Advice   string
			}
			d.must(t, "explain", string(text)).decode(t, &x)
			if x.Accepted != tt.accepted || x.Advice == "" || !slices.Equal(x.Differs, tt.differs) || x.Proven == tt.accepted {
				t.Errorf("%+v, want %v", x, tt.differs)
			}
			if strings.Contains(fmt.Sprint(x), d.srv.AuthToken()) {
				t.Error("the auth token is shown")
			}
		})
	}
}

// TestSignatureSteps computes the signature from the steps and the auth token.
func TestSignatureSteps(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var posted string
	app := httptest.NewServer(nil)
	app.Close() // the callback is created although no server listens
	d.start(t, `{"amount":"1.00","statusCallback":"`+app.URL+`?a=b#rc=0"}`)
	var s struct {
		URL       string
		Steps     []struct{ Title, Text string }
		Signature string
		Matches   bool
	}
	d.get(t, "callbacks/1/signature").decode(t, &s)
	for _, step := range s.Steps[:len(s.Steps)-2] {
		posted += step.Text
	}
	if whole := s.Steps[len(s.Steps)-2].Text; posted != whole {
		t.Errorf("the steps give\n%s\nand the signed text is\n%s", posted, whole)
	}
	mac := hmac.New(sha1.New, []byte(d.srv.AuthToken()))
	mac.Write([]byte(posted))
	if got := base64.StdEncoding.EncodeToString(mac.Sum(nil)); got != s.Signature || s.Steps[len(s.Steps)-1].Text != got || !s.Matches {
		t.Errorf("the steps give %s, the signature is %s", got, s.Signature)
	}
}

// TestSendAgain: with the same key the first response is replayed, with a new key
// the request takes effect, and edited fields are sent.
func TestSendAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.start(t, `{"amount":"1.00","description":"first"}`)
	d.must(t, "sessions/"+s.Session+"/cancel", "{}")
	for _, tt := range []struct {
		command    string
		status     int
		committed  bool
		replayed   bool
		amount     string
		hasDetails bool
	}{
		{`{"key":"same"}`, 201, false, true, "1.00", true},
		{`{"key":"same","form":{"ChargeAmount":"2.00"}}`, 409, false, false, "2.00", true},
		{`{"key":"new","form":{"ChargeAmount":"3.00","Description":null}}`, 201, true, false, "3.00", false},
		{`{"key":"new"}`, 400, false, false, "1.00", true}, // one session at a time
	} {
		var sent struct{ Request, Status int }
		d.must(t, "requests/1/again", tt.command).decode(t, &sent)
		all := d.srv.Requests()
		rec := all[sent.Request-1]
		if rec.Number != len(all) || sent.Status != tt.status || rec.Committed != tt.committed || rec.Replayed != tt.replayed ||
			rec.Form.Get("ChargeAmount") != tt.amount || rec.Form.Has("Description") != tt.hasDetails {
			t.Errorf("%s: status %d, want %d; %v", tt.command, sent.Status, tt.status, rec)
		}
	}
}

// TestFoldedState: after every callback the console shows the same state as a
// callback.State that received the events.
func TestFoldedState(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.start(t, `{"amount":"1.00","postalCode":false}`)
	d.enter(t, s, "payment-card-number", "check-digit", "payment-card-number", "visa", "expiration-date", "good", "security-code", "good", "payment-card-number", "mastercard")
	d.must(t, "sessions/"+s.Session+"/complete", "{}")
	if err := d.srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	type folded struct {
		Captured    []struct{ Capture string }
		Missing     []struct{ Capture string }
		CanComplete bool
		Succeeded   bool
		Result      string
		Moments     []int64
	}
	var whole folded
	d.get(t, "sessions/"+s.Session).decode(t, &whole)
	events, state := d.srv.Callbacks(), callback.State{}
	if len(events) != len(whole.Moments) {
		t.Fatalf("%d events, %d moments", len(events), len(whole.Moments))
	}
	for i, b := range events {
		if err := state.Apply(b.Event); err != nil {
			t.Fatal(err)
		}
		var got folded
		d.get(t, fmt.Sprintf("sessions/%s?at=%d", s.Session, whole.Moments[i])).decode(t, &got)
		if got.CanComplete != state.CanComplete() || got.Succeeded != state.Succeeded() || got.Result != string(state.Result()) ||
			len(got.Captured) != len(state.Captured()) || len(got.Missing) != len(state.Missing()) {
			t.Errorf("at callback %d: console %+v; callback.State: captured %v, missing %v", i+1, got, state.Captured(), state.Missing())
		}
	}
}

// BenchmarkKeyToStream measures the time from a key press to its entry on the
// stream, with 10,000 entries in the journal.
func BenchmarkKeyToStream(b *testing.B) {
	d := newDesk(b)
	for range 10_000 {
		d.srv.NewCall()
	}
	call := d.srv.NewCall()
	v := d.view(b, "")
	v.until(b, "console")
	for b.Loop() {
		_ = call.Press("4") // no capture is in progress, but the journal records the key
		v.numbers(b, last(d.srv))
	}
}

// BenchmarkFold measures folding a session from a journal of 10,000 entries.
func BenchmarkFold(b *testing.B) {
	d := newDesk(b)
	s := d.sample(b)
	d.pay(b, s, "visa")
	for last(d.srv) < 10_000 {
		d.srv.NewCall()
	}
	for b.Loop() {
		d.get(b, "sessions/"+s.Session)
	}
}
