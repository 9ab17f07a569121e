package scenario_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

// object is any JSON object.
type object = map[string]any

// play plays a scenario under a fake clock, then calls after with the server.
func play(t *testing.T, sc *scenario.Scenario, after func(*testing.T, *paymentstest.Server, *scenario.Report)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.AllowInvalidRequests())
		r, err := sc.Run(t.Context(), srv)
		if err != nil {
			t.Fatal(err)
		}
		after(t, srv, r)
	})
}

func parse(t *testing.T, name string, file any) *scenario.Scenario {
	t.Helper()
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scenario.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func read(t *testing.T, sc *scenario.Scenario) object {
	t.Helper()
	var file object
	if err := json.Unmarshal(sc.Text(), &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestShipped plays the shipped scenarios, then changes each expectation in turn:
// the check must fail.
func TestShipped(t *testing.T) {
	t.Parallel()
	all := scenario.Shipped()
	if len(all) < 12 {
		t.Errorf("%d shipped scenarios, want at least 12", len(all))
	}
	for _, sc := range all {
		t.Run(sc.Name(), func(t *testing.T) {
			t.Parallel()
			if sc.Title() == "" {
				t.Error("has no title")
			}
			play(t, sc, func(t *testing.T, srv *paymentstest.Server, r *scenario.Report) {
				if !r.Passed() || r.Err() != nil {
					t.Fatalf("%s%s\nwant a pass", r, strings.Join(r.Steps, "\n"))
				}
				broken := 0
				for _, m := range breakExpectations(read(t, sc)["expect"].(object)) {
					broken++
					file := read(t, sc)
					file["expect"] = m.expect
					r, err := parse(t, sc.Name(), file).Check(t.Context(), srv)
					if err != nil {
						t.Fatal(err)
					}
					if !slices.ContainsFunc(r.Checks, func(c scenario.Check) bool { return c.Name == m.name && !c.Passed }) || r.Passed() || r.Err() == nil {
						t.Errorf("%s: the check passes\n%s", m.how, r)
					}
				}
				if broken < 3 {
					t.Errorf("only %d changed expectations", broken)
				}
			})
		})
	}
}

type breaking struct {
	name, how string
	expect    object
}

// breakExpectations returns copies of the expectations with one changed in each.
func breakExpectations(expect object) []breaking {
	var list []breaking
	change := func(name, how string, value any) {
		changed := object{}
		for k, v := range expect {
			changed[k] = v
		}
		changed[name] = value
		list = append(list, breaking{name, name + ": " + how, changed})
	}
	more := map[string]any{"results": "open", "charges": "1.00", "tokens": "reusable", "events": "started"}
	for name, value := range expect {
		switch value := value.(type) {
		case []any:
			change(name, "one more", append(slices.Clone(value), more[name]))
			for i := range value {
				if value[i] == "*" {
					continue
				}
				if !slices.Contains(value, any("*")) {
					change(name, fmt.Sprintf("without item %d", i), append(slices.Clone(value[:i]), value[i+1:]...))
				}
				other := slices.Clone(value)
				other[i] = different(name, value[i].(string))
				change(name, fmt.Sprintf("item %d is %v", i, other[i]), other)
			}
		case object:
			for what, n := range value {
				changed := object{}
				for k, v := range value {
					changed[k] = v
				}
				changed[what] = n.(float64) + 1
				change(name, "one more "+what, changed)
			}
		}
	}
	return list
}

// different returns another valid expectation.
func different(name, item string) string {
	switch words := strings.Fields(item); {
	case name == "charges":
		return words[0] + " " + words[1] + " optima"
	case name == "tokens":
		return words[0] + " maestro"
	case name == "results" && len(words) > 1:
		return words[0] + " 64001"
	case name == "results":
		return "validation-error"
	case len(words) > 2 && words[0] == "ended":
		return words[0] + " " + words[1] + " 64001"
	case len(words) > 2:
		return words[0] + " " + words[1] + " internal-error"
	case words[0] == "started":
		return "ended"
	}
	return "failed expiration-date"
}

// redundant are the parts of shipped files that equal the default behavior.
var redundant = map[string][]string{
	"happy-path":    {"caller"},
	"token":         {"payment"},
	"star":          {"payment"},
	"hang-up":       {"payment"},
	"untested-card": {"payment"},
	"slow-gateway":  {"steps"},
}

// TestShippedPartsMatter plays each file without one of its parts: the expectations
// must then fail.
func TestShippedPartsMatter(t *testing.T) {
	t.Parallel()
	for _, sc := range scenario.Shipped() {
		t.Run(sc.Name(), func(t *testing.T) {
			t.Parallel()
			for _, part := range []string{"payment", "caller", "gateway", "faults", "steps"} {
				file := read(t, sc)
				if _, written := file[part]; !written || slices.Contains(redundant[sc.Name()], part) {
					continue
				}
				delete(file, part)
				play(t, parse(t, sc.Name(), file), func(t *testing.T, srv *paymentstest.Server, played *scenario.Report) {
					r, err := sc.Check(t.Context(), srv)
					if err != nil {
						t.Fatal(err)
					}
					if r.Passed() && played.Passed() {
						t.Errorf("without %s it passes", part)
					}
				})
			}
		})
	}
}
