package console_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// The account's token and the callers' entries, chosen to appear nowhere else.
const (
	secretToken   = "5ec7e7a0b1c2d3e4f5061728394a5b6c"
	secretCard    = "4242424242424242"
	secretDate    = "1187"
	secretCode    = "7391"
	secretPostal  = "60479"
	secretRouting = "021000021"
	secretAccount = "98765432109"
)

// TestNoSecretLeaves plays payments of every kind and searches everything that the
// console shows, streams and exports for secrets.
func TestNoSecretLeaves(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithCredentials(paymentstest.DefaultAccountSID, secretToken),
		paymentstest.LiveMode(), paymentstest.AllowInvalidRequests())
	d := deskOf(t, srv)
	v := d.view(t, "")
	var seen strings.Builder
	note := func(path string, a response) {
		fmt.Fprintf(&seen, "%s\n%v\n%s\n", path, a.header, a.body)
	}
	play := func(session string, keys ...string) started {
		t.Helper()
		var s started
		a := d.must(t, "sessions", session)
		note("sessions", a)
		a.decode(t, &s)
		for i := 0; i < len(keys); i += 2 {
			note("capture", d.must(t, "sessions/"+s.Session+"/capture", `{"capture":"`+keys[i]+`"}`))
			note("keys", d.must(t, "calls/"+s.Call+"/keys", `{"keys":"`+keys[i+1]+`#"}`))
		}
		note("complete", d.must(t, "sessions/"+s.Session+"/complete", "{}"))
		if err := srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s
	}
	card := []string{"payment-card-number", secretCard, "expiration-date", secretDate, "security-code", secretCode[:3], "postal-code", secretPostal}
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		asJSON, _ := json.Marshal(form)
		fmt.Fprintf(w, "%s\n%v\n%s\n%q", body, form, asJSON, asJSON)
		for name, value := range map[string]string{"expiration_date": form.Get("ExpirationDate"), "postal code": form.Get("PaymentCardPostalCode"), "Expiration-Date": form.Get("ExpirationDate")} {
			fmt.Fprintf(w, "\n%q: %q, <%s>%s</%s> %s%%22%%3A%%20%%22%s&", name, value, name, value, name, name, value)
		}
	}))
	t.Cleanup(echo.Close)
	all := []started{
		play(`{"amount":"12.34","statusCallback":"`+echo.URL+`"}`, card...),
		play(`{"tokenType":"reusable"}`, card...),
		play(`{"amount":"5.00","method":"ach-debit"}`, "bank-routing-number", secretRouting, "bank-account-number", secretAccount),
	}
	half := d.sample(t) // for an unfinished entry
	note("keys", d.must(t, "calls/"+half.Call+"/keys", `{"keys":"`+secretCard[:11]+`"}`))
	if len(srv.Charges()) != 2 || len(srv.Tokens()) != 1 {
		t.Fatalf("%d charges, want 2; %d tokens, want 1", len(srv.Charges()), len(srv.Tokens()))
	}
	note("redeliver", d.must(t, "callbacks/1/redeliver", "{}"))
	note("explain", d.must(t, "explain", `{"callback":1,"receivedBody":"x=y"}`))
	note("session", d.post(t, "session", `{"token":"wrong"}`))
	note("page", d.do(t, "GET", "/", nil, nil))
	paths := []string{"about", "snapshot", "entries?limit=2000", "exports/har", "exports/html", "openapi.json"}
	for _, s := range all {
		paths = append(paths, "sessions/"+s.Session, "exports/har?call="+s.Call, "exports/html?session="+s.Session, "exports/test?call="+s.Call, "exports/scenario?call="+s.Call)
	}
	for _, rec := range srv.Requests() {
		paths = append(paths, fmt.Sprintf("exports/curl?request=%d", rec.Number), fmt.Sprintf("exports/go?request=%d", rec.Number))
	}
	for _, b := range srv.Callbacks() {
		paths = append(paths, fmt.Sprintf("callbacks/%d/signature", b.Number))
	}
	for _, path := range paths {
		a := d.get(t, path)
		if a.status != 200 {
			t.Fatalf("%s: status %d, want 200: %.300s", path, a.status, a.body)
		}
		note(path, a)
	}
	for end := last(srv); ; {
		e, ok := v.next()
		if !ok {
			t.Fatal("the stream ended")
		}
		fmt.Fprintf(&seen, "stream\n%s\n", e.data)
		if e.name == "entries" && strings.Contains(e.data, fmt.Sprintf(`"number":%d,`, end)) {
			break
		}
	}
	secrets := map[string]string{
		"the auth token": secretToken, "basic auth": base64.StdEncoding.EncodeToString([]byte(paymentstest.DefaultAccountSID + ":" + secretToken)),
		"the header Authorization": "Authorization", "a card number": secretCard, "its first digits": secretCard[:11],
		"a routing number": secretRouting, "an account number": secretAccount,
		"the console's token": d.page.Token(),
	}
	for i, c := range srv.Charges() {
		secrets[fmt.Sprint("confirmation code ", i)] = c.ConfirmationCode
	}
	for i, tok := range srv.Tokens() {
		secrets[fmt.Sprint("payment token ", i)], secrets[fmt.Sprint("profile ", i)] = tok.Token, tok.ProfileID
	}
	for name, short := range map[string]string{"date": secretDate, "postal code": secretPostal, "security code": secretCode[:3]} {
		for _, around := range []string{`"%s"`, "=%s&", "[%s]", "%%22%s&", `\"%s\"`, ": %s,", ">%s<", "&#34;%s&#34;", "ExpirationDate%s", "PostalCode%s", "SecurityCode%s"} { // timestamps may contain the same digits
			secrets[name+" as "+around] = fmt.Sprintf(around, short)
		}
	}
	text := seen.String()
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		for _, form := range []string{secrets[name], url.QueryEscape(secrets[name]), base64.StdEncoding.EncodeToString([]byte(secrets[name]))} {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%s is shown: %.200q", name, text[max(0, at-100):])
			}
		}
	}
	for _, want := range []string{"xxxxxxxxxxxx4242", "*********09", "withheld", "key.pressed"} { // the search covers what the console does show
		if !strings.Contains(text, want) {
			t.Errorf("%q was not found", want)
		}
	}
}
