package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Report is what was expected of a scenario, and what came.
type Report struct {
	Scenario string `json:"scenario"`
	Title    string `json:"title,omitempty"`
	// Steps are the steps, and what came of each; empty when an application has
	// played.
	Steps  []string `json:"steps,omitempty"`
	Checks []Check  `json:"checks"`
	// Took is how long it took to play; zero when an application has played.
	Took time.Duration `json:"took,omitempty"`
}

// Check is one expectation.
type Check struct {
	// Name is the field of expect in the file, such as "results". Always checked
	// are "charged once", "valid requests" and "callbacks taken", and with faults in
	// the file that they happened, "faults". "steps" is there when a step went
	// otherwise than is written.
	Name   string   `json:"name"`
	Passed bool     `json:"passed"`
	Want   []string `json:"want,omitempty"`
	Got    []string `json:"got,omitempty"`
}

// mostWrong is how many things of a kind a report names.
const mostWrong = 5

// addNone adds a check of something there should be none of.
func (r *Report) addNone(name string, got []string) {
	c := Check{Name: name, Passed: len(got) == 0, Got: got}
	if more := len(got) - mostWrong; more > 0 {
		c.Got = append(slices.Clone(got[:mostWrong]), fmt.Sprintf("and %d more", more))
	}
	r.Checks = append(r.Checks, c)
}

// Passed reports whether everything came as expected.
func (r *Report) Passed() bool { return len(r.failed()) == 0 }

// Err returns nil when everything came as expected, and otherwise an error that
// says what did not.
func (r *Report) Err() error {
	var list []error
	for _, c := range r.failed() {
		list = append(list, fmt.Errorf("scenario %s: %s", r.Scenario, c))
	}
	return errors.Join(list...)
}

func (r *Report) failed() []Check {
	var list []Check
	for _, c := range r.Checks {
		if !c.Passed {
			list = append(list, c)
		}
	}
	return list
}

// String is the name and title, "ok" or "FAILED", and what did not come as
// expected.
func (r *Report) String() string {
	verdict := "ok"
	if !r.Passed() {
		verdict = "FAILED"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-6s  %s", verdict, r.Scenario)
	if r.Title != "" {
		b.WriteString(": " + r.Title)
	}
	if r.Took > 0 {
		fmt.Fprintf(&b, " (%v)", r.Took.Round(time.Millisecond))
	}
	b.WriteByte('\n')
	for _, c := range r.failed() {
		b.WriteString("        " + strings.ReplaceAll(c.String(), "\n", "\n        ") + "\n")
	}
	return b.String()
}

// String says what was expected and what came, or what should not have come, in a
// line each.
func (c Check) String() string {
	if c.Want == nil {
		return c.Name + "\n  " + strings.Join(c.Got, "\n  ")
	}
	return fmt.Sprintf("%s\n  want %s\n  got  %s", c.Name, list(c.Want), list(c.Got))
}

func list(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
