package paymentstest

import (
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// The rules of Twilio are in package core, a state machine. Here is how a server
// uses it:
//
//	request, key, hang-up, timer, verdict
//	  │
//	  ▼  run, under the server's lock
//	core ──► effects ──► entries of the journal, charges, prompts   (noteEffect)
//	  │
//	  ▼  carryOut, without the server's lock, in the same order
//	callbacks to deliver, timers to set, callers to wake; then the gateway
//
// One input is applied at a time. What takes time or calls code of the test
// happens outside the lock.

// step is one hold of the server's lock, in which inputs go into the core one
// after the other.
type step struct {
	server  *Server
	effects []core.Effect
}

// run lets f apply inputs, and returns when their effects are carried out, the
// gateway's immediate verdict included. Callbacks are queued then; deliver starts
// their delivery.
func (s *Server) run(f func(*step)) *step {
	s.work.add(1) // so that Wait sees no gap between an input and its callbacks
	defer s.work.done()
	st := &step{server: s}
	st.hold(f)
	s.carryOut()
	for _, e := range st.effects {
		if ask, is := e.Event.(core.AskGateway); is {
			if verdict := s.consult(ask); verdict != nil {
				st.effects = append(st.effects, verdict.effects...)
			}
		}
	}
	return st
}

func (st *step) hold(f func(*step)) {
	st.server.mu.Lock()
	defer st.server.mu.Unlock()
	f(st)
}

// input applies one input that a journal entry brings about, zero for none.
func (st *step) input(cause int64, in core.Input) []core.Effect {
	s := st.server
	now := s.now()
	effects := s.core.Apply(now, in)
	var few [8]int64
	numbers := few[:0]
	for _, e := range effects {
		o := origin{at: now, cause: cause, assumption: e.Assumption}
		if e.Cause != core.Root {
			o.cause = numbers[e.Cause]
		}
		numbers = append(numbers, s.noteEffect(o, e))
	}
	if st.effects == nil {
		st.effects = effects
	} else {
		st.effects = append(st.effects, effects...)
	}
	return effects
}

// later does something outside the server's lock, after what was put off before.
// The caller holds the lock.
func (s *Server) later(do func()) { s.errands = append(s.errands, do) }

// carryOut does what was put off. When it returns, everything is done that was
// put off before it was called, by whichever goroutine.
func (s *Server) carryOut() {
	s.carrying.Lock()
	defer s.carrying.Unlock()
	s.mu.Lock()
	errands := s.errands
	s.errands, s.spare = s.spare, nil
	s.mu.Unlock()
	for _, do := range errands {
		do()
	}
	clear(errands)
	s.spare = errands[:0]
}

// deliver starts the delivery of the callbacks that a step has made.
func (s *Server) deliver(st *step) {
	for _, e := range st.effects {
		if c, is := e.Event.(core.Callback); is {
			s.delivery.start(c.SID)
		}
	}
}

// setTimer is called outside the server's lock, as stopTimer is. The entry cause
// is what the timer's end is ascribed to.
func (s *Server) setTimer(t core.SetTimer, cause int64) {
	s.stopTimer(t.SID)
	s.timers[t.SID] = s.config.clock.AfterFunc(t.After, func() {
		s.deliver(s.run(func(st *step) { st.input(cause, core.TimerFired{SID: t.SID, N: t.N}) }))
	})
}

func (s *Server) stopTimer(sid string) {
	if stop, set := s.timers[sid]; set {
		stop()
		delete(s.timers, sid)
	}
}

// newCore returns the rules of Twilio as the options have them.
func newCore(c config) *core.Machine {
	return core.New(core.Config{Assumptions: core.Assumptions(c.assume), Live: c.live, Seed: c.seed, MaxSessions: c.maxSessions})
}

func (s *Server) now() time.Time { return s.config.clock.Now() }

// act does what a valid request asks for, and notes what came of it. The function
// it returns sets off what follows when the response is out: callbacks are
// delivered, and a scripted caller hears the question.
func (s *Server) act(rec *Request) (response, func()) {
	var a response
	st := s.run(func(st *step) {
		effects := st.input(rec.entry, core.Request{
			Operation: core.Operation(rec.Operation), AccountSID: rec.AccountSID, CallSID: rec.CallSID, SID: rec.SID, Path: rec.Path, Form: rec.Form,
		})
		last := effects[len(effects)-1]
		r := last.Event.(core.Response) //nolint:forcetypeassert // as the core says of requests
		rec.Committed, rec.Replayed = r.Committed, r.Replayed
		if r.Session.SID != "" {
			rec.SID = r.Session.SID
		}
		a = responseOf(r, last.Assumption)
	})
	return a, func() {
		s.deliver(st)
		s.mu.Lock()
		defer s.mu.Unlock()
		if c := s.calls[rec.CallSID]; c != nil {
			s.ask(c)
		}
	}
}
