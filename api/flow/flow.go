package flow

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow/internal/stored"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Flow is one payment session as steps. Create one with [Start] or [Resume],
// and Close it. Its methods may be called from many goroutines, and the session
// may have flows on many machines; of concurrent steps one runs and the others
// are refused with [ErrBusy].
type Flow struct {
	config  config
	client  Client
	bus     Bus
	session Session
	owner   string // of the record, while a step of this flow runs

	reading *reading // of the messages; f.mu guards it until the flow is handed out

	changing     chan struct{} // full while the record is being changed; guards the next two; taken before mu
	known        stored.Value[record]
	writes       int
	presumedDead []string // owners presumed dead

	mu        sync.Mutex // guards all below
	refused   []string   // claims to completes that Twilio did not act on
	seen      *record    // the record as last read or written, for reading only
	latest    int        // the highest step number in a record or callback
	current   bool       // the messages already on the bus have been applied
	running   *step      // the step running here, Cancel excepted; nil if none
	ending    *step      // Cancel that is running here, beside a capture or by itself; nil if none
	delivered deliveries
	state     callback.State
	finals    []final // of captures: how the entry ended
	confirmed []int   // steps that have a callback
	top       rank    // of the latest progress shown
	progress  []shown
	counted   bool          // by Hooks.Open
	end       *end          // nil while the session is open
	settled   bool          // no further end is possible
	published chan struct{} // closed once the record's end is published; nil if the record has none
	failed    error         // why reading from the bus has stopped
	changed   chan struct{} // closed when something changes; nil if nothing waits for that
}

// newFlow creates a flow on a bus whose methods return in time.
func newFlow(c config, client Client, bus boundedBus, s Session) *Flow {
	c.calls = append(c.calls[:len(c.calls):len(c.calls)], payments.WithAccount(s.AccountSID))
	return &Flow{
		config: c, client: client, bus: bus, session: s, owner: rand.Text(), changing: make(chan struct{}, 1), seen: new(record),
	}
}

// Session returns the SIDs of the session, which [Resume] takes.
func (f *Flow) Session() Session { return f.session }

// Close stops reading from the bus and ends waiting and later steps with
// [ErrClosed]. It does not end the session at Twilio: [Flow.Cancel] does that,
// and [Resume] continues it. Close always returns nil.
func (f *Flow) Close() error {
	f.fail(ErrClosed)
	f.mu.Lock()
	f.uncount()
	f.mu.Unlock()
	f.reading.close()
	return nil
}

// watch applies the messages that were on the bus, and reads new ones until the
// session has ended and no other end can follow, the flow is closed, or the
// subscription fails.
func (f *Flow) watch(past []Message, live Subscription) {
	for _, m := range past {
		f.apply(m)
	}
	f.mu.Lock()
	f.current = true
	ended := f.endBySeen()
	f.mu.Unlock()
	if ended {
		f.publishEnd()
	}
	r := &reading{f: f, live: live}
	f.mu.Lock()
	f.reading = r
	f.mu.Unlock()
	r.start()
}

// fail ends every wait. Only the first reason counts, and none once the session
// has ended.
func (f *Flow) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed == nil && (f.end == nil || err == ErrClosed) {
		f.failed = err
	}
	f.wake()
}

// wake wakes all waiters because something changed. The caller holds mu.
func (f *Flow) wake() {
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// until waits until done, which is called with mu held, returns true, the
// context ends, or the flow fails.
func (f *Flow) until(ctx context.Context, done func() bool) error {
	for {
		f.mu.Lock()
		ok, failed := done(), f.failed
		if !ok && failed == nil && f.changed == nil {
			f.changed = make(chan struct{})
		}
		changed := f.changed
		f.mu.Unlock()
		switch {
		case ok:
			return nil
		case failed != nil:
			return failed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return endOf(ctx)
		}
	}
}

// Format prints the session's SID and nothing else, for every verb.
func (f *Flow) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "flow.Flow("+f.session.SID+")") }

// Client is the part of *[payments.Client] that a flow uses.
type Client interface {
	Create(ctx context.Context, callSID string, params payments.CreateParams, opts ...payments.Option) (*payments.Session, error)
	Update(ctx context.Context, callSID, sid string, params payments.UpdateParams, opts ...payments.Option) (*payments.Session, error)
}

var _ Client = (*payments.Client)(nil)

// mayHaveActed reports whether Twilio may have acted although the call failed.
// An error of a type other than the client's proves nothing, so it may have.
func mayHaveActed(err error) bool {
	e, ok := errors.AsType[*payments.Error](err)
	return err != nil && err != errLate && (!ok || e.OutcomeUnknown())
}
