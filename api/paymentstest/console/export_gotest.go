package console

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/format"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// exportTest writes the run of a call as a Go test with package paymentstest.
func (c *Console) exportTest(w http.ResponseWriter, r *http.Request) error {
	part, err := c.run(r)
	if err != nil {
		return err
	}
	if part.call == "" {
		return badField("call", "is missing: a test replays one call")
	}
	text, err := c.goTest(part)
	if err != nil {
		return err
	}
	attach(w, "text/plain; charset=utf-8", "", text)
	return nil
}

//go:embed gotest.tmpl
var goTestText string

var goTestTemplate = template.Must(template.New("test").Funcs(template.FuncMap{"quote": strconv.Quote}).Parse(goTestText))

// goTest is the data of the test template.
type goTest struct {
	Name        string // of the test
	Call        string
	Day         string   // of the run, as arguments of time.Date
	Options     []string // of the server
	Steps       []string // statements, in order
	Faults      []string // entries of a map from request on the call to fault
	Deliveries  []string // entries of a map from callback to delivery
	Verdicts    []string
	Bases       []string // of the callback URLs
	Want        []string // what the callbacks reported
	Charges     int
	Tokens      int
	UsesWire    bool
	UsesCall    bool // a request is sent
	UsesSession bool
	Notes       []string
}

// Has reports whether any step contains a text.
func (g goTest) Has(text string) bool {
	return slices.ContainsFunc(g.Steps, func(step string) bool { return strings.Contains(step, text) })
}

func (c *Console) goTest(part run) ([]byte, error) {
	p := &player{test: goTest{Name: "TestCall" + part.call[len(part.call)-8:], Call: part.call, Day: part.entries[0].Time.UTC().Format("2006, 1, 2")}, requests: map[int]paymentstest.Request{}, bases: map[string]bool{}}
	for _, rec := range c.srv.Requests() {
		if rec.CallSID == part.call {
			p.requests[rec.Number] = rec
		}
	}
	p.assume(c.srv.Assumptions())
	for _, e := range part.entries {
		p.play(e)
	}
	p.end()
	var b bytes.Buffer
	if err := goTestTemplate.Execute(&b, p.test); err != nil {
		return nil, err
	}
	formatted, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("cannot write a test of this run: %w", err)
	}
	return formatted, nil
}

// base returns the origin of a callback URL, with the slash that Handle needs.
func base(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/"
}

// goFault writes a fault as a Go expression, from its name (see
// [paymentstest.Fault.String]) and its response.
func goFault(name string, response *paymentstest.ResponseEntry) string {
	name, delay := cutDelay(name)
	kind, commit := strings.CutSuffix(name, " after commit")
	expression := "paymentstest.Fault{}"
	switch status, err := strconv.Atoi(kind); {
	case err == nil && response != nil:
		expression = fmt.Sprintf("paymentstest.Respond(%d, %q", status, response.Body)
		if wait := response.Header.Get("Retry-After"); wait != "" {
			expression += fmt.Sprintf(", %q, %q", "Retry-After", wait)
		}
		expression += ")"
	case err == nil:
		expression = fmt.Sprintf("paymentstest.Respond(%d, \"\")", status)
	case kind == "reset":
		expression = "paymentstest.Reset()"
	case kind == "never answer":
		expression = "paymentstest.NeverAnswer()"
	case kind == "half body":
		expression = "paymentstest.HalfBody()"
	}
	if commit {
		expression += ".AfterCommit()"
	}
	if delay != "" {
		expression += ".After(" + delay + ")"
	}
	return expression
}

// goDelivery writes a delivery as a Go expression, from its name.
func goDelivery(name string) string {
	name, delay := cutDelay(name)
	switch name {
	case "twice":
		return "paymentstest.Twice()"
	case "never":
		return "paymentstest.Never()"
	case "out of order":
		return "paymentstest.AfterNext()"
	case "late":
		return "paymentstest.Late(" + delay + ")"
	}
	return ""
}
