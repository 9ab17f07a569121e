package scenario

import (
	"context"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// Run plays the scenario without an application, on a new call of the server: it
// sends the requests by package payments and takes the callbacks by package
// callback. What it makes go wrong goes wrong on that call only. A failed
// expectation is in the report; the error is that of ctx, or says why the scenario
// could not be played at all.
func (s *Scenario) Run(ctx context.Context, srv *paymentstest.Server) (*Report, error) {
	return s.RunOn(ctx, srv, srv.NewCall())
}

// RunOn is Run on a call of one's own, which can be watched from the start.
func (s *Scenario) RunOn(ctx context.Context, srv *paymentstest.Server, call *paymentstest.Call) (*Report, error) {
	call.AnswerWith(s.play(ctx))
	a, err := newAgent(s, srv, call)
	if err != nil {
		return nil, err
	}
	for _, disarm := range s.arm(srv, call.SID) {
		defer disarm()
	}
	start := time.Now()
	a.play(ctx)
	if err := srv.Wait(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // there may be steps that were not taken
	}
	took := time.Since(start)
	r := s.check(seen(srv, func(sid string) bool { return sid == call.SID }))
	r.Took, r.Steps = took, a.did
	if len(a.failed) > 0 {
		r.Checks = append([]Check{{Name: "steps", Got: a.failed}}, r.Checks...)
	}
	return r, nil
}

// arm makes gateway and faults act on one call, until what it returns is called.
func (s *Scenario) arm(srv *paymentstest.Server, callSID string) []func() {
	decide, inject, deliver := gateway(s.file.Gateway), s.file.Faults.injector(), s.file.Faults.rule()
	return []func(){
		srv.ArmGateway(func(p paymentstest.Payment) (paymentstest.Verdict, bool) {
			if p.CallSID != callSID {
				return paymentstest.Verdict{}, false
			}
			return decide(p)
		}),
		srv.Arm(func(a paymentstest.Attempt) paymentstest.Fault {
			if a.CallSID != callSID {
				return paymentstest.Fault{}
			}
			return inject(a)
		}),
		srv.ArmDelivery(func(c paymentstest.Callback) paymentstest.Delivery {
			if c.Event.CallSID != callSID {
				return paymentstest.Once()
			}
			return deliver(c)
		}),
	}
}

// Check compares what has happened on the server with what the scenario expects,
// after an application has taken its payments there; see [Scenario.Options]. It
// waits until the last callbacks are delivered. When ctx is done first, or the
// server closed, the report is of what has happened until then, and the error says
// what is left to do. A server that forgets its history is checked for what it still
// knows.
func (s *Scenario) Check(ctx context.Context, srv *paymentstest.Server) (*Report, error) {
	err := srv.Wait(ctx)
	return s.check(seen(srv, func(string) bool { return true })), err
}
