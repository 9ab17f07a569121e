package drift

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Write prints the report for a terminal: what changed, the effect on the Go
// API and on the overlay, what is left to do, and the verdict.
func (r *Report) Write(w io.Writer) error {
	p := &printer{}
	p.line("What %s means for an SDK made from %s", r.After.Name, r.Before.Name)
	p.contract(r)
	p.form(r.Form)
	p.code(r)
	p.checked(r)
	p.overlay(r)
	p.read(r)
	p.byHand(r)
	p.verdict(r)
	_, err := io.WriteString(w, p.text.String())
	return err
}

type printer struct{ text strings.Builder }

func (p *printer) line(format string, args ...any) { fmt.Fprintf(&p.text, format+"\n", args...) }

func (p *printer) title(format string, args ...any) { p.line("\n"+format, args...) }

// table aligns the cells of its rows.
func (p *printer) table(rows [][]string) {
	t := tabwriter.NewWriter(&p.text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(t, "  %s\n", strings.Join(row, "\t"))
	}
	t.Flush()
}

func (p *printer) contract(r *Report) {
	if len(r.Contract) == 0 {
		p.title("Contract: no change")
		return
	}
	breaking := 0
	var rows [][]string
	for _, c := range r.Contract {
		if c.Breaks() {
			breaking++
		}
		rows = append(rows, []string{c.level(), c.Element, c.Text + "  (" + c.seenBy() + ")"}, []string{"", "", "→ " + c.do()})
	}
	p.title("Contract: %s, %d breaking", count(len(r.Contract), "change"), breaking)
	p.table(rows)
}

// level is the effect of a change on users, in a word.
func (c Change) level() string {
	switch {
	case c.Rule != "":
		return "no effect"
	case c.Breaking:
		return "breaking"
	}
	return "additive"
}

// do is what a maintainer has to do about a change.
func (c Change) do() string {
	switch {
	case c.Rule != "":
		return "nothing: " + c.Why + " [" + c.Rule + "]"
	case c.Breaking:
		return "mark it breaking in CHANGELOG.md and say what users have to change; raise the minor version, from 1.0 on the major one"
	}
	return "say in CHANGELOG.md what is new"
}

// seenBy names the tools, with the verdict of each where they disagree.
func (c Change) seenBy() string {
	var names []string
	for _, s := range c.Seen {
		name := string(s.Tool)
		if c.Breaking && !s.Breaking {
			name += ": compatible"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func (p *printer) form(form []FormChange) {
	if len(form) == 0 {
		return
	}
	p.title("Form: evened out by the trim, of no effect")
	var rows [][]string
	for _, f := range form {
		where := f.Where
		if len(where) > 5 {
			where = []string{count(len(where), "place")}
		}
		seen := make([]string, len(f.Seen))
		for i, tool := range f.Seen {
			seen[i] = string(tool)
		}
		rows = append(rows, []string{f.Text, strings.Join(where, ", ") + "  (" + strings.Join(seen, ", ") + ")"})
	}
	p.table(rows)
}

func (p *printer) code(r *Report) {
	code := r.After.Code
	switch {
	case r.After.Fit.Err() != nil:
		p.title("Go API: not generated, the overlay does not fit")
		return
	case code.Failure != "":
		p.title("Go API: not generated, %s", code.Failure)
		return
	case len(r.Go) == 0:
		p.title("Go API: no change")
	default:
		p.title("Go API: %s, by apidiff", count(len(r.Go), "change"))
	}
	var rows [][]string
	for _, c := range r.Go {
		rows = append(rows, []string{c.level(), c.Text})
	}
	p.table(rows)
	switch {
	case len(code.Unbuilt) == 0:
		p.line("  api builds with it")
	case len(r.Unbuilt) == 0:
		p.line("  api builds with neither, for the same reasons: it is written for a later contract")
	default:
		p.line("  api does not build with it:")
	}
	for _, line := range r.Unbuilt {
		p.line("    %s", line)
	}
}

// level is the effect of a change of the generated code on users.
func (c GoChange) level() string {
	switch {
	case c.Compatible:
		return "compatible"
	case c.Named:
		return "incompatible"
	}
	return "internal" // of names that no user has
}

// checked prints which of today's programs and messages no longer work with the
// new contract.
func (p *printer) checked(r *Report) {
	if len(r.Uncompiled)+len(r.Refused) == 0 {
		return
	}
	p.title("Today's programs and messages")
	for _, text := range r.Uncompiled {
		p.line("  does not compile  %s", text)
	}
	for _, text := range r.Refused {
		p.line("  not allowed       %s", text)
	}
	p.line("  → change the overlay so that they go on, or say in CHANGELOG.md what users have to change")
}

// read prints what a maintainer has to read, because no comparison of facts
// shows it.
func (p *printer) read(r *Report) {
	if len(r.Reworded)+len(r.Others) == 0 {
		return
	}
	p.title("To read")
	for _, name := range r.Others {
		p.line("  new operation  %s  → decide whether the SDK needs it; internal/spec leaves it out", name)
	}
	for _, name := range r.Reworded {
		p.line("  other words    %s  → read them, and change ours in openapi/overlay.yaml if the meaning has changed", name)
	}
}

func (p *printer) overlay(r *Report) {
	fit := r.After.Fit
	p.title("Overlay: %d of %d actions fit", fit.Actions-len(fit.LeftOut)-len(fit.Failed), fit.Actions)
	for _, action := range fit.Failed {
		p.line("  fails     %s", action)
	}
	for _, action := range fit.LeftOut {
		p.line("  left out  action %d, whose target upstream has since %s: %s", action.Number, action.Since, action.Why)
	}
	for _, text := range r.Overridden {
		p.line("  replaces  %s", text)
	}
}

func (p *printer) byHand(r *Report) {
	if len(r.Undocumented) == 0 {
		return
	}
	p.title("To write by hand")
	for _, name := range r.Undocumented {
		p.line("  openapi/overlay.yaml  explain %s", name)
	}
}

func (p *printer) verdict(r *Report) {
	verdict := r.Verdict()
	p.title("Verdict: %s", verdict)
	switch {
	case verdict == Additive && len(r.Undocumented) > 0:
		p.line("  programs of users keep working; make upgrade takes it in, with the lines above written by hand")
	case verdict == Additive:
		p.line("  programs of users keep working; make upgrade takes it in")
	}
	for _, reason := range r.Reasons() {
		p.line("  %s", reason)
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
