package drift

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Line is one line of a report.
type Line struct {
	Section string `json:"section"`         // contract, code, check, overlay, read, words
	Level   string `json:"level"`           // breaking, additive, no effect; of code: incompatible, compatible, internal
	About   string `json:"about,omitempty"` // the element
	Text    string `json:"text"`
	Rule    string `json:"rule,omitempty"` // why it has no effect
	Do      string `json:"do,omitempty"`
}

// Lines are the report without its layout.
func (r *Report) Lines() []Line {
	var lines []Line
	for _, c := range r.Contract {
		lines = append(lines, Line{"contract", c.level(), c.Element, c.Text, c.Rule, c.do()})
	}
	for _, c := range r.Go {
		do := ""
		if c.Breaks() {
			do = "mark it breaking in CHANGELOG.md and say what users have to change"
		}
		lines = append(lines, Line{"code", c.level(), "", c.Text, "", do})
	}
	for _, text := range slices.Concat(r.Uncompiled, r.Refused, r.Unbuilt) {
		lines = append(lines, Line{"check", "breaking", "", text, "", "change the overlay or the code of api until it passes"})
	}
	for _, action := range r.After.Fit.Failed {
		lines = append(lines, Line{"overlay", "breaking", action.Target, action.String(), "", "change the action or remove it"})
	}
	for _, name := range r.Others {
		lines = append(lines, Line{"read", "new operation", name, "the SDK leaves it out", "", "decide whether the SDK needs it"})
	}
	for _, name := range r.Reworded {
		lines = append(lines, Line{"read", "other words", name, "the vendor says something else", "", "read it, and change ours in openapi/overlay.yaml if the meaning has changed"})
	}
	for _, name := range r.Undocumented {
		lines = append(lines, Line{"words", "additive", name, "nothing explains it", "", "explain it in openapi/overlay.yaml"})
	}
	return lines
}

// WriteJSON writes the report for a program.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		Before  string   `json:"before"`
		After   string   `json:"after"`
		Verdict Verdict  `json:"verdict"`
		Reasons []string `json:"reasons"`
		Lines   []Line   `json:"lines"`
	}{r.Before.Name, r.After.Name, r.Verdict(), append([]string{}, r.Reasons()...), append([]Line{}, r.Lines()...)})
}

// WriteMarkdown writes the report for a pull request or an issue.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## Contract drift: %s\n\nWhat %s means for an SDK made from %s.\n", r.Verdict(), r.After.Name, r.Before.Name)
	for _, reason := range r.Reasons() {
		fmt.Fprintf(&b, "\n- %s", cell(reason))
	}
	if lines := r.Lines(); len(lines) > 0 {
		b.WriteString("\n\n| | about | what | do |\n|---|---|---|---|\n")
		for _, l := range lines {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(l.Level), cell(l.About), cell(l.Text), cell(l.Do))
		}
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

// cell escapes text so that it does not end a table row or become markup.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "`", "'", "\n", " ", "@", "@\u200b").Replace(text)
}
