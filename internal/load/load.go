// Package load runs many concurrent payment sessions over a bus, with faults,
// and counts their outcomes. Lost, doubled and crossed must be 0.
package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

// Config describes a run.
type Config struct {
	Sessions int
	Workers  int // concurrent sessions
	// Machines are the buses of the machines. Callbacks and steps are spread
	// over them in turn.
	Machines []flow.Bus
	// Digits is the percentage of callbacks about a single digit that are
	// delivered.
	Digits int
	// Patience is the flows' WithPatience.
	Patience time.Duration
	// Progress is called after each session, for example to inject a fault.
	Progress func(done int)
}

// Counts are the outcomes of the sessions.
type Counts struct {
	Started, Completed, Declined, Cancelled, Interrupted int
	// Lost sessions did not end as intended, or their outcome was not reported.
	// Doubled ones had more than one charge, or complete sent again after
	// Twilio may have acted. Crossed ones saw an event or a charge of another
	// session.
	Lost, Doubled, Crossed int
	// Resumed sessions continued on another machine in the middle of a step.
	Resumed int
	// Unreported steps ended with ErrOutcomeUnknown because no callback had
	// arrived in time, and were repeated.
	Unreported int
	// Retried calls of Start and Resume failed because the bus was down.
	Retried int
	Events  int // seen by the watchers of all sessions
}

// String returns the counts on one line.
func (c Counts) String() string {
	return fmt.Sprintf("started %d, completed %d, declined %d, cancelled %d, interrupted %d, resumed elsewhere %d, unreported %d, retried %d, events %d, lost %d, doubled %d, crossed %d",
		c.Started, c.Completed, c.Declined, c.Cancelled, c.Interrupted, c.Resumed, c.Unreported, c.Retried, c.Events, c.Lost, c.Doubled, c.Crossed)
}

// Check logs the counts and fails the test unless all sessions were started, and
// none lost, doubled or crossed.
func (c Counts) Check(t testing.TB, sessions int) {
	t.Helper()
	t.Log(c)
	if c.Lost != 0 || c.Doubled != 0 || c.Crossed != 0 || c.Started != sessions {
		t.Errorf("want %d started, and none lost, doubled or crossed", sessions)
	}
}

// run is a run in progress.
type run struct {
	config Config
	t      testing.TB
	srv    *paymentstest.Server
	client *payments.Client
	faults *faults

	mu      sync.Mutex
	counts  Counts
	charged map[string]string // confirmation code by session, as flows returned it
}

// Run runs sessions and returns the counts, after comparing them with the state
// of the simulated Twilio.
func Run(t testing.TB, c Config) Counts {
	t.Helper()
	r := &run{config: c, t: t, faults: newFaults(), charged: make(map[string]string)}
	r.srv = paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithHistory(c.Sessions),
		paymentstest.WithGateway(decide), paymentstest.WithFaults(r.faults.inject), paymentstest.WithSeed(8))
	r.srv.Deliver(deliveries(c.Digits))
	flowtest.Must(t, r.srv.Handle("https://pay.example.com/", r.handlers()))
	var err error
	r.client, err = payments.NewClient(append(r.srv.ClientOptions(), payments.WithMaxRetries(0), payments.WithAttemptTimeout(0))...)
	flowtest.Must(t, err)

	var workers sync.WaitGroup
	var next, done atomic.Int64
	for range c.Workers {
		workers.Go(func() {
			for i := next.Add(1); i <= int64(c.Sessions); i = next.Add(1) {
				r.session(int(i))
				if n := done.Add(1); c.Progress != nil {
					c.Progress(int(n))
				}
			}
		})
	}
	workers.Wait()
	r.reconcile()
	return r.counts
}

// handlers spreads callbacks over the machines.
func (r *run) handlers() http.Handler {
	var machines []http.Handler
	for _, bus := range r.config.Machines {
		machines = append(machines, flowtest.Handler(r.t, bus))
	}
	var n atomic.Uint64
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		machines[n.Add(1)%uint64(len(machines))].ServeHTTP(w, req)
	})
}

// reconcile compares what flows returned with what was charged.
func (r *run) reconcile() {
	charges := make(map[string]string)
	for _, c := range r.srv.Charges() {
		if charges[c.SID] != "" {
			r.counts.Doubled++
		}
		charges[c.SID] = c.ConfirmationCode
	}
	for sid, code := range r.charged {
		if charges[sid] != code {
			r.counts.Crossed++
		}
	}
	for sid := range charges {
		if r.charged[sid] == "" {
			r.counts.Lost++
			r.t.Errorf("session %s was charged, but no flow reported it", sid)
		}
	}
	r.counts.Doubled += int(r.faults.doubled.Load())
}

func (r *run) count(edit func(*Counts)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	edit(&r.counts)
}

// lost counts and reports a session that went wrong.
func (r *run) lost(i int, f fate, err error) {
	r.count(func(c *Counts) { c.Lost++ })
	r.t.Errorf("session %d, meant to be %s: %v", i, f, err)
}

// timeout bounds one session.
const timeout = 4 * time.Minute

func (r *run) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), timeout)
}

var errUnexpected = errors.New("unexpected outcome")
