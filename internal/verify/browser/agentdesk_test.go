package browser

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/leak"
)

// startDesk builds the example agentdesk, runs its interactive demo, and
// returns the address of the agent's page.
func startDesk(t *testing.T) string {
	t.Helper()
	if _, err := Chromium(); err != nil {
		missing(t, err.Error())
	}
	program := filepath.Join(t.TempDir(), "agentdesk")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "../../../api/examples/agentdesk", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, "-watch") // #nosec G204 -- just built
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := regexp.MustCompile(`http://\S+/#call=CA[0-9a-f]{32}`).FindString(lines.Text()); at != "" {
			go func() {
				for lines.Scan() { // keep reading, so that the program does not block
				}
			}()
			return at
		}
	}
	t.Fatal("the program prints no address of the agent's page")
	return ""
}

// TestAgentDesk takes a payment as the agent, only by keyboard, on a laptop and
// on a phone: field by field, masked, and live while the caller types.
func TestAgentDesk(t *testing.T) {
	axe, axeMissing := os.ReadFile(axePath)
	for name, view := range map[string]View{"laptop": Laptop, "phone": Phone, "dark": {Width: 768, Height: 900, Dark: true}} {
		t.Run(name, func(t *testing.T) {
			view.ReducedMotion = true
			p := openPage(t, nil, startDesk(t), view)
			picture := func(what string) {
				p.t.Helper()
				if dir := os.Getenv("PICTURES"); dir != "" {
					png, err := p.Picture()
					p.must(err, os.WriteFile(filepath.Join(dir, "agentdesk-"+name+"-"+what+".png"), png, 0o600))
				}
				if wide := eval[bool](p, `return document.documentElement.scrollWidth > innerWidth`); wide {
					t.Errorf("%s: the page scrolls sideways", what)
				}
				if axeMissing == nil {
					for _, v := range violations(p, string(axe)) {
						t.Errorf("%s: %s: %s: %s", what, v.ID, v.Help, strings.Join(v.Nodes, "; "))
					}
				}
			}
			press := func(button string) {
				p.t.Helper()
				p.tabTo("button", button)
				p.press("\r")
			}
			p.sees("#start-title", "Take a payment")
			picture("start")
			press("Start payment")
			p.sees("#live", "Live")
			picture("open")
			rows := []struct{ entered, left string }{{"xxxxxxxxxxxx1111", "visa"}, {"1299", ""}, {"xxx", ""}}
			for i, want := range rows {
				row := `.row:nth-child(` + string(rune('1'+i)) + `)`
				// The response to the step before may arrive after its event.
				p.until(`document.querySelector('` + row + ` button').getAttribute('aria-disabled') === 'false'`)
				p.must(p.Do(`document.querySelector('` + row + ` button').focus()`))
				p.press("\r")
				p.sees(row+" .state", "The caller is typing")
				if i == 0 {
					picture("typing")
				}
				p.sees(row+" .state", "Captured")
				p.sees(row+" .value", want.entered)
				p.sees(row+" .value", want.left)
			}
			p.until(`document.querySelector('#complete').getAttribute('aria-disabled') === 'false'`)
			picture("ready")
			if text, err := p.Text("body"); err != nil || leak.Find(text, "41111111", "123") != nil {
				t.Errorf("the page shows digits: %v, %v", leak.Find(text, "41111111", "123"), err)
			}
			press("Charge the card")
			p.sees("#ending", "Paid.")
			p.sees("#confirmation", "Confirmation ch_")
			picture("paid")
			p.until(`document.activeElement.id === 'another'`) // keyboard users continue from there
			p.press("\r")
			p.sees("#start-title", "Take a payment")
		})
	}
}
