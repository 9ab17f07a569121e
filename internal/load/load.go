// Package load runs many payment sessions at once over a bus, with faults, and
// counts what became of them. Lost, doubled and crossed must be 0.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// Config says what is run.
type Config struct {
	Sessions int
	Workers  int // sessions at the same time
	// Machines are the buses of as many machines. Callbacks go to them in turn,
	// and steps are done on them in turn.
	Machines []flow.Bus
	// Digits is how many of 100 callbacks about a single digit are delivered.
	Digits int
	// Patience is that of the flows.
	Patience time.Duration
	// Progress is called after each session, to break things on the way.
	Progress func(done int)
}

// Counts are what became of the sessions.
type Counts struct {
	Started, Completed, Declined, Cancelled, Interrupted int
	// Lost sessions ended otherwise than they were meant to, or nobody heard.
	// Doubled ones had complete sent again after Twilio may have acted, or more
	// than one charge. Crossed ones saw an event or a charge of another.
	Lost, Doubled, Crossed int
	// Resumed sessions went on on another machine in the middle of a step.
	Resumed int
	// Unreported steps ended with ErrOutcomeUnknown because no callback had come in
	// time, and were done again.
	Unreported int
	Events     int // seen by the watchers of all sessions
}

// String returns the counts on one line.
func (c Counts) String() string {
	return fmt.Sprintf("started %d, completed %d, declined %d, cancelled %d, interrupted %d, resumed elsewhere %d, unreported %d, events %d, lost %d, doubled %d, crossed %d",
		c.Started, c.Completed, c.Declined, c.Cancelled, c.Interrupted, c.Resumed, c.Unreported, c.Events, c.Lost, c.Doubled, c.Crossed)
}

// run is a run under way.
type run struct {
	config Config
	t      testing.TB
	srv    *paymentstest.Server
	client *payments.Client
	faults *faults

	mu      sync.Mutex
	counts  Counts
	charged map[string]string // confirmation code by session, as flows were told
}

// Run runs sessions and returns the counts, after comparing them with what the
// simulated Twilio knows.
func Run(t testing.TB, c Config) Counts {
	t.Helper()
	r := &run{config: c, t: t, faults: newFaults(), charged: make(map[string]string)}
	r.srv = paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithHistory(c.Sessions),
		paymentstest.WithGateway(decide), paymentstest.WithFaults(r.faults.inject), paymentstest.WithSeed(8))
	r.srv.Deliver(deliveries(c.Digits))
	must(t, r.srv.Handle("https://pay.example.com/", r.handlers()))
	var err error
	r.client, err = payments.NewClient(append(r.srv.ClientOptions(), payments.WithMaxRetries(0), payments.WithAttemptTimeout(0))...)
	must(t, err)

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
		h, err := flow.Handler(bus, callback.WithAuthTokens(paymentstest.DefaultAuthToken), callback.WithHosts("pay.example.com"), callback.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
		must(r.t, err)
		machines = append(machines, h)
	}
	var n atomic.Uint64
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		machines[n.Add(1)%uint64(len(machines))].ServeHTTP(w, req)
	})
}

// reconcile compares what flows were told with what was charged.
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
			r.t.Errorf("session %s was charged and nobody was told", sid)
		}
	}
	r.counts.Doubled += int(r.faults.doubled.Load())
}

func (r *run) count(edit func(*Counts)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	edit(&r.counts)
}

// lost counts a session that went wrong, and says how.
func (r *run) lost(i int, f fate, err error) {
	r.count(func(c *Counts) { c.Lost++ })
	r.t.Errorf("session %d, meant to be %s: %v", i, f, err)
}

// timeout bounds one session.
const timeout = 4 * time.Minute

func (r *run) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), timeout)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var errUnexpected = errors.New("unexpected outcome")
