package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// plan is what happens in a world, except for the order.
type plan struct {
	scripts  []string        // of each machine: its steps, separated by spaces
	skew     []time.Duration // of each machine's clock
	faults   int             // the maximum
	kinds    string          // of faults, separated by spaces
	lease    time.Duration
	waits    int  // how often time may pass although a call is pending
	declines bool // the gateway refuses the charge
	silent   bool // Twilio posts nothing about a cancel
	twoEnds  bool // Twilio posts both a cancel and the charge
	twoFaced bool // Twilio accepts a cancel of what it has charged
}

// world is a scripted Twilio and a scripted bus. Every call of a machine takes
// effect when the explorer chooses it, one at a time.
type world struct {
	plan
	session flow.Session

	mu      sync.Mutex
	free    bool // every call takes effect at once
	calls   []*call
	counts  map[transition]int // of calls, by machine and kind
	faulted int
	waited  int
	trace   []string

	value     []byte // the record
	revision  uint64
	revisions uint64
	old       []byte // the previous record
	forgotten bool
	putBack   bool
	log       []flow.Message
	subs      []*exploredSubscription

	completes []string // idempotency keys of completes that Twilio may have processed
	charged   bool
	declined  bool
	denied    bool // the gateway reported that nothing was charged
	misled    bool // and a charge followed
	over      bool // at Twilio
	unposted  []*flow.Message
	posted    int
	lost      bool // a callback or note
	requests  map[int]string

	machines []*explored
}

// call is a pending call of a machine.
type call struct {
	transition
	do    func(fault string) // takes effect
	fail  func(error)        // has no effect
	ready func() bool
	done  chan struct{}
}

// explored is a machine.
type explored struct {
	n     int
	w     *world
	dead  bool
	ended bool
	flow  *flow.Flow
	steps []outcome
}

type outcome struct {
	step    string
	err     error
	took    time.Duration
	settled []flow.Reconciled
}

var (
	errLost  = errors.New("the response was lost")
	errFails = errDown
)

// ask waits until the explorer lets a call of machine m take effect.
func (w *world) ask(ctx context.Context, m int, kind string, ready func() bool, do func(fault string) error) error {
	w.mu.Lock()
	if m >= 0 && w.machines[m].dead {
		w.mu.Unlock()
		return errDead
	}
	if w.free && (ready == nil || ready()) {
		defer w.mu.Unlock()
		return do("")
	}
	id := transition{machine: m, kind: kind}
	w.counts[id]++
	id.number = w.counts[id]
	var err error
	c := &call{transition: id, ready: ready, done: make(chan struct{})}
	c.do = func(fault string) { err = do(fault); close(c.done) }
	c.fail = func(why error) { err = why; close(c.done) }
	w.calls = append(w.calls, c)
	w.mu.Unlock()
	select {
	case <-c.done:
		return err
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.calls, c); i >= 0 {
		w.calls = slices.Delete(w.calls, i, i+1)
		w.lost = w.lost || kind == "publish"
		return ctx.Err()
	}
	return err
}

// enabled returns the possible transitions.
func (w *world) enabled() (all []transition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fault := func(kind string) bool { return w.faulted < w.faults && strings.Contains(w.kinds, kind) }
	for _, c := range w.calls {
		if c.ready != nil && !c.ready() {
			continue
		}
		all = append(all, c.transition)
		for _, f := range faultsOf[c.kind] {
			if fault(f) {
				t := c.transition
				t.fault = f
				all = append(all, t)
			}
		}
	}
	for i, m := range w.unposted {
		if m == nil {
			continue
		}
		all = append(all, transition{machine: -1, kind: "post", number: i})
		if fault("dropped") {
			all = append(all, transition{machine: -1, kind: "post", number: i, fault: "dropped"})
		}
	}
	if len(all) == 0 {
		return nil
	}
	for _, m := range w.machines {
		if fault("crash") && !m.dead && !m.ended {
			all = append(all, transition{machine: m.n, kind: "crash"})
		}
	}
	if fault("forget") && !w.forgotten {
		all = append(all, transition{machine: -1, kind: "forget"})
	}
	if fault("putback") && w.old != nil && !w.putBack {
		all = append(all, transition{machine: -1, kind: "putback"})
	}
	if w.waited < w.waits {
		all = append(all, transition{machine: -1, kind: "wait", number: w.waited})
	}
	return all
}

// faultsOf lists the ways in which each kind of call fails.
var faultsOf = map[string][]string{
	"load":    {"failed", "stale"},
	"swap":    {"failed", "noresponse"},
	"publish": {"failed"},
	"list":    {"failed"},
	"update":  {"refused", "unsent", "noresponse"},
}

// perform carries out a transition.
func (w *world) perform(t transition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trace = append(w.trace, t.String())
	if t.fault != "" || t.kind == "crash" || t.kind == "forget" || t.kind == "putback" {
		w.faulted++
	}
	switch t.kind {
	case "post":
		m := w.unposted[t.number]
		w.unposted[t.number] = nil
		if t.fault == "dropped" {
			w.lost = true
		} else {
			w.publish(*m)
		}
	case "crash":
		w.crash(w.machines[t.machine])
	case "forget":
		w.forget()
	case "putback":
		w.value, w.putBack = w.old, true
		w.revisions++
		w.revision = w.revisions
	case "wait":
		w.waited++
		w.mu.Unlock()
		time.Sleep(w.lease + time.Second)
		w.mu.Lock()
	default:
		for i, c := range w.calls {
			if c.machine == t.machine && c.kind == t.kind && c.number == t.number {
				w.calls = slices.Delete(w.calls, i, i+1)
				c.do(t.fault)
				return
			}
		}
	}
}

func (w *world) crash(m *explored) {
	m.dead = true
	w.calls = slices.DeleteFunc(w.calls, func(c *call) bool {
		if c.machine != m.n {
			return false
		}
		c.fail(errDead)
		return true
	})
}

func (w *world) forget() {
	w.value, w.revision, w.log, w.forgotten, w.old = nil, 0, nil, true, nil
	for _, s := range w.subs {
		s.expired = true
		s.wake()
	}
}

func (w *world) publish(m flow.Message) {
	if w.forgotten {
		w.lost = true // no machine receives it
	}
	for _, old := range w.log {
		if old.ID == m.ID {
			return
		}
	}
	w.log = append(w.log, m)
	for _, s := range w.subs {
		s.wake()
	}
}
