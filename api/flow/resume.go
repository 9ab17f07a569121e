package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Resume continues a session that another flow started or worked on, usually on
// another machine, with everything known about it. The SIDs are those of
// [Flow.Session]; the call SID is the one given to [Start].
//
// Resume sends nothing and affects no other machine: any number of machines may
// follow a session. The first one to start a step holds the session. While that
// step runs, the others get [ErrBusy]; if its machine dies, they get it until
// its lease ends ([WithTakeOver], [WithLease]). To continue a capture that
// another machine abandoned, call Capture with the same field. If a complete
// was sent, or may have been, Complete waits for the callback; it is never sent
// again.
//
// A session that the bus has no record of is [ErrNoRecord], unless
// [WithStatusCallback] is given. It is then unknown whether a complete was
// sent; see [WithRiskOfSecondCharge].
func Resume(ctx context.Context, client Client, bus Bus, accountSID, callSID, sid string, opts ...Option) (*Flow, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if client == nil || bus == nil {
		return nil, errors.New("flow: Resume needs a client and a bus")
	}
	s := Session{AccountSID: accountSID, CallSID: callSID, SID: sid}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return observed(ctx, &c.hooks, StepInfo{Name: "resume", Session: s}, func(ctx context.Context) (*Flow, error) {
		f := newFlow(c, client, boundedBus{bus}, s)
		if err := f.resume(ctx); err != nil {
			return nil, err
		}
		f.count()
		return f, nil
	})
}

func (f *Flow) resume(ctx context.Context) error {
	past, live, err := f.bus.Subscribe(ctx, f.session)
	if err != nil {
		return err
	}
	watched := false
	defer func() { // also after a panic of the bus
		if !watched {
			_ = live.Close()
		}
	}()
	if err := f.find(ctx, past); err != nil {
		return err
	}
	if r := f.known.Content(); f.config.takeOver {
		f.presumedDead = []string{r.Owner, r.Aside.Owner}
	}
	watched = true
	f.watch(past, live)
	return nil
}

// find reads the record, or writes one if the session has none and
// WithStatusCallback was given.
func (f *Flow) find(ctx context.Context, past []Message) error {
	if f.config.callback != "" {
		return f.register(ctx, adopted(f.session, f.config, past))
	}
	_, err := f.read(ctx)
	if errors.Is(err, ErrExpired) {
		return ErrNoRecord
	}
	return err
}

// adopted returns a record for a session that has none. Earlier claims are
// unknown, and step numbers follow those that have callbacks.
func adopted(s Session, c config, past []Message) record {
	now := c.now()
	r, last := record{Flow: flowID(s.CallSID, s.SID), Callback: c.callback, Started: now}, 0
	for _, m := range past {
		if m.Flow != "" {
			r.Flow, last = m.Flow, max(last, m.Step)
		}
	}
	r.outdate(last, now)
	return r
}

// State is what is currently known of a session.
type State struct {
	Session Session
	// Asking is the capture in progress, here or on another machine, or abandoned
	// by one.
	Asking payments.Capture
	// Completing reports that complete was sent, or may have been.
	Completing bool
	// Captured and Missing are the fields that have been captured and those still
	// missing; Ready reports that the session can be completed. Missing is nil until
	// the first capture, because Twilio reports it only then: an empty Missing means
	// that nothing is missing only if Ready is true.
	Captured, Missing []payments.Capture
	Ready             bool
	// Ended is how the session ended, as the error that a step returns; nil while
	// it is open.
	Ended error
}

// State returns what is currently known of the session. Actions of other
// machines show up through their callbacks, and through the record, which is
// read at the latest when a step starts here.
func (f *Flow) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := State{
		Session: f.session, Captured: f.state.Captured(), Missing: f.state.Missing(),
		Ready: f.end == nil && f.state.CanComplete(), Ended: f.endedLocked(),
	}
	if f.end != nil {
		if !f.settled && !isFinalEnd(f.end.event) && f.mayCompleteLocked(f.seen) {
			s.Completing, s.Ended = true, fmt.Errorf("%w: %v, and a success may follow", ErrOutcomeUnknown, s.Ended)
		}
		return s
	}
	asking := f.seen.asking()
	if _, finished := f.finalOf(asking.Step); !finished && asking.Owner != "" {
		s.Asking = asking.Op.Capture
	}
	s.Completing = f.mayCompleteLocked(f.seen)
	return s
}
