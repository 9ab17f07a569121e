package paymentstest

import (
	"slices"
	"sync"
)

// rules are functions of the test that make something go wrong: the armed ones,
// the newest first, and after them those that were set. The journal records every
// change.
type rules[T any] struct {
	target  string // of the journal's entries
	journal *journal

	mu    sync.Mutex
	armed []*T
	set   []T
	all   []T // both; replaced and never changed, so that it is read without the lock
}

func newRules[T any](j *journal, target string, set ...T) *rules[T] {
	return &rules[T]{target: target, journal: j, set: set, all: set}
}

// inOrder returns the rules in the order to ask them.
func (r *rules[T]) inOrder() []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all
}

// replace sets the rules that are asked after the armed ones.
func (r *rules[T]) replace(set ...T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.set = slices.Clone(set)
	r.changed(len(r.set))
}

// arm puts a rule before all others until disarm is called.
func (r *rules[T]) arm(rule T) (disarm func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	armed := &rule
	r.armed = slices.Insert(r.armed, 0, armed)
	r.changed(len(r.armed))
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if at := slices.Index(r.armed, armed); at >= 0 {
			r.armed = slices.Delete(r.armed, at, at+1)
			r.changed(len(r.armed))
		}
	}
}

func (r *rules[T]) changed(number int) {
	r.all = make([]T, 0, len(r.armed)+len(r.set))
	for _, rule := range r.armed {
		r.all = append(r.all, *rule)
	}
	r.all = append(r.all, r.set...)
	r.journal.faultsArmed(r.target, number)
}
