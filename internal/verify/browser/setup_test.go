package browser

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// chromium is the browser of all tests, started by the first that needs it.
var chromium = sync.OnceValues(func() (context.Context, error) {
	ctx, _, err := Launch(context.Background()) // ends with the test's process
	return ctx, err
})

// missing skips a test because something is not installed, or fails it with
// REQUIRE_ALL.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("REQUIRE_ALL") != "" {
		t.Fatal("REQUIRE_ALL is set, and " + what)
	}
	t.Skip(what)
}

// newStage starts a server and its console for one test.
func newStage(t *testing.T, options ...paymentstest.Option) *Stage {
	t.Helper()
	if _, err := Chromium(); err != nil {
		missing(t, err.Error())
	}
	s, err := NewStage(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// tab is a page whose methods fail the test.
type tab struct {
	*Page
	t *testing.T
}

// open opens the console at the address that the program prints.
func open(t *testing.T, s *Stage, view View) *tab {
	t.Helper()
	return openAt(t, nil, s.URL(), view)
}

func openAt(t *testing.T, beside *tab, url string, view View) *tab {
	t.Helper()
	opened := openPage(t, beside, url, view)
	opened.must(opened.Live())
	return opened
}

// openPage opens any page.
func openPage(t *testing.T, beside *tab, url string, view View) *tab {
	t.Helper()
	browser, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	var neighbor *Page
	if beside != nil {
		neighbor = beside.Page
	}
	p, err := NewPage(browser, neighbor, url, view)
	if err != nil {
		t.Fatal(err)
	}
	opened := &tab{p, t}
	t.Cleanup(func() {
		if t.Failed() {
			opened.keepPicture()
		}
		for _, problem := range p.Problems() {
			t.Errorf("the browser reports: %s", problem)
		}
		p.Close()
	})
	return opened
}

// keepPicture writes a screenshot of a failed test to the directory PICTURES,
// if set.
func (p *tab) keepPicture() {
	dir := os.Getenv("PICTURES")
	if dir == "" {
		return
	}
	if png, err := p.Picture(); err == nil {
		_ = os.WriteFile(fmt.Sprintf("%s/%s.png", dir, strings.ReplaceAll(p.t.Name(), "/", "-")), png, 0o600)
	}
}

// must fails the test at the first step that fails.
func (p *tab) must(steps ...error) {
	p.t.Helper()
	for _, err := range steps {
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *tab) click(selector, text string) { p.t.Helper(); p.must(p.Click(selector, text)) }
func (p *tab) tap(selector, text string)   { p.t.Helper(); p.must(p.Tap(selector, text)) }
func (p *tab) press(keys ...string)        { p.t.Helper(); p.must(p.Press(keys...)) }
func (p *tab) sees(selector, part string)  { p.t.Helper(); p.must(p.UntilText(selector, part)) }
func (p *tab) until(expression string)     { p.t.Helper(); p.must(p.Until(expression)) }
func (p *tab) tabTo(selector, text string) { p.t.Helper(); p.must(p.TabTo(selector, text)) }
func (p *tab) do(body string)              { p.t.Helper(); p.must(p.Do(body)) }
func (p *tab) show(view View)              { p.t.Helper(); p.must(p.Show(view)) }

// allCalls shows the rows of all calls.
func (p *tab) allCalls() {
	p.t.Helper()
	p.until(`(await import('./js/store.mjs')).store.see.all || document.querySelector('#scope').click()`)
	p.until(`(await import('./js/store.mjs')).store.list.scope === ''`)
}

func eval[T any](p *tab, body string) T {
	p.t.Helper()
	value, err := Eval[T](p.Page, body)
	if err != nil {
		p.t.Fatal(err)
	}
	return value
}
