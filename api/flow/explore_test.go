package flow_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

var (
	exploreAll    = flag.Int("explore", 0, "number of random schedules in TestExploreRandom; 0: as many as fit into a few seconds")
	exploreSeed   = flag.Uint64("explore-seed", 0, "seed of the random schedules; 0: a new one in each run")
	exploreFaults = flag.Int("explore-faults", 1, "number of faults per schedule in TestExplore")
	exploreMore   = flag.Bool("explore-all", false, "run every schedule of TestExplore's plans, however many there are")
)

// firstRecord returns a session that was just started, and its record.
func firstRecord(t *testing.T) (flow.Session, []byte) {
	t.Helper()
	var s flow.Session
	var record []byte
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		s = f.Session()
		var err error
		record, _, err = d.bus.Load(t.Context(), s)
		must(t, err)
		must(t, f.Close())
	})
	return s, record
}

// explorePlan runs the schedules of a plan until all have run or one has
// failed.
func explorePlan(t *testing.T, s flow.Session, first []byte, p plan) (ran int, e *exhaustive) {
	t.Helper()
	e = &exhaustive{}
	for more := true; more; more = e.advance() {
		w := &world{plan: p, session: s}
		complaints, ended := w.run(t, first, e)
		if ended {
			ran++
		}
		if len(complaints) > 0 {
			t.Fatalf("%+v\n%s\n  %s", p, strings.Join(complaints, "\n"), strings.Join(w.trace, "\n  "))
		}
	}
	return ran, e
}

const anyFault = "failed stale noresponse refused unsent dropped crash forget putback"

// plans are the sessions of two machines and three steps.
func plans() (all []plan) {
	const hour = time.Hour
	for _, scripts := range [][]string{
		{"number complete", "cancel"}, {"number complete", "complete"}, {"complete", "complete cancel"}, {"complete cancel", "cancel"},
		{"complete", "takeover complete"}, {"number", "takeover complete"}, {"number", "takeover cancel"}, {"cancel", "takeover complete"},
		{"number cancel", "complete"}, {"number", "cancel complete"}, {"number number", "number"},
		{"complete", "reconcile complete"}, {"complete cancel", "reconcile"}, {"number complete", "reconcile cancel"},
	} {
		for _, skew := range []time.Duration{0, hour, -hour} {
			all = append(all, plan{scripts: scripts, skew: []time.Duration{0, skew}, lease: time.Minute, twoFaced: true, faults: *exploreFaults, kinds: anyFault})
		}
	}
	return all
}

// TestExplore runs the real record, claims, leases and notes of two machines
// through the interleavings of their calls to the bus and to Twilio, with a
// fault anywhere in each: dead machines, lost requests and responses, lost,
// forgotten and old records, callbacks that are late, out of order or lost, and
// clocks an hour apart. Each schedule checks that complete reaches Twilio once,
// that a charge is never reported as anything else, that no step waits forever,
// and that a follower sees what happened. It runs all interleavings of some
// sessions without a fault (with the race detector, of the smaller ones only), and
// random ones of all sessions with one. With -explore-all it runs all
// interleavings of all sessions, with -explore-faults faults: without a fault
// there are 100,000, with one fault millions.
func TestExplore(t *testing.T) {
	t.Parallel()
	s, first := firstRecord(t)
	walks := 100
	if raceDetector {
		walks = 10
	}
	var total, pruned, diverged, whole atomic.Int64
	all := func(t *testing.T, p plan) {
		ran, e := explorePlan(t, s, first, p)
		total.Add(int64(ran))
		pruned.Add(int64(e.pruned))
		diverged.Add(int64(e.diverged))
		whole.Add(1)
		t.Logf("all %d schedules; %d left out as equivalent to others, %d not reproducible", ran, e.pruned, e.diverged)
		if e.diverged > ran/100+1 {
			t.Error("too many schedules were not reproducible")
		}
	}
	walkAll := func(t *testing.T, p plan, seed uint64) {
		for n := range walks {
			walk(t, s, first, p, seed, n)
			total.Add(1)
		}
	}
	t.Run("plans", func(t *testing.T) {
		for i, scripts := range [][]string{
			{"complete", "cancel"}, {"cancel", "cancel"}, {"complete cancel", "cancel"}, {"number number", "number"}, // hundreds of schedules each
			{"complete", "complete"}, {"number complete", "complete"}, {"complete", "complete cancel"},
			{"complete", "takeover complete"}, {"number", "takeover complete"}, {"complete", "reconcile complete"},
		} {
			t.Run("all of "+strings.Join(scripts, " | "), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := plan{scripts: scripts, lease: time.Minute, twoFaced: true}
					if raceDetector && i < 4 {
						walkAll(t, p, uint64(i))
						return
					}
					all(t, p)
				})
			})
		}
		for i, p := range plans() {
			t.Run(fmt.Sprint(i, " ", strings.Join(p.scripts, " | "), " ", p.skew[1]), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					if *exploreMore {
						all(t, p)
						return
					}
					walkAll(t, p, uint64(i))
				})
			})
		}
	})
	report("explored %d schedules, all of them in %d plans; %d left out as equivalent to others, %d not reproducible",
		total.Load(), whole.Load(), pruned.Load(), diverged.Load())
}

// walk runs one random schedule.
func walk(t *testing.T, s flow.Session, first []byte, p plan, seed uint64, n int) {
	t.Helper()
	w := &world{plan: p, session: s}
	if complaints, _ := w.run(t, first, random{rand.New(rand.NewPCG(seed, uint64(n)))}); len(complaints) > 0 {
		t.Fatalf("seed %d, schedule %d: %+v\n%s\n  %s", seed, n, w.plan, strings.Join(complaints, "\n"), strings.Join(w.trace, "\n  "))
	}
}

// report prints how much was explored, even without -v.
func report(format string, args ...any) { _, _ = fmt.Fprintf(os.Stderr, format+"\n", args...) }

// TestExploreRandom runs random schedules of larger sessions: three machines, up
// to five steps each, and up to four faults.
func TestExploreRandom(t *testing.T) {
	t.Parallel()
	s, first := firstRecord(t)
	count, seed := *exploreAll, *exploreSeed
	switch {
	case count == 0 && raceDetector:
		count = 200
	case count == 0:
		count = 3000
	}
	if seed == 0 {
		seed = rand.Uint64()
	}
	const workers = 4
	var done atomic.Int64
	t.Run("seeds", func(t *testing.T) {
		for worker := range workers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					for n := worker; n < count; n += workers {
						p := randomPlan(random{rand.New(rand.NewPCG(seed+1, uint64(n)))})
						walk(t, s, first, p, seed, n)
						done.Add(1)
					}
				})
			})
		}
	})
	report("explored %d random schedules of larger sessions, -explore-seed %d", done.Load(), seed)
}

func randomPlan(r random) plan {
	steps := []string{"number", "date", "complete", "complete", "cancel", "takeover", "rest", "reconcile"}
	p := plan{
		lease: 2 * time.Second, faults: r.IntN(5), kinds: anyFault, waits: r.IntN(4),
		declines: r.IntN(4) == 0, silent: r.IntN(2) == 0, twoFaced: r.IntN(2) == 0, twoEnds: r.IntN(4) == 0,
	}
	if p.twoEnds {
		p.waits = 0 // time must pass for a second end, but not forever
	}
	for range 2 + r.IntN(2) {
		var script []string
		for range 1 + r.IntN(5) {
			script = append(script, steps[r.IntN(len(steps))])
		}
		p.scripts = append(p.scripts, strings.Join(script, " "))
		p.skew = append(p.skew, []time.Duration{0, 0, time.Hour, -time.Hour, 3 * time.Second}[r.IntN(5)])
	}
	return p
}
