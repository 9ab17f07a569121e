package paymentstest

import (
	"iter"
	"slices"
	"sync"
)

// armed are rules that stand before the server's own, the last one first.
type armed[T any] struct{ rules []*T }

// add puts a rule before all others. The caller holds mu; disarm locks it.
func (a *armed[T]) add(mu *sync.Mutex, rule T) (disarm func()) {
	entry := &rule
	a.rules = slices.Insert(a.rules, 0, entry)
	return func() {
		mu.Lock()
		defer mu.Unlock()
		a.rules = slices.DeleteFunc(a.rules, func(r *T) bool { return r == entry })
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
