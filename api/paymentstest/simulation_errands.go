package paymentstest

import (
	"sync"
	"time"
)

// errands are what the effects of the core ask for and what must not happen under
// the simulation's lock: it takes time or calls code of the test. They are carried
// out in the order they were added.
type errands struct {
	carrying sync.Mutex // held while errands are carried out; taken before mu
	mu       sync.Mutex
	list     []func()
	spare    []func() // memory of the list before
}

func (e *errands) add(do func()) {
	e.mu.Lock()
	e.list = append(e.list, do)
	e.mu.Unlock()
}

// carryOut returns when every errand is done that was added before the call, by
// whichever goroutine.
func (e *errands) carryOut() {
	e.carrying.Lock()
	defer e.carrying.Unlock()
	e.mu.Lock()
	list := e.list
	e.list, e.spare = e.spare, nil
	e.mu.Unlock()
	for _, do := range list {
		do()
	}
	clear(list)
	e.spare = list[:0]
}

// timers are the timers of sessions, at most one for each.
type timers struct {
	clock Clock
	mu    sync.Mutex
	stops map[string]func() bool
}

func newTimers(clock Clock) *timers { return &timers{clock: clock, stops: map[string]func() bool{}} }

// set replaces a session's timer.
func (t *timers) set(sid string, after time.Duration, fired func()) {
	t.stop(sid)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stops[sid] = t.clock.AfterFunc(after, fired)
}

func (t *timers) stop(sid string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if stop, set := t.stops[sid]; set {
		stop()
		delete(t.stops, sid)
	}
}
