package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// numbers are the numbers of the entries that the page has.
const numbers = `const { store } = await import('./js/store.mjs'); return store.entries.map((e) => e.number)`

// gapless fails the test unless a page has every entry of the journal exactly
// once.
func gapless(t *testing.T, s *Stage, p *tab) {
	t.Helper()
	if err := s.Twilio.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := s.Twilio.Snapshot().Number
	p.until(fmt.Sprintf(`(await import('./js/store.mjs')).store.entries.at(-1)?.number === %d`, last))
	var want []int64
	for n := int64(1); n <= last; n++ {
		want = append(want, n)
	}
	if got := eval[[]int64](p, numbers); !slices.Equal(got, want) {
		t.Errorf("the page has %d entries, from %v to %v; want 1 to %d, each once", len(got), got[0], got[len(got)-1], last)
	}
}

func TestTwoTabs(t *testing.T) {
	s := newStage(t)
	one := open(t, s, Laptop)
	two := openAt(t, one, s.Web.URL+prefix, Laptop) // the cookie is enough
	one.click("#sample", "")
	two.sees(screen, "Card number")
	one.do(`document.querySelector('#phone').focus()`)
	one.press("4111")
	two.sees(screen, "••••")
	two.do(`document.querySelector('#phone').focus()`)
	two.press("111111111111")
	one.sees(screen, "Entered")
	gapless(t, s, one)
	gapless(t, s, two)
}

func TestStreamResumes(t *testing.T) {
	s := newStage(t)
	p := open(t, s, Laptop)
	p.click("#sample", "")
	p.sees(screen, "Card number")
	call := s.Twilio.Call(eval[string](p, `return (await import('./js/store.mjs')).store.see.call`))
	for round := range 5 {
		s.Cut(false)
		if err := call.Press(fmt.Sprint(round)); err != nil { // while no page is connected
			t.Fatal(err)
		}
		p.sees(screen, strings.Repeat("•", round+1))
		gapless(t, s, p)
	}
	if n := strings.Count(s.Sent(), "event: snapshot\n"); n != 1 {
		t.Errorf("the page started over %d times instead of resuming", n-1)
	}
	expectErrors(p, "ERR_INCOMPLETE_CHUNKED_ENCODING")

	// After a longer outage, the page says so and what to do.
	s.Cut(true)
	p.sees("#notice", "Connection lost")
	p.sees("#notice", "still running")
	if err := call.Press("1"); err != nil {
		t.Fatal(err)
	}
	s.Cut(false)
	p.do(`document.querySelector("#reconnect").click()`) // unless the page has already reconnected
	p.until(`document.querySelector('#notice').hidden`)
	gapless(t, s, p)
	expectErrors(p, "ERR_")
}

// A page that was disconnected for longer than the journal reaches back starts
// over.
func TestStreamAfterTooMuchWasMissed(t *testing.T) {
	s := newStage(t, paymentstest.WithHistory(20))
	p := open(t, s, Laptop)
	p.click("#sample", "")
	p.sees(screen, "Card number")
	s.Cut(true)
	p.sees("#notice", "Connection lost")
	for range 30 {
		s.Twilio.NewCall()
	}
	s.Cut(false)
	p.do(`document.querySelector("#reconnect").click()`) // unless the page has already reconnected
	last := s.Twilio.Snapshot()
	p.until(fmt.Sprintf(`(await import('./js/store.mjs')).store.entries.at(-1)?.number === %d`, last.Number))
	if first := eval[[]int64](p, numbers)[0]; first != last.First {
		t.Errorf("the page starts with entry %d, want %d, the oldest that is kept", first, last.First)
	}
	p.until(fmt.Sprintf(`(await import('./js/store.mjs')).store.journal.calls.length === %d`, len(last.Calls)))
	expectErrors(p, "ERR_")
}

// A hidden tab has no stream; when shown again, it catches up.
func TestHiddenTabHasNoStream(t *testing.T) {
	s := newStage(t)
	p := open(t, s, Laptop)
	hide := func(hidden bool) {
		p.do(fmt.Sprintf(`Object.defineProperty(document, 'hidden', {value: %v, configurable: true}); document.dispatchEvent(new Event('visibilitychange'))`, hidden))
	}
	viewers := func(n int) {
		t.Helper()
		p.until(fmt.Sprintf(`(await (await fetch('console-api/snapshot')).json()).viewers === %d`, n))
	}
	viewers(1)
	hide(true)
	p.sees("#link", "Paused")
	viewers(0)
	call := s.Twilio.NewCall()
	hide(false)
	p.until(`document.querySelector('#call').value === ` + quote(call.SID))
	viewers(1)
	gapless(t, s, p)
}

// A click counts even if the page is redrawn while the mouse button is down.
func TestClickWhileEventsArrive(t *testing.T) {
	s := newStage(t)
	p := open(t, s, Laptop)
	p.click("#sample", "")
	p.sees(screen, "Card number")
	p.click(chips, "Visa")
	p.sees(screen, "Entered")
	p.must(p.ClickAround(next, "", func() error {
		return p.Do(`const { changed, store } = await import('./js/store.mjs'); await fetch('console-api/calls', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'});
			store.chosen = true; for (let n = 0; n < 10; n++) { changed('side', 'phone'); await new Promise(requestAnimationFrame); }`)
	}))
	p.until(`(await import('./js/store.mjs')).store.entries.filter((e) => e.request?.operation === 'capture').length === 2`)
}

// The newest part of a long journal loads first, older parts on request.
func TestOlderRows(t *testing.T) {
	s := newStage(t)
	for range 2500 {
		s.Twilio.NewCall()
	}
	p := open(t, s, Laptop)
	p.allCalls()
	last := s.Twilio.Snapshot().Number
	p.until(fmt.Sprintf(`(await import('./js/store.mjs')).store.entries.at(-1)?.number === %d`, last))
	if n := len(eval[[]int64](p, numbers)); n != 2000 {
		t.Errorf("the page starts with %d entries, want 2000", n)
	}
	p.do(`document.querySelector('#rows').scrollTop = 0`)
	p.click("#older", "Show older rows")
	p.until(`(await import('./js/store.mjs')).store.entries[0].number === 1`)
	gapless(t, s, p)
	p.until(`document.querySelector('#older').hidden`)
	if said := eval[string](p, `await new Promise((r) => setTimeout(r, 1200)); return document.querySelector('#log').textContent`); said != "" {
		t.Errorf("a screen reader announces old entries: %s", said)
	}
}

func TestPageWithoutToken(t *testing.T) {
	s := newStage(t)
	for _, address := range []string{s.Web.URL + prefix, s.Web.URL + prefix + "#token=wrongwrongwrongwrongwrongwrong00"} {
		browser, err := chromium()
		if err != nil {
			t.Fatal(err)
		}
		opened, err := NewPage(browser, nil, address, Laptop)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		p := &tab{opened, t}
		p.sees("#notice", "Not allowed")
		p.sees("#notice", "address")
		if strings.Contains(eval[string](p, `return location.href`), "token") {
			t.Error("the token is still in the address bar")
		}
	}
}

// If the application's handler refuses the signature, the page shows which part
// differs.
func TestRefusedCallbackIsExplained(t *testing.T) {
	s := newStage(t)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "bad signature", http.StatusForbidden) }))
	defer app.Close()
	p := open(t, s, Laptop)
	client, err := payments.NewClient(s.Twilio.ClientOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), s.Twilio.NewCall().SID, payments.CreateParams{StatusCallback: app.URL + "/status", ChargeAmount: "1.00"}); err != nil {
		t.Fatal(err)
	}
	p.sees(rows, "signature refused")
	p.click(".rows .title", "Session started")
	p.sees(side, "Your application refused the signature")
	p.sees(side, "The signature matches this URL")
	p.do(`document.querySelector('[data-k="url"]').value = document.querySelector('[data-k="url"]').value.replace('http:', 'https:')`)
	p.click(buttons, "Compare")
	p.sees(side, "Differs: scheme")
}

// expectErrors ignores the browser's errors about connections that the test
// broke; any other problem fails the test.
func expectErrors(p *tab, part string) {
	for _, problem := range p.Problems() {
		if !strings.Contains(problem, part) && !strings.Contains(problem, "Failed to load resource") {
			p.t.Errorf("the browser reports: %s", problem)
		}
	}
}
