package flow

import (
	"context"
	"errors"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Resume goes on with a session that another flow started or worked on, most
// likely on another machine, with all that is known of it. The SIDs are those
// of [Flow.Session]; the call SID is the one given to [Start].
//
// Resuming sends nothing and disturbs nobody: any number of machines may follow
// a session. The first to begin a step has it, and while it runs the others get
// [ErrBusy], until its lease ends when its machine has died ([WithTakeOver],
// [WithLease]). A capture that was left behind is gone on with by capturing the
// same field; a complete that was sent, or may have been, is waited for by
// Complete, and never sent again.
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
	f := newFlow(c, client, bus, s, record{})
	if err := f.reload(ctx); err != nil {
		return nil, err
	}
	past, live, err := bus.Subscribe(ctx, s)
	if err != nil {
		return nil, err
	}
	if f.revision == 0 {
		if c.callback == "" {
			_ = live.Close()
			return nil, ErrNoRecord
		}
		f.adopt(past)
	}
	if c.takeOver {
		f.overrule = f.record.Owner
	}
	f.watch(past, live)
	return f, nil
}

// adopt makes a record for a session that has none: the steps go on after those
// that callbacks came for.
func (f *Flow) adopt(past []Message) {
	r := record{Flow: flowID(f.session.CallSID, f.session.SID), Callback: f.config.callback}
	for _, m := range past {
		if m.Flow != "" {
			r.Flow, r.Step = m.Flow, max(r.Step, m.Step)
		}
	}
	f.record = r
	f.seen = r
}

// State is what is known of a session now.
type State struct {
	Session Session
	// Asking is the capture that is under way, here or on another machine, or
	// was left behind by one.
	Asking payments.Capture
	// Completing tells that complete was sent, or may have been.
	Completing bool
	// Captured and Missing are the fields that are there and that are not, and
	// Ready tells that the session can be completed.
	Captured, Missing []payments.Capture
	Ready             bool
	// Ended is how the session ended, as the error of a step says it; nil while
	// it is open.
	Ended error
}

// State returns what is known of the session now. What other machines do shows
// by its callbacks, and by the record as it was last read, which is at the
// latest when a step begins here.
func (f *Flow) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := State{
		Session: f.session, Captured: f.state.Captured(), Missing: f.state.Missing(),
		Ready: f.end == nil && f.state.CanComplete(), Ended: f.endedLocked(),
	}
	if f.end != nil {
		return s
	}
	asking := f.seen.asking()
	if _, finished := f.finals[asking.Step]; !finished && asking.Owner != "" {
		s.Asking = asking.Op.Capture
	}
	s.Completing = f.seen.Complete != ""
	return s
}
