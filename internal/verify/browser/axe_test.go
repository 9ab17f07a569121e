package browser

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const axePath = "node_modules/axe-core/axe.min.js"

// violation is a violation that axe-core reports.
type violation struct {
	ID, Impact, Help string
	Nodes            []string
}

// axe-core finds no barrier for people who use a screen reader or a keyboard or
// who have low vision: in every state, light and dark, wide and narrow.
func TestAccessibility(t *testing.T) {
	axe, err := os.ReadFile(axePath)
	if err != nil {
		missing(t, "axe-core is not installed: npm ci --ignore-scripts in internal/verify/browser")
	}
	s := newStage(t)
	calm := Laptop
	calm.ReducedMotion = true // contrast cannot be measured during a transition
	p := open(t, s, calm)
	checked, reported := 0, map[string]bool{}
	check := func(name string) {
		t.Helper()
		for _, v := range []View{Laptop, {Width: 1366, Height: 768, Dark: true}, Phone, {Width: 360, Height: 740, Dark: true}} {
			v.ReducedMotion = true
			p.show(v)
			views := []string{""}
			if v.Width < 700 {
				views = []string{"phone", "timeline", "side"}
			}
			for _, view := range views {
				if view != "" && !eval[bool](p, `return document.querySelector('#help').open`) {
					p.click(fmt.Sprintf(`#views [data-view=%q]`, view), "")
				}
				for _, found := range violations(p, string(axe)) {
					if nodes := strings.Join(found.Nodes, "\n\t"); !reported[found.ID+nodes] {
						reported[found.ID+nodes] = true
						t.Errorf("%s, %dx%d, dark %v, %s: %s (%s): %s:\n\t%s", name, v.Width, v.Height, v.Dark, view, found.ID, found.Impact, found.Help, nodes)
					}
				}
				for _, wide := range eval[[]string](p, `return [...document.querySelectorAll('.side-body, .phone-body, .welcome, .help-body')].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.className)`) {
					t.Errorf("%s, %dx%d, %s: %s scrolls sideways", name, v.Width, v.Height, view, wide)
				}
				checked++
			}
		}
		p.show(calm)
	}

	check("empty")
	p.click("#sample", "")
	p.sees(screen, "Card number")
	check("asked")
	p.click("#mistakes .chip", "Wrong check digit")
	p.sees(screen, "Refused")
	check("refused")
	for range fields {
		p.click(next, "Ask")
		p.until(`document.querySelector('#screen').dataset.state === 'asked'`)
		p.click(chips, "Visa")
		p.until(`document.querySelector('#screen').dataset.state === 'idle'`)
	}
	p.sees(side, "ready to complete")
	check("ready to complete")
	p.click(buttons, "Complete")
	p.sees(side, "Charged")
	check("charged")
	p.click(".rows .title", "Complete")
	p.sees(side, "Send it again")
	p.click("summary", "Edit before sending")
	check("details of a request")
	p.click(".rows .title", "Succeeded")
	p.click("summary", "How it is signed")
	p.sees(side, "This is the X-Twilio-Signature")
	check("details of a callback")
	for _, tool := range []string{"Start", "Connect", "Faults", "Gateway", "Calls", "Scenarios", "Assumptions", "Export"} {
		p.click("#tools button", tool)
		check(tool)
	}
	p.do(`document.querySelector('#filter').value = 'nothing like this'; document.querySelector('#filter').dispatchEvent(new Event('input'))`)
	p.sees(rows, "No row matches")
	check("no match")
	p.click("#help-open", "")
	check("help")
	t.Logf("axe-core checked %d screens", checked)
}

func violations(p *tab, axe string) []violation {
	p.t.Helper()
	// The page's policy allows no injected script, but it does not apply to
	// what the browser evaluates for a test.
	p.do(`if (!window.axe) { ` + axe + `; }`)
	return eval[[]violation](p, `
		const result = await axe.run(document, { resultTypes: ['violations'] });
		return result.violations.map((v) => ({ ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')) }))`)
}
