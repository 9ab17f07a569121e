package flow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// run runs one schedule and returns the violations.
func (w *world) run(t testing.TB, first []byte, choose chooser) (complaints []string, ended bool) {
	w.counts, w.requests = make(map[transition]int), make(map[int]string)
	w.value, w.revision, w.revisions = first, 1, 1
	w.free = true
	follower := &explored{n: -1, w: w}
	must(t, follower.resume(t))
	events := make(chan []string, 1)
	go func() { events <- collect(context.Background(), follower.flow) }()
	for n := range w.scripts {
		m := &explored{n: n, w: w}
		w.machines = append(w.machines, m)
		must(t, m.resume(t))
	}
	w.free = false
	var running sync.WaitGroup
	for _, m := range w.machines {
		running.Go(func() { m.play(t, w.scripts[m.n]) })
	}
	ended = w.explore(choose)

	w.mu.Lock()
	w.trace = append(w.trace, "the end")
	w.free = true
	for _, c := range w.calls {
		c.do("")
	}
	w.calls = nil
	for i, m := range w.unposted {
		if m != nil {
			w.publish(*m)
		}
		w.unposted[i] = nil
	}
	w.mu.Unlock()
	for range 10 { // waiting subscribers get their messages
		synctest.Wait()
		w.flush()
	}
	time.Sleep(2 * stepTime)
	synctest.Wait()
	w.mu.Lock()
	for _, m := range w.machines {
		if ended && !m.ended {
			complaints = append(complaints, fmt.Sprintf("machine %c waits forever", 'A'+m.n))
		}
	}
	w.mu.Unlock()
	for _, m := range append(w.machines, follower) {
		must(t, m.flow.Close())
	}
	running.Wait()
	seen := <-events
	time.Sleep(time.Minute)
	if ended {
		complaints = append(complaints, w.check(seen)...)
	}
	return complaints, ended
}

// flush lets every pending call take effect.
func (w *world) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if c.ready == nil || c.ready() {
			c.do("")
		} else {
			c.fail(context.Canceled)
		}
	}
	w.calls = nil
}

// stepTime bounds each step of a script.
const stepTime = 20 * time.Second

// explore chooses transitions until none is possible, or the chooser gives up.
func (w *world) explore(choose chooser) bool {
	for idle, pause, began := 0, 50*time.Millisecond, time.Now(); ; {
		if time.Since(began) > time.Hour {
			return true // a step renews its lease forever; run reports it
		}
		synctest.Wait()
		enabled := w.enabled()
		if len(enabled) > 0 {
			t, ok := choose.choose(enabled)
			if !ok {
				return false
			}
			w.perform(t)
			idle, pause = 0, 50*time.Millisecond
			continue
		}
		if w.allEnded() {
			return true
		}
		if idle++; idle > 300 {
			return true // run reports it
		}
		time.Sleep(pause)
		pause = min(2*pause, 2*time.Second)
	}
}

func (w *world) allEnded() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.machines {
		if !m.ended {
			return false
		}
	}
	return true
}

func (m *explored) resume(t testing.TB, opts ...flow.Option) error {
	w, s := m.w, m.w.session
	if m.n >= 0 {
		skew := time.Duration(0)
		if m.n < len(w.skew) {
			skew = w.skew[m.n]
		}
		opts = append(opts, flow.WithClock(func() time.Time { return time.Now().Add(skew) }))
	}
	opts = append(opts, flow.WithLease(w.lease), flow.WithPatience(5*time.Second))
	f, err := flow.Resume(t.Context(), exploredClient{w, m.n}, exploredBus{w, m.n}, s.AccountSID, s.CallSID, s.SID, opts...)
	if err == nil {
		m.flow = f
	}
	return err
}

// play runs the steps of a script.
func (m *explored) play(t testing.TB, script string) {
	for _, step := range strings.Fields(script) {
		ctx, cancel := context.WithTimeout(context.Background(), stepTime)
		if step == "reconcile" {
			time.Sleep(time.Minute)
		}
		began := time.Now()
		var err error
		var settled []flow.Reconciled
		switch step {
		case "reconcile":
			settled, err = flow.Reconcile(ctx, exploredBus{m.w, m.n}, flow.Query{OlderThan: time.Minute}, exploredClient{m.w, m.n}.lookup)
		case "number":
			_, err = m.flow.Capture(ctx, payments.CapturePaymentCardNumber)
		case "date":
			_, err = m.flow.Capture(ctx, payments.CaptureExpirationDate)
		case "complete":
			_, err = m.flow.Complete(ctx)
		case "cancel":
			err = m.flow.Cancel(ctx)
		case "takeover":
			_ = m.flow.Close()
			err = m.resume(t, flow.WithTakeOver())
		case "rest":
			time.Sleep(m.w.lease + time.Second)
		}
		cancel()
		m.w.mu.Lock()
		m.steps = append(m.steps, outcome{step, err, time.Since(began), settled})
		stop := m.dead
		m.w.mu.Unlock()
		if stop || step == "takeover" && err != nil {
			break
		}
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	m.ended = true
}

// check compares what the steps returned with what was charged.
func (w *world) check(seen []string) (complaints []string) {
	complain := func(format string, args ...any) { complaints = append(complaints, fmt.Sprintf(format, args...)) }
	if len(w.completes) > 1 && !w.putBack {
		complain("complete reached Twilio %d times", len(w.completes))
	}
	if keys := slices.Compact(slices.Sorted(slices.Values(w.completes))); len(keys) > 1 {
		complain("complete was sent with the keys %q", keys)
	}
	for step, what := range w.requests {
		if strings.Contains(what, " and ") && !w.putBack {
			complain("the number %d was used again: %s", step, what)
		}
	}
	// Nothing shows that a record is old, or that a success follows, if the
	// callback that would show it is lost or Twilio contradicts itself.
	unknowable := w.putBack && (w.lost || w.twoFaced || w.twoEnds) || w.twoEnds && w.lost || w.misled
	settled := false
	for _, m := range w.machines {
		if m.dead {
			continue
		}
		for _, o := range m.steps {
			_, isEnd := errors.AsType[*flow.EndedError](o.err)
			success := errors.Is(o.err, flow.ErrSucceeded) || o.step == "complete" && o.err == nil
			for _, r := range o.settled {
				if r.Outcome.IsCharged() && !w.charged {
					complain("reconciled on %c as charged, but nothing was", 'A'+m.n)
				}
				settled = settled || r.Outcome.IsKnown() && r.Err == nil
			}
			name := fmt.Sprintf("%s on %c returned %v", o.step, 'A'+m.n, o.err)
			switch {
			case o.took > stepTime+250*time.Millisecond:
				complain("%s after %s", name, o.took)
			case success && !w.charged:
				complain("%s, but nothing was charged", name)
			case unknowable:
			case w.charged && o.step == "cancel" && o.err == nil:
				complain("%s, but it was charged", name)
			case w.charged && isEnd && !success:
				complain("%s, but it was charged", name)
			}
		}
	}
	if !w.lost && !w.forgotten && !unknowable {
		want := ""
		switch {
		case w.charged:
			want = "completed success"
		case w.declined:
			want = "completed payment-connector-error"
		case settled:
			want = "completed"
		case slices.ContainsFunc(w.machines, func(m *explored) bool {
			return slices.ContainsFunc(m.steps, func(o outcome) bool { return !m.dead && o.step == "cancel" && o.err == nil })
		}):
			want = "completed"
		}
		if want != "" && !slices.ContainsFunc(seen, func(line string) bool { return strings.HasPrefix(line, want) }) {
			complain("a follower saw %q, want %q", seen, want)
		}
	}
	return complaints
}
