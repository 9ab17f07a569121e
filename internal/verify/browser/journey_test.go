package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// fields are the fields of the sample payment, in the order in which they are
// missing.
var fields = []string{"Card number", "Expiry date", "Security code", "Postal code"}

// Selectors of the page's parts.
const (
	screen  = "#screen"
	rows    = "#rows"
	side    = "#side-body"
	chips   = "#cards .chip"
	next    = "#side-body .act button.primary" // asks for the field that is missing first
	buttons = "#side-body button"
)

func TestFirstScreen(t *testing.T) {
	s := newStage(t)
	p := open(t, s, Laptop)
	p.sees("#welcome", "Your application asks")
	p.sees("#welcome", "TWILIO_ACCOUNT_SID")
	for _, language := range []string{"Node", "Python", "curl", "Go"} {
		p.click("#welcome .segments button", language)
		p.until(`document.querySelector('#welcome [aria-pressed="true"]').textContent === ` + quote(language))
	}
	if address := eval[string](p, `return location.href`); address != s.Web.URL+prefix {
		t.Errorf("the address bar shows %s: the token must not remain in it", address)
	}
	for _, needed := range []string{"#sample", "#keypad button:last-child", "#hang-up", "#cards .chip", "#side-body", "#call", "#filter"} {
		if !eval[bool](p, `const b = document.querySelector(`+quote(needed)+`).getBoundingClientRect(); return b.top >= 0 && b.height > 0 && b.bottom <= innerHeight && b.right <= innerWidth`) {
			t.Errorf("%s is not on the first screen of a laptop", needed)
		}
	}
	if eval[bool](p, `return document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth`) {
		t.Error("the first screen has to be scrolled")
	}
}

func TestPaymentByMouse(t *testing.T) {
	s := newStage(t)
	p := open(t, s, Laptop)
	p.click("#sample", "")
	for i, field := range fields {
		if i > 0 {
			p.click(next, "")
		}
		p.sees(screen, field)
		p.until(`document.querySelector('#screen').dataset.state === 'asked'`)
		p.click(chips, "Visa")
		p.until(`document.querySelector('#screen').dataset.state === 'idle'`)
		p.until(fmt.Sprintf(`document.querySelectorAll('.fields [data-state="have"]').length === %d`, i+1))
	}
	p.sees(side, "ready to complete")
	p.click(buttons, "Complete")
	p.sees(side, "Charged")
	p.sees(screen, "Succeeded")
	if charges := s.Twilio.Charges(); len(charges) != 1 || charges[0].Amount != "9.99" {
		t.Errorf("charged %v, want 9.99 once", charges)
	}

	// The traffic of a row, its causes, and going back to an earlier moment.
	p.click(".rows .title", "Card number captured")
	p.sees(side, "POST http")
	p.sees(side, "caused by")
	p.click("summary", "How it is signed")
	p.sees(side, "This is the X-Twilio-Signature that was sent")
	p.click("#tab-payment", "")
	p.click(`[data-k="back"]`, "")
	p.sees(side, "as of #")
	p.click(`[data-k="now"]`, "")
	p.until(`!document.querySelector('[data-k="now"]')`)

	// A row has an address, which opens the same row in another tab.
	p.click(".rows .title", "Complete")
	p.until(`location.hash.includes('panel=wire')`)
	link := eval[string](p, `return location.href`)
	second := openAt(t, p, link, Laptop)
	second.sees(side, "Send it again")
	second.until(`document.querySelector('.rows .selected .title').textContent === 'Complete'`)
	second.click(buttons, "Same key")
	second.sees(rows, "2 attempts")
	if charges := s.Twilio.Charges(); len(charges) != 1 {
		t.Errorf("charged %d times after the same request was repeated, want 1", len(charges))
	}
}

func TestPaymentByKeyboard(t *testing.T) {
	s := newStage(t)
	p := open(t, s, Laptop)
	p.press("\t") // the first stop is the link that skips the bar
	p.until(`document.activeElement.id === 'skip'`)
	p.press(kb.Enter)
	p.until(`document.activeElement.id === 'rows'`)
	p.tabTo("#sample", "")
	p.press(kb.Enter)
	p.sees(screen, "Card number")
	p.until(`document.activeElement.id === 'phone'`)
	for i, keys := range []string{"4111111111111111", "1299", "123", "94109#"} {
		if i > 0 {
			p.press("s")
			p.tabTo(next, "")
			p.press(kb.Enter)
			p.sees(screen, fields[i])
			p.press("p")
		}
		p.press(keys)
		p.until(fmt.Sprintf(`document.querySelectorAll('.fields [data-state="have"]').length === %d`, i+1))
	}
	p.press("s")
	p.tabTo(buttons, "Complete")
	p.press(kb.Enter)
	p.sees(side, "Charged")

	// Select rows with j and k, open one with Enter, go back with Esc.
	p.press("j", "j", "k", "j")
	p.until(`document.activeElement.matches('.rows .selected .title')`)
	p.press("/")
	p.until(`document.activeElement.id === 'filter'`)
	p.press(kb.Escape)
	p.do(`
		const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
		press('j'); press('/'); // within a frame
		for (let n = 0; n < 4; n++) await new Promise(requestAnimationFrame)`)
	if !eval[bool](p, `return document.activeElement.id === 'filter'`) {
		t.Error("the row takes the focus from the filter: what is typed next would be shortcuts")
	}
	p.press("jr?complete") // letters, while typing
	p.until(`document.querySelector('#filter').value === 'jr?complete'`)
	p.sees("#rows", "No row matches")
	for range len("jr?complete") {
		p.press(kb.Backspace)
	}
	p.press("is:request complete")
	p.until(`document.querySelectorAll('.rows .row').length === 1`)
	p.press(kb.Escape)
	p.until(`document.activeElement === document.body`)
	p.press("j", kb.Enter)
	p.sees(side, "Send it again")
	p.press("r")
	p.sees("#toasts", "Sent again")
	p.until(`document.querySelector('.rows .unfold').checkVisibility()`)
	p.press("o")
	p.until(`document.querySelectorAll('.rows .row').length === 3`)
	p.press(kb.Escape, kb.Escape)
	p.sees(side, "Charged")

	// Open the help and switch the shortcuts off.
	p.press("?")
	p.until(`document.querySelector('#help').open`)
	p.tabTo("#shortcuts-on", "")
	p.press(" ", kb.Escape)
	p.until(`!document.querySelector('#help').open`)
	p.press("?")
	if eval[bool](p, `return document.querySelector('#help').open`) {
		t.Error("shortcuts that are off still act")
	}
	if charges := s.Twilio.Charges(); len(charges) != 1 {
		t.Errorf("charged %d times, want once", len(charges))
	}
}

func TestPaymentOnAPhone(t *testing.T) {
	s := newStage(t)
	p := open(t, s, Phone)
	p.tap("#sample-again", "Start a sample payment")
	p.sees(screen, "Card number")
	for _, digit := range "4111111111111111" {
		p.tap(fmt.Sprintf(`[data-press="%c"]`, digit), "")
	}
	p.sees(screen, "1111")
	p.tap("#views button", "Payment")
	p.tap(next, "")
	p.tap("#views button", "Phone")
	p.sees(screen, "Expiry date")
	p.tap(chips, "Visa")
	p.tap("#views button", "Timeline")
	p.tap(".rows .title", "Expiry date captured")
	p.sees(side, "Response of the application")
	p.tap("#tools button", "Faults")
	p.sees(side, "Nothing is armed")
	for _, width := range []int64{360, 320} {
		p.show(View{Width: width, Height: 640})
		for _, view := range []string{"Phone", "Timeline", "Payment"} {
			p.tap("#views button", view)
			// The toolbar and raw texts have scroll bars of their own.
			if wide := eval[[]string](p, `return [...document.querySelectorAll('body *')]
				.filter((e) => e.checkVisibility() && !e.closest('#tools, pre, .hidden, .skip, svg') && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 80))`); len(wide) > 0 {
				t.Errorf("%s is too wide for a screen of %d: %s", view, width, wide[0])
			}
		}
	}
}

// The timeline follows new rows until a person scrolls back, also while another
// view is shown or the window changes its size.
func TestTimelineFollows(t *testing.T) {
	const last = `(() => {
		const box = document.querySelector('#rows').getBoundingClientRect(), row = [...document.querySelectorAll('.rows .row')].at(-1)?.getBoundingClientRect();
		return row && row.bottom <= box.bottom + 3 && row.bottom > box.top && document.querySelector('#newest').hidden;
	})()`
	s := newStage(t)
	p := open(t, s, Phone)
	p.tap("#sample-again", "Start a sample payment")
	for i, field := range fields {
		if i > 0 {
			p.tap("#views button", "Payment")
			p.tap(next, "")
		}
		p.until(`document.body.dataset.view === 'phone'`) // to type the field
		p.sees(screen, field)
		p.until(`document.querySelector('#screen').dataset.state === 'asked'`)
		p.tap(chips, "Visa")
		p.until(`document.querySelector('#screen').dataset.state === 'idle'`)
		p.tap("#views button", "Timeline")
		p.until(last)
	}
	for _, view := range []View{Laptop, Phone, {Width: 800, Height: 1000}, {Width: 720, Height: 450}, Laptop} {
		p.show(view)
		p.do(`await new Promise((r) => setTimeout(r, 100))`)
		p.until(last)
	}
	// The browser may report the new place once, before the new size.
	p.do(`
		const mute = (e) => e.isTrusted && e.stopPropagation();
		addEventListener('scroll', mute, true);
		const frames = async (n) => { while (n-- > 0) await new Promise(requestAnimationFrame); };
		const box = document.querySelector('#rows');
		box.style.flex = 'none';
		box.style.height = '200px';
		await frames(4);
		box.removeAttribute('style');
		box.scrollTop += 0; // computes the layout
		box.dispatchEvent(new Event('scroll'));
		await frames(4);
		removeEventListener('scroll', mute, true)`)
	p.until(last)
	p.do(`document.querySelector('#rows').scrollTop = 0`)
	p.until(`!document.querySelector('#newest').hidden`)
	p.click(buttons, "Complete")
	p.sees(side, "Charged")
	if eval[float64](p, `return document.querySelector('#rows').scrollTop`) > 0 {
		t.Error("new rows scroll away what the person looks at")
	}
}
