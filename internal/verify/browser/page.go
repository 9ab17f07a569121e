package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Page is a tab that shows the console. Its methods wait for the elements they
// need, for at most [Patience].
type Page struct {
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	problems []string
}

// Patience is the limit for each step of a page; it is long because machines
// may be busy.
const Patience = 40 * time.Second

// View is how a page is shown.
type View struct {
	Width, Height int64
	Dark          bool
	ReducedMotion bool
	ForcedColors  bool // as with a high-contrast theme
}

// Laptop and Phone are the usual screens.
var (
	Laptop = View{Width: 1366, Height: 768}
	Phone  = View{Width: 360, Height: 740}
)

// NewPage opens a tab with a profile of its own or, given another page, in that
// page's profile. [Page.Live] waits until it is connected.
func NewPage(browser context.Context, beside *Page, url string, view View) (*Page, error) {
	var ctx context.Context
	var cancel context.CancelFunc
	if beside == nil {
		ctx, cancel = chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	} else {
		ctx, cancel = chromedp.NewContext(beside.ctx)
	}
	p := &Page{ctx: ctx, cancel: cancel}
	messages := chromedp.Console(ctx)
	if err := p.Show(view); err != nil {
		cancel()
		return nil, err
	}
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" || m.Source == "security" {
				p.mu.Lock()
				p.problems = append(p.problems, m.String())
				p.mu.Unlock()
			}
		}
	}()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		cancel()
		return nil, err
	}
	return p, nil
}

// Live waits until the page is connected.
func (p *Page) Live() error { return p.Until(`document.querySelector('#link')?.dataset.tone === 'ok'`) }

// Close closes the tab.
func (p *Page) Close() { p.cancel() }

// Problems returns the exceptions, errors and violations of the security policy
// since the last call.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	problems := p.problems
	p.problems = nil
	return problems
}

// Show changes how the page is shown.
func (p *Page) Show(v View) error {
	_, err := chromedp.Call(p.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: v.Width, Height: v.Height, DeviceScaleFactor: 1, Mobile: v.Width < 500,
	})
	if err != nil {
		return err
	}
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}, {Name: "prefers-reduced-motion", Value: "no-preference"}, {Name: "forced-colors", Value: "none"}}
	if v.Dark {
		features[0].Value = "dark"
	}
	if v.ReducedMotion {
		features[1].Value = "reduce"
	}
	if v.ForcedColors {
		features[2].Value = "active"
	}
	_, err = chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	return err
}

// Eval evaluates the body of an async function.
func Eval[T any](p *Page, body string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T]("(async () => {"+body+"})()", chromedp.EvalAwaitPromise))
	if err != nil {
		return value, fmt.Errorf("%w in %s", err, body)
	}
	return value, nil
}

// Do evaluates the body of an async function for its effect.
func (p *Page) Do(body string) error {
	_, err := Eval[chromedp.Void](p, body)
	return err
}

// Until waits for an expression to be true.
func (p *Page) Until(expression string) error {
	deadline := time.Now().Add(Patience)
	for {
		ok, err := Eval[bool](p, "return Boolean("+expression+")")
		if err == nil && ok {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("never became true: %s (%v)", expression, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Click clicks with the mouse, in the middle of the first visible element of a
// selector whose text starts with text.
func (p *Page) Click(selector, text string) error {
	x, y, err := p.find(selector, text)
	if err != nil {
		return err
	}
	return chromedp.Do(p.ctx, chromedp.MouseClickXY(x, y))
}

// ClickAround presses the mouse on an element, does something, and releases it.
func (p *Page) ClickAround(selector, text string, during func() error) error {
	x, y, err := p.find(selector, text)
	if err != nil {
		return err
	}
	if err := chromedp.Do(p.ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft, chromedp.ClickCount(1))); err != nil {
		return err
	}
	if err := during(); err != nil {
		return err
	}
	return chromedp.Do(p.ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x, y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
}

// Tap touches an element with a finger.
func (p *Page) Tap(selector, text string) error {
	x, y, err := p.find(selector, text)
	if err != nil {
		return err
	}
	return chromedp.Do(p.ctx, chromedp.TapXY(x, y))
}

// find waits for an element, scrolls it into view and returns its middle.
func (p *Page) find(selector, text string) (x, y float64, err error) {
	element := fmt.Sprintf(`[...document.querySelectorAll(%s)].find((e) => e.checkVisibility() && !e.disabled && e.textContent.trim().startsWith(%s))`, quote(selector), quote(text))
	if err := p.Until(element); err != nil {
		return 0, 0, err
	}
	at, err := Eval[[2]float64](p, `
		const middle = () => { const box = `+element+`.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; };
		const frames = async (n) => { while (n-- > 0) await new Promise(requestAnimationFrame); };
		`+element+`.scrollIntoView({block: 'nearest', behavior: 'instant'});
		let at, before;
		do { before = at; await frames(3); at = middle(); } while (String(at) !== String(before)); // until it rests
		return at`)
	return at[0], at[1], err
}

// Press presses keys in turn, as a keyboard does: a page may prevent a key's
// default action. See package kb for keys without a character.
func (p *Page) Press(keys ...string) error {
	for _, key := range strings.Join(keys, "") {
		events := kb.Encode(key)
		if len(events) == 3 { // down, character, up: the character comes of the key that is down
			events[0].Text, events[0].UnmodifiedText = events[1].Text, events[1].UnmodifiedText
			events = slices.Delete(events, 1, 2)
		}
		for _, event := range events {
			if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, *event); err != nil {
				return err
			}
		}
	}
	return nil
}

// ShiftTab moves the focus to the previous control.
func (p *Page) ShiftTab() error {
	return chromedp.Do(p.ctx, chromedp.KeyEvent("\t", chromedp.KeyModifiers(chromedp.ModifierShift)))
}

// TabTo presses Tab until the focus is on an element of a selector whose text
// starts with text, as people without a mouse do.
func (p *Page) TabTo(selector, text string) error {
	for range 200 {
		there, err := Eval[bool](p, fmt.Sprintf(`const e = document.activeElement; return e.matches(%s) && e.textContent.trim().startsWith(%s)`, quote(selector), quote(text)))
		if err != nil || there {
			return err
		}
		if err := p.Press("\t"); err != nil {
			return err
		}
	}
	return fmt.Errorf("pressing Tab never reaches %s %q", selector, text)
}

// Text is the visible text of an element.
func (p *Page) Text(selector string) (string, error) {
	return Eval[string](p, `return document.querySelector(`+quote(selector)+`).innerText`)
}

// UntilText waits until an element's visible text contains a part.
func (p *Page) UntilText(selector, part string) error {
	err := p.Until(fmt.Sprintf(`document.querySelector(%s)?.innerText.includes(%s)`, quote(selector), quote(part)))
	if err != nil {
		text, _ := p.Text(selector)
		return fmt.Errorf("%s shows %q, want %q", selector, text, part)
	}
	return nil
}

// Picture is the screen as a PNG.
func (p *Page) Picture() ([]byte, error) {
	return chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
}

func quote(text string) string {
	b, _ := json.Marshal(text)
	return strings.ReplaceAll(string(b), "\u2028", `\u2028`)
}
