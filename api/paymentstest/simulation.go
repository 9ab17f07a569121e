package paymentstest

import (
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// simulation feeds the state machine of package core, which has all rules of
// Twilio, and carries out its effects:
//
//	request, key, hang-up, timer, verdict
//	  │
//	  ▼  run, under the simulation's lock
//	core ──► effects ──► entries of the journal, charges, prompts   (record)
//	  │
//	  ▼  errands, without the lock, in the same order
//	callbacks to deliver, timers to set; then the gateway
//
// One input is applied at a time. What takes time or calls code of the test
// happens outside the lock. The locks of journal, delivery, gateway, ledger and
// requests are taken while it is held, and never the other way round.
type simulation struct {
	config   *config
	work     *work
	journal  *journal
	report   *reporter
	delivery *delivery
	gateway  *gateway
	ledger   *ledger
	errands  errands
	timers   *timers

	mu        sync.Mutex
	core      *core.Machine
	assume    Assumptions
	calls     map[string]*Call
	callsMade int
}

func newSimulation(c *config, w *work, j *journal, r *reporter, d *delivery, g *gateway, l *ledger) *simulation {
	s := &simulation{
		config: c, work: w, journal: j, report: r, delivery: d, gateway: g, ledger: l, timers: newTimers(c.clock),
		core:  core.New(core.Config{Live: c.live, Seed: c.seed, MaxSessions: c.maxSessions}),
		calls: map[string]*Call{},
	}
	s.setAssumptions(c.assume)
	return s
}

func (s *simulation) now() time.Time { return s.config.clock.Now() }

func (s *simulation) assumptions() Assumptions {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.assume.clone()
}

// changeAssumptions sets the assumptions for what happens from now on.
func (s *simulation) changeAssumptions(a Assumptions) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setAssumptions(a)
	s.journal.note("", "other assumptions hold from now on")
}

func (s *simulation) setAssumptions(a Assumptions) {
	s.assume = a.clone()
	s.core.Assume(core.Assumptions(s.assume))
	s.delivery.ignoreOverrides.Store(s.assume.IgnoreConnectionOverrides)
}

// step is one hold of the simulation's lock, in which inputs go into the core one
// after the other.
type step struct {
	sim     *simulation
	effects []core.Effect
}

// run lets f apply inputs, and returns when their effects are carried out,
// including an immediate verdict of the gateway. Callbacks are then queued; deliver
// starts their delivery.
func (s *simulation) run(f func(*step)) *step {
	s.work.add(1) // so that Wait sees no gap between an input and its callbacks
	defer s.work.done()
	st := &step{sim: s}
	st.hold(f)
	s.errands.carryOut()
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
	st.sim.mu.Lock()
	defer st.sim.mu.Unlock()
	f(st)
}

// input applies one input that a journal entry caused, zero for none.
func (st *step) input(cause int64, in core.Input) []core.Effect {
	s := st.sim
	now := s.now()
	effects := s.core.Apply(now, in)
	var few [8]int64
	numbers := few[:0]
	for _, e := range effects {
		o := origin{at: now, cause: cause, assumption: e.Assumption}
		if e.Cause != core.Root {
			o.cause = numbers[e.Cause]
		}
		numbers = append(numbers, s.record(o, e))
	}
	if st.effects == nil {
		st.effects = effects
	} else {
		st.effects = append(st.effects, effects...)
	}
	return effects
}

// consult asks the gateway for a verdict. It returns the step that the verdict
// caused, nil when the gateway takes its time.
func (s *simulation) consult(ask core.AskGateway) *step {
	v, sid := s.gateway.verdict(ask), ask.Payment.SID
	if !v.Hold && v.After <= 0 {
		return s.decide(sid, v)
	}
	s.gateway.wait(sid, v, func() { s.deliver(s.decide(sid, v)) })
	return nil
}

// decide gives a verdict to the core, which ignores one that it does not wait for.
func (s *simulation) decide(sid string, v Verdict) *step {
	return s.run(func(st *step) {
		st.input(0, core.Decided{SID: sid, Verdict: core.Verdict{
			Result: v.Result, Code: v.Code, ConnectorError: v.ConnectorError, PaymentError: v.PaymentError,
		}})
	})
}

// deliver starts the delivery of the callbacks that a step has made.
func (s *simulation) deliver(st *step) {
	for _, e := range st.effects {
		if c, is := e.Event.(core.Callback); is {
			s.delivery.start(c.SID)
		}
	}
}

// setTimer sets a session's timer. The journal names the entry cause as the cause
// of what happens when it fires.
func (s *simulation) setTimer(t core.SetTimer, cause int64) {
	s.timers.set(t.SID, t.After, func() {
		s.deliver(s.run(func(st *step) { st.input(cause, core.TimerFired{SID: t.SID, N: t.N}) }))
	})
}

// request does what a valid request asks for, and calls acted with the response and
// the assumption that decided it before anything else happens. What the request
// causes waits for follow.
func (s *simulation) request(cause int64, r core.Request, acted func(core.Response, string)) *step {
	return s.run(func(st *step) {
		effects := st.input(cause, r)
		last := effects[len(effects)-1]
		acted(last.Event.(core.Response), last.Assumption) //nolint:forcetypeassert // as the core says of requests
	})
}

// follow sets off what a request causes once its response is sent: callbacks are
// delivered, and a scripted caller hears the question.
func (s *simulation) follow(st *step, callSID string) {
	s.deliver(st)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.calls[callSID]; c != nil {
		s.ask(c)
	}
}
