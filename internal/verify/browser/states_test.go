package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// post sends a command of the console's API, as the page does.
func (p *tab) post(path, body string) {
	p.t.Helper()
	p.do(`
		const r = await fetch('console-api/` + path + `', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: ` + quote(body) + `});
		if (!r.ok) throw new Error(await r.text())`)
}

// enter asks for the next fields, n of them, and enters a test card.
func (p *tab) enter(n int) {
	p.t.Helper()
	for range n {
		p.click("#side-body .act button.primary, #side-body [data-k=first]", "Ask")
		p.until(`document.querySelector('#screen').dataset.state === 'asked'`)
		p.click(chips, "Visa")
		p.until(`document.querySelector('#screen').dataset.state === 'idle'`)
	}
}

// What the page says a person should do next fits the state of the payment.
func TestNextStep(t *testing.T) {
	s := newStage(t)
	p := open(t, s, Laptop)

	// The caller confirms; then the payment waits for the person at the gateway.
	p.post("gateway", `{"verdict":"hold"}`)
	p.post("sessions", `{"amount":"5.00","postalCode":false,"confirmation":true,"timeoutSeconds":600}`)
	p.sees(side, "Waiting for the application")
	p.enter(3)
	p.sees(side, "ready to complete")
	p.click(buttons, "Complete")
	p.sees(screen, "Press 1 to confirm")
	p.sees(side, "Waiting for the caller to confirm")
	p.sees(side, "press 1 on the phone")
	if eval[bool](p, `return Boolean(document.querySelector('#side-body [data-k=complete].primary'))`) {
		t.Error("the page proposes to complete a payment that the caller is confirming")
	}
	p.sees("#call", "Waiting for confirmation")
	p.click("#keypad button", "1")
	p.sees(screen, "The payment gateway decides")
	p.sees(side, "approve or decline")
	p.sees(rows, "waiting for you")

	// The verdict says why.
	p.click("#tools button", "Gateway")
	p.click(buttons, "Decline 64008")
	p.click("#close-tool", "")
	p.sees(side, "Code 64008: the charge is declined.")
}

// A scripted caller that the page did not choose is not shown as the person.
func TestScriptedByOthers(t *testing.T) {
	s := newStage(t)
	p := open(t, s, Laptop)
	const who = `document.querySelector('#caller-choice select').selectedOptions[0].textContent`
	p.click("#sample", "")
	p.sees(screen, "Card number")
	p.until(who + ` === 'You'`)
	p.post("scenarios/happy-path/play", `{"paceMs":200}`)
	p.until(who + ` === 'Another script'`)
}

// The details of a callback that was not accepted say what happened and what to do,
// without contradicting themselves.
func TestCallbackNotAccepted(t *testing.T) {
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprint(w, "<html><body>The application has failed in a way that needs a long line</body></html>")
	}))
	defer app.Close()
	s := newStage(t)
	p := open(t, s, Laptop)
	p.post("sessions", `{"amount":"1.00","statusCallback":`+quote(app.URL)+`}`)
	p.click(".rows .title", "Session started")
	p.sees(side, "Given up")
	p.sees(side, "To have callbacks retried")
	if text, _ := p.Text(side); strings.Contains(text, "may deliver") {
		t.Errorf("the page promises another attempt after it was given up:\n%s", text)
	}
	// The button does not hide the text.
	if !eval[bool](p, `
		const pre = document.querySelector('#side-body .block pre'), button = pre.parentElement.querySelector('button').getBoundingClientRect();
		const range = document.createRange();
		range.selectNodeContents(pre);
		return [...range.getClientRects()].every((r) => r.right <= button.left || r.left >= button.right || r.top >= button.bottom || r.bottom <= button.top)`) {
		t.Error("the button Copy hides a part of the text")
	}

	// Nothing listens: Twilio connects twice.
	p.post("sessions", `{"amount":"1.00","statusCallback":"http://127.0.0.1:9/"}`)
	p.click(".rows .title", "Session started")
	p.sees(side, "connection refused")
	p.sees(side, "Attempt")
	if text, _ := p.Text(side); strings.Contains(text, "Not retried") || strings.Contains(text, "Given up") {
		t.Errorf("the page repeats the error, or says that nothing was retried:\n%s", text)
	}
}

// No state makes the page wider than a phone, and a magnified page keeps one view
// usable instead of three that are too small.
func TestSmallScreens(t *testing.T) {
	const wide = `innerWidth > 360 || document.documentElement.scrollWidth > innerWidth`
	s := newStage(t)
	p := open(t, s, Phone)
	p.tap("#sample-again", "")
	p.sees(screen, "Card number")
	p.tap("#tools button", "Calls") // the last one that is visible
	for _, tool := range []string{"Scenarios", "Assumptions", "Export"} {
		p.tap("#tools button", tool)
		if !eval[bool](p, `
			await new Promise((r) => setTimeout(r, 100));
			const box = document.querySelector('#tools').getBoundingClientRect(), tool = document.querySelector('#tools [aria-pressed="true"]').getBoundingClientRect();
			return tool.left >= box.left && tool.right <= box.right`) {
			t.Errorf("the button of the open tool %s is not visible", tool)
		}
	}
	s.Cut(true)
	p.sees("#notice", "Connection lost")
	if eval[bool](p, `return `+wide) {
		t.Error("a lost connection makes the page wider than the screen")
	}
	s.Cut(false)
	p.do(`document.querySelector('#reconnect').click()`) // unless the page has already reconnected
	p.until(`document.querySelector('#notice').hidden`)
	expectErrors(p, "ERR_INCOMPLETE_CHUNKED_ENCODING")
	for _, view := range []View{{Width: 720, Height: 450}, {Width: 683, Height: 384}, {Width: 960, Height: 600}} { // 200 % and 150 % of laptops
		p.show(view)
		for _, name := range []string{"phone", "timeline", "side"} {
			p.click("#views [data-view="+name+"]", "")
			if height := eval[float64](p, `return [...document.querySelectorAll('.phone-body, .rows, .side-body')].find((e) => e.checkVisibility()).clientHeight`); height < 140 {
				t.Errorf("%dx%d: the view %s is %.0f pixels high", view.Width, view.Height, name, height)
			}
		}
	}
}

// With a high-contrast theme, pressed and proposed buttons differ from others.
func TestForcedColors(t *testing.T) {
	s := newStage(t)
	p := open(t, s, View{Width: 1366, Height: 768, ReducedMotion: true, ForcedColors: true})
	p.click("#sample", "")
	p.click("#mistakes .chip", "Too short")
	p.sees(screen, "Refused")
	p.click("#tools button", "Calls")
	for _, pair := range [][2]string{{`#tools [aria-pressed="true"]`, `#tools [aria-pressed="false"]`}, {"#side-body .act button.primary", "#side-body .act button:not(.primary)"}} {
		if strings.HasPrefix(pair[0], "#side") {
			p.click("#close-tool", "")
		}
		p.until(`document.querySelector(` + quote(pair[0]) + `)`)
		if eval[bool](p, `const color = (s) => getComputedStyle(document.querySelector(s)).backgroundColor; return color(`+quote(pair[0])+`) === color(`+quote(pair[1])+`)`) {
			t.Errorf("%s looks like %s", pair[0], pair[1])
		}
	}
}
