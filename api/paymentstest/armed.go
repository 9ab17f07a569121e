package paymentstest

import (
	"iter"
	"slices"
)

// armed are rules that stand before the server's own, the last one first.
type armed[T any] struct{ rules []*T }

// arm puts a rule before all others, and notes in the journal that there is one
// more or, after disarm, one less.
func arm[T any](s *Server, a *armed[T], target string, rule T) (disarm func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := &rule
	a.rules = slices.Insert(a.rules, 0, entry)
	s.faultsArmed(target, len(a.rules))
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		before := len(a.rules)
		if a.rules = slices.DeleteFunc(a.rules, func(r *T) bool { return r == entry }); len(a.rules) < before {
			s.faultsArmed(target, len(a.rules))
		}
	}
}

// then yields what is armed, and after it others.
func (a *armed[T]) then(others ...T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, r := range a.rules {
			if !yield(*r) {
				return
			}
		}
		for _, o := range others {
			if !yield(o) {
				return
			}
		}
	}
}
