package console_test

import (
	"net/http"
	"strings"
	"testing"
)

const (
	strangeCall    = "CA00000000000000000000000000000009"
	strangeSession = "PK00000000000000000000000000000009"
)

// TestEveryCommand sends valid and invalid forms of every command. Like all
// responses in these tests, theirs are checked against the OpenAPI document, in
// checkContract.
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
		code       string // with the field
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
		{"calls", " \n\t" + `[]`, 400, "bad-request"},
		{"calls", `null`, 400, "bad-request"},
		{"calls", `"{}"`, 400, "bad-request"},
		{"calls", strings.Repeat(" ", 70<<10) + "{}", 413, "too-large"},
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

// TestEveryRead sends valid and invalid forms of every read.
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
