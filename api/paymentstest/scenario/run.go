package scenario

import (
	"context"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// Run plays the scenario without an application, on a new call: it sends the
// requests with package payments and receives the callbacks with package callback.
// Its faults affect that call only. Failed expectations are in the report. The
// error is that of ctx, or says why the scenario could not be played. Afterwards the
// server has no handler, fault or goroutine of the run.
func (s *Scenario) Run(ctx context.Context, srv *paymentstest.Server) (*Report, error) {
	return s.RunOn(ctx, srv, srv.NewCall())
}

// RunOn is like Run but uses an existing call, which you can watch from the start.
func (s *Scenario) RunOn(ctx context.Context, srv *paymentstest.Server, call *paymentstest.Call) (*Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the caller's script with the run
	call.AnswerWith(s.play(ctx))
	a, unmount, err := newAgent(s, srv, call)
	if err != nil {
		return nil, err
	}
	defer unmount()
	for _, disarm := range s.arm(srv, call.SID) {
		defer disarm()
	}
	start := time.Now()
	a.play(ctx)
	if err := srv.Wait(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // the run may be incomplete
	}
	took := time.Since(start)
	r := s.check(seen(srv, func(sid string) bool { return sid == call.SID }))
	r.Took, r.Steps = took, a.steps
	if len(a.failed) > 0 {
		r.Checks = append([]Check{{Name: "steps", Got: a.failed}}, r.Checks...)
	}
	return r, nil
}

// arm makes gateway and faults act on one call until the returned functions are
// called.
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

// Check compares what has happened on the server with the scenario's expectations,
// after an application has taken its payments there; see [Scenario.Options]. It
// waits until all callbacks are delivered. If ctx is done first, or the server is
// closed, the report covers what has happened so far, and the error says what is
// pending. It does not see what the server's history has dropped; see
// [paymentstest.WithHistory].
func (s *Scenario) Check(ctx context.Context, srv *paymentstest.Server) (*Report, error) {
	err := srv.Wait(ctx)
	return s.check(seen(srv, func(string) bool { return true })), err
}
