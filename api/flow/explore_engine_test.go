package flow_test

import (
	"math/rand/v2"
	"strconv"
)

// transition is a possible next event in a world: a machine's call to the bus
// or to Twilio takes effect, a callback is posted, a machine dies, or time
// passes. Its name is the same whenever the same schedule runs again.
type transition struct {
	machine int    // the machine it belongs to; -1 for none
	kind    string // of call
	number  int    // of the machine's calls of that kind
	fault   string // how it fails; empty if it does not
}

func (t transition) String() string {
	s := t.kind + " " + strconv.Itoa(t.number)
	if t.machine >= 0 {
		s = string(rune('A'+t.machine)) + " " + s
	}
	if t.fault != "" {
		s += " (" + t.fault + ")"
	}
	return s
}

// What a transition touches besides its machine.
const (
	touchesRecord = 1 << iota
	readsRecord
	touchesLog
	touchesTwilio
	touchesAll
)

func (t transition) touches() int {
	switch t.kind {
	case "swap":
		return touchesRecord | readsRecord
	case "load", "list":
		return readsRecord
	case "publish", "post":
		return touchesLog
	case "update", "lookup":
		return touchesTwilio
	case "next", "crash":
		return 0
	}
	return touchesAll
}

// commutes reports whether two transitions lead to the same world in either
// order.
func (t transition) commutes(u transition) bool {
	if t.machine >= 0 && t.machine == u.machine {
		return false
	}
	a, b := t.touches(), u.touches()
	switch {
	case (a|b)&touchesAll != 0:
		return false
	case a&touchesRecord != 0 && b&readsRecord != 0, b&touchesRecord != 0 && a&readsRecord != 0:
		return false
	}
	return a&b&(touchesLog|touchesTwilio) == 0
}

// chooser chooses the next transition; without one the schedule ends.
type chooser interface {
	choose(enabled []transition) (transition, bool)
}

// exhaustive runs every schedule once. Of schedules that differ only in the
// order of commuting transitions it runs one (depth first, with sleep sets).
type exhaustive struct {
	path  []*node
	depth int
	done  bool

	pruned, diverged int
}

type node struct {
	choices []transition
	next    int                     // index in choices of the one being tried
	asleep  map[transition]struct{} // tried elsewhere with the same effect
}

func (e *exhaustive) choose(enabled []transition) (transition, bool) {
	if e.depth == len(e.path) {
		n := &node{asleep: make(map[transition]struct{})}
		if e.depth > 0 {
			parent := e.path[e.depth-1]
			taken := parent.choices[parent.next]
			for t := range parent.asleep {
				if t.commutes(taken) {
					n.asleep[t] = struct{}{}
				}
			}
			for _, t := range parent.choices[:parent.next] {
				if t.commutes(taken) {
					n.asleep[t] = struct{}{}
				}
			}
		}
		for _, t := range enabled {
			if _, asleep := n.asleep[t]; !asleep {
				n.choices = append(n.choices, t)
			}
		}
		if len(n.choices) == 0 {
			e.pruned++
			return transition{}, false
		}
		e.path = append(e.path, n)
	}
	n := e.path[e.depth]
	e.depth++
	want := n.choices[n.next]
	for _, t := range enabled {
		if t == want {
			return t, true
		}
	}
	e.diverged++
	return transition{}, false
}

// advance moves on to the next schedule, and reports whether there is one.
func (e *exhaustive) advance() bool {
	for len(e.path) > 0 {
		n := e.path[len(e.path)-1]
		if n.next++; n.next < len(n.choices) {
			break
		}
		e.path = e.path[:len(e.path)-1]
	}
	e.depth = 0
	e.done = len(e.path) == 0
	return !e.done
}

// random chooses by a seed. Transitions that do not fail are more likely.
type random struct{ *rand.Rand }

func (r random) choose(enabled []transition) (transition, bool) {
	for {
		t := enabled[r.IntN(len(enabled))]
		if rare := t.fault != "" || t.touches() == touchesAll || t.kind == "crash"; !rare || r.IntN(8) == 0 {
			return t, true
		}
	}
}
