package drift

import (
	"errors"
	"fmt"
	"slices"
)

// Verdict summarizes a report in a word.
type Verdict string

// The verdicts: nothing changes for users; they can use something new; their
// program, or the SDK itself, must change.
const (
	NoChange Verdict = "no change"
	Additive Verdict = "additive"
	Breaking Verdict = "breaking"
)

// Err returns why no SDK could be generated from the document, or nil.
func (r *Revision) Err() error {
	if err := r.Fit.Err(); err != nil {
		return fmt.Errorf("%s: %w", r.Name, err)
	}
	if r.Code.Failure != "" {
		return fmt.Errorf("%s: %w", r.Name, errors.New(r.Code.Failure))
	}
	return nil
}

// Verdict is Breaking if there are Reasons, Additive if users can use something
// new, and NoChange otherwise. Changes that a rule settles and changes of
// notation do not count.
func (r *Report) Verdict() Verdict {
	moved := slices.ContainsFunc(r.Contract, func(c Change) bool { return c.Rule == "" })
	named := slices.ContainsFunc(r.Go, func(c GoChange) bool { return c.Named })
	switch {
	case len(r.Reasons()) > 0:
		return Breaking
	case moved, named, len(r.Undocumented) > 0:
		return Additive
	}
	return NoChange
}

// Reasons are the reasons for the verdict Breaking.
func (r *Report) Reasons() []string {
	var reasons []string
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			reasons = append(reasons, "1 "+one)
		case n > 1:
			reasons = append(reasons, fmt.Sprintf("%d %s", n, many))
		}
	}
	breaking, incompatible := 0, 0
	for _, c := range r.Contract {
		if c.Breaks() {
			breaking++
		}
	}
	for _, c := range r.Go {
		if c.Breaks() {
			incompatible++
		}
	}
	add(breaking, "change of the contract is breaking", "changes of the contract are breaking")
	add(incompatible, "change of the Go API is incompatible", "changes of the Go API are incompatible")
	add(len(r.After.Fit.Failed), "overlay action no longer matches", "overlay actions no longer match")
	add(len(r.Uncompiled), "use of the Go API no longer compiles", "uses of the Go API no longer compile")
	add(len(r.Refused), "request or response of today is no longer allowed", "requests and responses of today are no longer allowed")
	if r.After.Code.Failure != "" {
		reasons = append(reasons, r.After.Code.Failure)
	}
	if len(r.Unbuilt) > 0 {
		reasons = append(reasons, "api does not build with the generated code")
	}
	return reasons
}
