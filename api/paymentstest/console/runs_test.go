package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// runs has runs of all kinds. Each plays on its own console and returns its call.
var runs = map[string]func(t *testing.T, d *desk) string{
	"charge": func(t *testing.T, d *desk) string {
		s := d.sample(t)
		d.pay(t, s, "visa")
		return s.Call
	},
	"token_matched_and_confirmed": func(t *testing.T, d *desk) string {
		s := d.start(t, `{"tokenType":"one-time","matching":"payment-card-number","confirmation":true,"postalCode":false}`)
		d.enter(t, s, "payment-card-number", "amex", "payment-card-number-matcher", "visa", "payment-card-number-matcher", "amex", "expiration-date", "good", "security-code", "good")
		d.must(t, "sessions/"+s.Session+"/complete", "{}")
		d.must(t, "calls/"+s.Call+"/entry", `{"name":"confirm"}`)
		return s.Call
	},
	"confirmation_refused": func(t *testing.T, d *desk) string {
		s := d.start(t, `{"amount":"1.00","confirmation":true,"postalCode":false,"securityCode":false}`)
		d.enter(t, s, "payment-card-number", "mastercard", "expiration-date", "good")
		d.must(t, "sessions/"+s.Session+"/complete", "{}")
		d.must(t, "calls/"+s.Call+"/entry", `{"name":"refuse"}`)
		return s.Call
	},
	"every_mistake": func(t *testing.T, d *desk) string {
		s := d.start(t, `{"amount":"3.21","currency":"EUR","description":"quote \" tick `+"`"+` <b>&amp;\n%s"}`)
		for _, m := range paymentstest.Mistakes() {
			for _, c := range m.Captures {
				if !strings.HasPrefix(string(c), "bank-") {
					if c == payments.CaptureSecurityCode {
						d.enter(t, s, "payment-card-number", "visa")
					}
					d.enter(t, s, string(c), m.Name)
				}
			}
		}
		d.enter(t, s, "payment-card-number", "visa", "expiration-date", "good", "security-code", "good", "postal-code", "good")
		d.must(t, "sessions/"+s.Session+"/complete", "{}")
		return s.Call
	},
	"star": func(t *testing.T, d *desk) string {
		s := d.sample(t)
		d.must(t, "calls/"+s.Call+"/keys", `{"keys":"411*"}`)
		return s.Call
	},
	"hang_up_at_the_code": func(t *testing.T, d *desk) string {
		s := d.sample(t)
		d.enter(t, s, "payment-card-number", "visa", "expiration-date", "good")
		d.must(t, "sessions/"+s.Session+"/capture", `{"capture":"security-code"}`)
		d.must(t, "calls/"+s.Call+"/keys", `{"keys":"1"}`)
		d.must(t, "calls/"+s.Call+"/hang-up", `{}`)
		return s.Call
	},
	"silence": func(t *testing.T, d *desk) string {
		s := d.start(t, `{"amount":"1.00","timeoutSeconds":1}`)
		d.must(t, "sessions/"+s.Session+"/capture", `{"capture":"payment-card-number"}`)
		d.must(t, "calls/"+s.Call+"/keys", `{"keys":"41"}`)
		d.entry(t, `"errorType":"input-timeout"`)
		d.enter(t, s, "payment-card-number", "visa")
		return s.Call
	},
	"asked_for_something_else": func(t *testing.T, d *desk) string {
		s := d.sample(t)
		d.must(t, "calls/"+s.Call+"/keys", `{"keys":"4111"}`)
		d.must(t, "sessions/"+s.Session+"/capture", `{"capture":"postal-code"}`)
		d.must(t, "calls/"+s.Call+"/keys", `{"keys":"94"}`)
		d.must(t, "sessions/"+s.Session+"/cancel", `{}`)
		return s.Call
	},
	"requests_that_fail": func(t *testing.T, d *desk) string {
		s := d.sample(t)
		for _, fault := range []string{
			`{"fault":"unavailable"}`, `{"fault":"too-many-requests","retryAfter":"2"}`, `{"fault":"server-error","takesEffect":true}`, `{"fault":"reset"}`,
			`{"fault":"reset","takesEffect":true}`, `{"fault":"half-body"}`, `{"fault":"slow","delayMs":20}`, `{"fault":"slow","delayMs":20,"takesEffect":true}`,
		} {
			d.must(t, "faults", fault)
			d.post(t, "requests/2/again", `{"key":"new"}`)
			d.post(t, "requests/2/again", `{"key":"same"}`)
		}
		d.must(t, "sessions/"+s.Session+"/capture", `{"capture":"payment-card-number"}`)
		d.pay(t, s, "visa")
		return s.Call
	},
	"no_response": func(t *testing.T, d *desk) string {
		s := d.sample(t)
		client, err := payments.NewClient(append(d.srv.ClientOptions(), payments.WithMaxRetries(0))...)
		if err != nil {
			t.Fatal(err)
		}
		for _, effect := range []string{"true", "false"} {
			d.must(t, "faults", `{"fault":"never-answer","takesEffect":`+effect+`}`)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer cancel()
			p := payments.UpdateParams{StatusCallback: "http://console.invalid/status", Capture: payments.CaptureExpirationDate}
			if _, err := client.Update(ctx, s.Call, s.Session, p); err == nil {
				t.Error("a request without a response succeeds")
			}
		}
		d.must(t, "sessions/"+s.Session+"/cancel", "{}")
		return s.Call
	},
	"callbacks_out_of_order": func(t *testing.T, d *desk) string {
		d.must(t, "delivery", `{"way":"twice","times":1}`)
		s := d.start(t, `{"amount":"1.00","postalCode":false,"securityCode":false}`)
		for _, way := range []string{`"late","delayMs":30`, `"never"`, `"out-of-order"`} {
			d.must(t, "delivery", `{"way":`+way+`,"times":0}`)
			d.enter(t, s, "payment-card-number", "visa")
		}
		d.must(t, "delivery", `{"way":"once"}`)
		d.enter(t, s, "expiration-date", "good")
		d.must(t, "sessions/"+s.Session+"/complete", "{}")
		return s.Call
	},
	"ach": func(t *testing.T, d *desk) string {
		s := d.start(t, `{"amount":"20.00","method":"ach-debit"}`)
		d.enter(t, s, "bank-routing-number", "check-digit", "bank-routing-number", "ach", "bank-account-number", "too-short", "bank-account-number", "ach")
		d.must(t, "sessions/"+s.Session+"/complete", "{}")
		return s.Call
	},
	"declined_then_another_card": func(t *testing.T, d *desk) string {
		s := d.sample(t)
		d.must(t, "gateway", `{"verdict":"decline","code":64012,"connectorError":"lost \"card\"","times":1}`)
		d.pay(t, s, "visa")
		s = d.startOn(t, s.Call, `"amount":"9.99"`)
		d.enter(t, s, "payment-card-number", "untested", "expiration-date", "good", "security-code", "good", "postal-code", "good")
		d.must(t, "sessions/"+s.Session+"/complete", "{}")
		s = d.startOn(t, s.Call, `"amount":"9.99"`)
		d.must(t, "gateway", `{"verdict":"hold","times":1}`)
		d.enter(t, s, "payment-card-number", "untested", "expiration-date", "good", "security-code", "good", "postal-code", "good")
		d.must(t, "sessions/"+s.Session+"/complete", "{}")
		d.post(t, "sessions/"+s.Session+"/complete", "{}") // refused while the payment is held
		d.must(t, "gateway/decide", `{"session":"`+s.Session+`","verdict":"approve"}`)
		return s.Call
	},
	"other_assumptions": func(t *testing.T, d *desk) string {
		d.must(t, "assumptions", `{"FinishedSessionStatus":409,"FinishedSessionCode":20409,"CancelResult":"cancelled","DashedCardMask":true,"Connectors":["Default"],"SessionLifetime":3600000}`)
		s := d.sample(t)
		d.enter(t, s, "payment-card-number", "visa")
		d.must(t, "sessions/"+s.Session+"/cancel", `{}`)
		d.post(t, "sessions/"+s.Session+"/cancel", `{}`)
		d.post(t, "sessions", `{"call":"`+s.Call+`"}`)
		d.post(t, "sessions", `{"call":"`+s.Call+`"}`)
		return s.Call
	},
	"against_the_contract": func(t *testing.T, d *desk) string {
		s := d.sample(t)
		d.post(t, "requests/1/again", `{"key":"new","form":{"Nonsense":"1"}}`)
		d.post(t, "requests/2/again", `{"key":"new","form":{"Capture":null}}`)
		d.pay(t, s, "visa")
		return s.Call
	},
	"nothing_but_a_call": func(t *testing.T, d *desk) string {
		var s started
		d.must(t, "calls", "{}").decode(t, &s)
		d.post(t, "calls/"+s.Call+"/keys", `{"keys":"1"}`)
		d.must(t, "calls/"+s.Call+"/hang-up", `{}`)
		return s.Call
	},
}

// start starts a session.
func (d *desk) start(t testing.TB, command string) started {
	t.Helper()
	var s started
	d.must(t, "sessions", command).decode(t, &s)
	return s
}

func (d *desk) startOn(t testing.TB, call, fields string) started {
	t.Helper()
	if err := d.srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d.start(t, `{"call":"`+call+`",`+fields+`}`)
}

// enter takes pairs of a capture and the name of an entry. It asks for each field
// and types the entry.
func (d *desk) enter(t testing.TB, s started, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		d.must(t, "sessions/"+s.Session+"/capture", `{"capture":"`+pairs[i]+`"}`)
		d.must(t, "calls/"+s.Call+"/entry", `{"name":"`+pairs[i+1]+`"}`)
	}
}

// entry waits for a journal entry that contains a text.
func (d *desk) entry(t testing.TB, text string) {
	t.Helper()
	for e := range d.srv.Watch(t.Context(), 0) {
		if data, err := json.Marshal(e); err == nil && bytes.Contains(data, []byte(text)) {
			return
		}
	}
	t.Fatalf("no entry contains %s", text)
}
