package flow_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestASessionStartedWithoutAFlow has no record, but can be resumed.
func TestASessionStartedWithoutAFlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		s, err := d.client.Create(t.Context(), d.call.SID, noPostalCode)
		must(t, err)
		_, err = flow.Resume(t.Context(), d.client, d.bus, s.AccountSID, s.CallSID, s.SID)
		if !errors.Is(err, flow.ErrNoRecord) {
			t.Errorf("resume: %v, want ErrNoRecord", err)
		}
		session := flow.Session{AccountSID: s.AccountSID, CallSID: s.CallSID, SID: s.SID}
		f := d.resumeWith(d.client, d.bus, session, flow.WithStatusCallback(statusURL), flow.WithRiskOfSecondCharge())
		d.capture(f)
		g := d.resume(f, flow.WithRiskOfSecondCharge()) // now there is a record, which has no claim of a complete either
		_, err = g.Complete(t.Context())
		must(t, err)
	})
}

// TestStepNumbersFollowThoseOfCallbacks in a session whose record is missing.
func TestStepNumbersFollowThoseOfCallbacks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f, payments.CapturePaymentCardNumber, payments.CaptureExpirationDate)
		fresh := newMemory(t)
		for _, m := range messagesOf(t, d.bus, f.Session()) {
			must(t, fresh.Publish(t.Context(), m))
		}
		must(t, d.srv.Handle("https://pay.example.com/", newHandler(t, d.bus)))
		must(t, d.srv.Handle("https://fresh.example.com/", newHandler(t, fresh)))
		d.bus = fresh
		g := d.resume(f, flow.WithStatusCallback("https://fresh.example.com/"), flow.WithRiskOfSecondCharge())
		d.capture(g, payments.CaptureSecurityCode)
		requests := d.srv.Requests()
		_, first, _ := strings.Cut(requests[0].Form.Get("StatusCallback"), "twiliopay=")
		_, last, _ := strings.Cut(requests[len(requests)-1].Form.Get("StatusCallback"), "twiliopay=")
		before, flowID, _ := strings.Cut(first, ".0.") // call, step and flow
		number := strings.TrimSuffix(strings.TrimPrefix(last, before+"."), "."+flowID)
		if step, err := strconv.Atoi(number); err != nil || step < 10 {
			t.Errorf("the tag is %s, want one like %s whose number no request has had", last, first)
		}
		_, err := g.Complete(t.Context())
		must(t, err)
	})
}

// TestAnotherStatusCallback moves the callbacks of a resumed session, during a
// capture that is requested again.
func TestAnotherStatusCallback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		m := d.machine()
		f := d.startOn(m)
		d.srv.Deliver(never)
		dying, die := context.WithCancel(t.Context())
		go func() { _, _ = f.Capture(dying, payments.CapturePaymentCardNumber) }()
		synctest.Wait() // Twilio has the request, and no machine is listening
		m.die()
		die()
		d.srv.Deliver(nil)
		must(t, d.srv.Handle("https://new.example.com/", newHandler(t, d.bus)))
		g := d.resume(f, flow.WithTakeOver(), flow.WithStatusCallback("https://new.example.com/"))
		d.capture(g)
		_, err := g.Complete(t.Context())
		must(t, err)
	})
}

func TestResumeIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		s := d.start(noPostalCode).Session()
		spy := newSpyBus(d.bus)
		for name, resume := range map[string]func() (*flow.Flow, error){
			"no client": func() (*flow.Flow, error) {
				return flow.Resume(t.Context(), nil, d.bus, s.AccountSID, s.CallSID, s.SID)
			},
			"no bus": func() (*flow.Flow, error) {
				return flow.Resume(t.Context(), d.client, nil, s.AccountSID, s.CallSID, s.SID)
			},
			"no account": func() (*flow.Flow, error) { return flow.Resume(t.Context(), d.client, d.bus, "", s.CallSID, s.SID) },
			"SIDs in the wrong order": func() (*flow.Flow, error) {
				return flow.Resume(t.Context(), d.client, d.bus, s.CallSID, s.AccountSID, s.SID)
			},
			"a nil option": func() (*flow.Flow, error) {
				return flow.Resume(t.Context(), d.client, d.bus, s.AccountSID, s.CallSID, s.SID, nil)
			},
			"a bus that fails to load": func() (*flow.Flow, error) {
				spy.failOn(errDown)
				return flow.Resume(t.Context(), d.client, spy, s.AccountSID, s.CallSID, s.SID)
			},
			"a bus that fails to subscribe": func() (*flow.Flow, error) {
				spy.failOn(errDown, "subscribe")
				return flow.Resume(t.Context(), d.client, spy, s.AccountSID, s.CallSID, s.SID)
			},
		} {
			if f, err := resume(); err == nil || f != nil {
				t.Errorf("%s: no error", name)
			}
		}
	})
}

// TestClosedFlows end waiting steps, and refuse later ones.
func TestClosedFlows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		waiting := d.capturing(t.Context(), f)
		must(t, f.Close())
		must(t, f.Close())
		if err := <-waiting; !errors.Is(err, flow.ErrClosed) {
			t.Errorf("a waiting capture: %v, want ErrClosed", err)
		}
		sent := len(d.srv.Requests())
		for name, step := range steps(t.Context()) {
			if err := step(f); !errors.Is(err, flow.ErrClosed) {
				t.Errorf("%s: %v, want ErrClosed", name, err)
			}
		}
		if len(d.srv.Requests()) != sent {
			t.Error("a closed flow sent a request")
		}
		d.call.AnswerWith(paymentstest.VisaCaller())
		d.capture(d.resume(f)) // the session is open
	})
}

// TestASessionForgottenByTheBus ends its waiting steps.
func TestASessionForgottenByTheBus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeskOn(t, newMemory(t, flow.WithExpiry(time.Hour)))
		f := d.start(noPostalCode)
		began := time.Now()
		for range f.Events(t.Context()) {
		}
		if time.Since(began) != time.Hour {
			t.Errorf("the events ended after %s, want an hour", time.Since(began))
		}
		for name, step := range steps(t.Context()) {
			if err := step(f); !errors.Is(err, flow.ErrExpired) {
				t.Errorf("%s: %v, want ErrExpired", name, err)
			}
		}
	})
}
