package browser

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// payloads are values that a page would run or load if it wrote them as markup.
var payloads = []string{
	`<script>window.pwned = 1</script>`,
	`<img src=x onerror="window.pwned = 1">`,
	`"><svg/onload=window.pwned=1>`,
	`'><iframe srcdoc="<script>parent.pwned=1</script>">`,
	`javascript:window.pwned=1`,
	`</textarea></title></style><script>window.pwned=1</script>`,
	`<a href="javascript:window.pwned=1" autofocus onfocus="window.pwned=1">x</a>`,
	`<base href="//evil.invalid/"><link rel=stylesheet href="//evil.invalid/x.css">`,
	`<form action="//evil.invalid"><button formaction="javascript:pwned=1">`,
	`${window.pwned=1}{{constructor.constructor('window.pwned=1')()}}`,
	"\u202eevil\u2028\u2029\u0000<script>window.pwned=1</script>",
	`__proto__`, `constructor`,
}

// Everything that an application sends, in any field, is shown as text.
func TestValuesAreText(t *testing.T) {
	s := newStage(t, paymentstest.AllowInvalidRequests())
	turn := 0
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		turn++
		p := payloads[turn%len(payloads)]
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("X-Request-Id", url.QueryEscape(p))
		w.Header()["Server"] = []string{strings.NewReplacer("\x00", "", "\n", "").Replace(p)}
		w.WriteHeader([]int{200, 403, 500}[turn%3])
		_, _ = io.WriteString(w, p)
	}))
	defer app.Close()
	p := open(t, s, Laptop)
	p.do(`window.loaded = []; new PerformanceObserver((list) => window.loaded.push(...list.getEntries().map((e) => e.name))).observe({type: 'resource'})`)

	for i, payload := range payloads {
		call := s.Twilio.NewCall()
		form := url.Values{
			"IdempotencyKey": {fmt.Sprint(i, payload)}, "ChargeAmount": {"1.00"}, "Description": {payload}, "PaymentConnector": {payload},
			"Parameter":      {fmt.Sprintf(`{%q: %q}`, strings.ReplaceAll(payload, "\u0000", ""), strings.ReplaceAll(payload, "\u0000", ""))},
			"StatusCallback": {app.URL + "/" + url.PathEscape(payload) + "?q=" + url.QueryEscape(payload) + "#" + url.PathEscape(payload)},
		}
		send(t, s, call.SID, form)
		form.Set("Currency", payload) // refused
		form.Set(payload, payload)
		send(t, s, call.SID, form)
	}
	gapless(t, s, p)
	p.allCalls()
	keys := eval[[]string](p, `const { store } = await import('./js/store.mjs'); return store.list.items.map((i) => i.key)`)
	if len(keys) < 3*len(payloads) {
		t.Fatalf("only %d rows", len(keys))
	}
	for _, key := range keys { // the traffic of every row, unfolded
		p.do(fmt.Sprintf(`const { see } = await import('./js/store.mjs'); see({row: %s, panel: 'wire'});
			for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
			for (const d of document.querySelectorAll('details')) d.open = true;
			window.read = (window.read ?? '') + document.querySelector('#side-body').textContent`, quote(key)))
	}
	for _, payload := range payloads[:10] {
		if !eval[bool](p, `return window.read.includes(`+quote(payload)+`)`) {
			t.Errorf("the traffic does not show %q as text", payload)
		}
	}
	for _, panel := range []string{"", "start", "connect", "break", "gateway", "calls", "assumptions", "save", "__proto__", "constructor", payloads[1]} {
		for _, payload := range payloads { // in the address, too
			p.do(fmt.Sprintf(`location.hash = new URLSearchParams({panel: %s, q: %s, row: %s, session: '', at: %[2]s}); for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame)`,
				quote(panel), quote(payload), quote(payload)))
		}
	}
	p.do(`const { toast } = await import('./js/toast.mjs'); for (const text of ` + quoteAll(payloads) + `) toast(text, 'bad')`)
	p.do(`const { toast } = await import('./js/toast.mjs'); for (let n = 0; n < 5; n++) toast('said five times', 'bad')`)
	if n := eval[int](p, `return [...document.querySelectorAll('.toast')].filter((e) => e.textContent.includes('said five times')).length`); n != 1 {
		t.Errorf("the same message is shown %d times, want 1", n)
	}
	p.do(`await new Promise((r) => setTimeout(r, 300))`)

	if eval[bool](p, `return 'pwned' in window`) {
		t.Error("a value was run as script")
	}
	if strange := eval[[]string](p, `return [...document.querySelectorAll('script:not([src="js/app.mjs"]), iframe, object, embed, base, form, style, link:not([href="console.css"]):not([href="icon.svg"]), img:not([src="icon.svg"]), [style*="url"], a[href^="javascript"]')].map((e) => e.outerHTML)`); len(strange) > 0 {
		t.Errorf("values became elements: %v", strange)
	}
	if foreign := eval[[]string](p, `return window.loaded.filter((u) => !u.startsWith(location.origin))`); len(foreign) > 0 {
		t.Errorf("the page loaded %v", foreign)
	}
	if !eval[bool](p, `return document.querySelector('#toasts').textContent.includes('constructor')`) {
		t.Error("the values were not shown as text")
	}
	expectErrors(p, "Failed to load resource")
}

// The page's policy blocks script even if its code did not.
func TestPolicyStopsScript(t *testing.T) {
	s := newStage(t)
	p := open(t, s, Laptop)
	for _, attempt := range []string{
		`document.body.insertAdjacentHTML('beforeend', '<b>x</b>')`,
		`document.body.innerHTML = '<b>x</b>'`,
		`trustedTypes.createPolicy('mine', {createHTML: (x) => x})`,
		`setTimeout('window.pwned = 1')`,
		`document.body.setAttribute('onclick', 'window.pwned = 1')`,
	} {
		if !eval[bool](p, `try { `+attempt+`; return false } catch (e) { return e instanceof TypeError }`) {
			t.Errorf("the policy lets through: %s", attempt)
		}
	}
	for wanted := 4; wanted > 0; wanted -= len(p.Problems()) { // the browser reports each violation with a delay
		time.Sleep(10 * time.Millisecond)
	}
}

func send(t *testing.T, s *Stage, call string, form url.Values) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Twilio.URL+"/2010-04-01/Accounts/"+s.Twilio.AccountSID()+"/Calls/"+call+"/Payments.json", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(s.Twilio.AccountSID(), s.Twilio.AuthToken())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", strings.NewReplacer("\x00", "", "\n", "", "\r", "").Replace(form.Get("Description")))
	resp, err := s.Twilio.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

func quoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quote(text)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}
