package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Report is the result of checking a scenario.
type Report struct {
	Scenario string `json:"scenario"`
	Title    string `json:"title,omitempty"`
	// Steps has each step with its outcome. It is empty if an application sent the
	// requests.
	Steps  []string `json:"steps,omitempty"`
	Checks []Check  `json:"checks"`
	// Took is the duration of the run, or zero if an application sent the requests.
	Took time.Duration `json:"took,omitempty"`
}

// Check is one expectation.
type Check struct {
	// Name is the field of expect in the file, such as "results". "charged once",
	// "valid requests" and, unless the file has allowUndelivered, "callbacks accepted"
	// are always checked; "faults", if the file has faults, says whether all fired.
	// "steps" appears only if a step had an unexpected outcome.
	Name   string   `json:"name"`
	Passed bool     `json:"passed"`
	Want   []string `json:"want,omitempty"`
	Got    []string `json:"got,omitempty"`
}

// maxNamed limits the problems of one kind that a report lists.
const maxNamed = 5

// addNone adds a check that passes if got is empty.
func (r *Report) addNone(name string, got []string) {
	c := Check{Name: name, Passed: len(got) == 0, Got: got}
	if more := len(got) - maxNamed; more > 0 {
		c.Got = append(slices.Clone(got[:maxNamed]), fmt.Sprintf("and %d more", more))
	}
	r.Checks = append(r.Checks, c)
}

// Passed reports whether all expectations were met.
func (r *Report) Passed() bool { return len(r.failed()) == 0 }

// Err returns nil if all expectations were met, and otherwise an error that lists
// the failed checks.
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

// String returns "ok" or "FAILED", the name and title, and the failed checks.
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
	return strings.Map(visible, b.String())
}

// visible replaces control characters, which an application may have sent and a
// terminal would obey.
func visible(r rune) rune {
	if unicode.IsControl(r) && r != '\n' {
		return unicode.ReplacementChar
	}
	return r
}

// String returns the check's name, what was wanted and what was found.
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
