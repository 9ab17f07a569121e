package browser

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// No secret is in the console's responses, the page, its address or the
// browser's storage, neither while digits are typed nor in an export.
func TestNoSecrets(t *testing.T) {
	s := newStage(t)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer app.Close()
	p := open(t, s, Laptop)
	client, err := payments.NewClient(s.Twilio.ClientOptions()...)
	if err != nil {
		t.Fatal(err)
	}

	var wires []string
	keep := func() {
		wires = append(wires, eval[string](p, `return document.documentElement.outerHTML + location.href + JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage}) + document.cookie + [...document.querySelectorAll('input')].map((i) => i.value)`))
	}
	digits := [][]string{
		{"5555555555554444", "0931", "739", "60647"},          // a test card
		{"4242424242424242#", "4242424242424241", "9912", ""}, // no test card, and with mistakes
	}
	pay := func(params payments.CreateParams, entries []string, captures ...payments.Capture) {
		t.Helper()
		call := s.Twilio.NewCall()
		params.StatusCallback = app.URL
		session, err := client.Create(t.Context(), call.SID, params)
		if err != nil {
			t.Fatal(err)
		}
		for i, capture := range captures {
			if _, err := client.Update(t.Context(), call.SID, session.SID, payments.UpdateParams{StatusCallback: app.URL, Capture: capture}); err != nil {
				t.Fatal(err)
			}
			p.until(`document.querySelector('#screen').dataset.state === 'asked'`)
			p.do(`document.querySelector('#phone').focus()`)
			p.press(entries[i])
			keep()
			p.until(`document.querySelector('#screen').dataset.state === 'idle'`)
			keep()
		}
		if _, err := client.Update(t.Context(), call.SID, session.SID, payments.UpdateParams{StatusCallback: app.URL, Status: payments.StatusComplete}); err == nil {
			p.sees(screen, "Succeeded")
		}
		keep()
	}
	card := []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode, payments.CapturePostalCode}
	pay(payments.CreateParams{ChargeAmount: "9.99"}, digits[0], card...)
	pay(payments.CreateParams{TokenType: payments.TokenTypeReusable}, digits[0], card...)
	pay(payments.CreateParams{ChargeAmount: "5.00"}, digits[1][:3], payments.CapturePaymentCardNumber, payments.CapturePaymentCardNumber, payments.CaptureExpirationDate)

	p.allCalls()
	for _, key := range eval[[]string](p, `const { store } = await import('./js/store.mjs'); return store.list.items.map((i) => i.key)`) {
		p.do(`const { see } = await import('./js/store.mjs'); see({row: ` + quote(key) + `, panel: 'wire'});
			for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
			for (const d of document.querySelectorAll('details')) d.open = true;
			await new Promise((r) => setTimeout(r, 30))`)
		keep()
	}
	for _, panel := range []string{"start", "connect", "break", "gateway", "calls", "assumptions", "save"} {
		p.do(`const { see } = await import('./js/store.mjs'); see({panel: ` + quote(panel) + `}); await new Promise((r) => setTimeout(r, 60))`)
		keep()
	}
	for _, export := range []string{"exports/har", "exports/html", "exports/curl?request=1", "exports/go?request=2", "exports/test?call=" + eval[string](p, `return (await import('./js/store.mjs')).store.see.call`), "snapshot", "entries?limit=2000"} {
		if status := eval[int](p, `const r = await fetch('console-api/`+export+`'); await r.text(); return r.status`); status != http.StatusOK {
			t.Errorf("%s responds %d, want %d", export, status, http.StatusOK)
		}
	}

	secrets := map[string]string{"auth token": s.Twilio.AuthToken(), "console token": s.Console.Token(), "Authorization": "Basic "}
	for _, entries := range digits {
		for _, entry := range entries {
			if n := strings.Trim(entry, "#"); len(n) > 4 {
				secrets["entry "+n] = n
			}
		}
	}
	for _, c := range s.Twilio.Charges() {
		secrets["confirmation code"] = c.ConfirmationCode
	}
	for _, token := range s.Twilio.Tokens() {
		secrets["payment token"] = token.Token
	}
	places := map[string]string{"what the console sent": s.Sent(), "the page": strings.Join(wires, "\n")}
	for name, secret := range secrets {
		if secret == "" {
			t.Fatalf("the %s is empty: nothing can be searched for", name)
		}
		for place, text := range places {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("the %s is in %s: …%s…", name, place, text[max(0, at-80):min(len(text), at+40)])
			}
		}
	}
	// Three digits occur everywhere by chance, so a code is only searched for
	// where entries are shown.
	for place, text := range places {
		for _, value := range regexp.MustCompile(`"(?:SecurityCode|ExpirationDate|PaymentCardPostalCode)":\["([^"]*)"\]`).FindAllStringSubmatch(text, -1) {
			if strings.Trim(value[1], "x") != "" {
				t.Errorf("%s has %s", place, value[0])
			}
		}
	}
	if len(places["the page"]) < 100_000 || !slices.ContainsFunc(wires, func(w string) bool {
		return strings.Contains(w, "xxxxxxxxxxxx4444") || strings.Contains(w, "xxxx xxxx xxxx 4444")
	}) {
		t.Error("the search did not find the masked payment")
	}
	if stored := eval[string](p, `return JSON.stringify({...localStorage, ...sessionStorage})`); stored != "{}" {
		t.Errorf("the browser stores %s, want {}", stored)
	}
	expectErrors(p, "409")
}
