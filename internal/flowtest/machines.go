package flowtest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// MachineDies runs a session on three machines: callbacks arrive at b, a waits
// for them and dies in the middle of an entry, and c continues the entry and
// charges once. The function kill cuts a off from its bus.
func MachineDies(t *testing.T, a, b, c flow.Bus, kill func()) {
	t.Helper()
	d := NewDesk(t, b)
	f := d.Start(a, Charge)
	d.Capture(f, payments.CapturePaymentCardNumber)

	dying, die := context.WithCancel(Bounded(t))
	died := d.Ask(dying, f, payments.CaptureExpirationDate)
	Must(t, d.Call.Press("12"))
	Must(t, d.Server.Wait(Bounded(t))) // so that c finds a callback of the capture
	kill()
	die()
	if err := <-died; err == nil {
		t.Fatal("the capture of a dead machine succeeded")
	}

	g := d.Resume(c, f, flow.WithTakeOver())
	if s := g.State(); s.Asking != payments.CaptureExpirationDate || len(s.Captured) != 1 {
		t.Errorf("resumed with %+v", s)
	}
	resumed := make(chan error, 1)
	go func() {
		_, err := g.Capture(Bounded(t), payments.CaptureExpirationDate)
		resumed <- err
	}()
	Must(t, d.Call.Press("99"))
	Must(t, <-resumed)
	if n := d.Requests(paymentstest.Capture); n != 2 {
		t.Errorf("the caller was asked %d times, want 2", n)
	}
	d.Call.AnswerWith(paymentstest.VisaCaller())
	d.Capture(g, payments.CaptureSecurityCode)
	result, err := g.Complete(Bounded(t))
	Must(t, err)
	d.wantOneCharge(result)

	kinds := make(map[callback.Kind]int)
	for p := range d.Resume(b, f).Events(Bounded(t)) {
		kinds[p.Kind]++
	}
	if want := map[callback.Kind]int{callback.Started: 1, callback.Updated: 29, callback.Completed: 1}; !maps.Equal(kinds, want) {
		t.Errorf("the events on another machine are %v, want %v", kinds, want)
	}
}

// CompleteAtOnce completes a session on all machines at the same time: one
// request is sent, and all machines get its result.
func CompleteAtOnce(t *testing.T, machines ...flow.Bus) {
	t.Helper()
	d := NewDesk(t, machines[0])
	f := d.Start(machines[0], Charge)
	d.Capture(f, Card...)
	results := make(chan *flow.Result, len(machines))
	for _, bus := range machines {
		g := d.Resume(bus, f)
		go func() {
			result, err := g.Complete(Bounded(t))
			for errors.Is(err, flow.ErrBusy) {
				result, err = g.Complete(Bounded(t))
			}
			if err != nil {
				t.Error(err)
				result = new(flow.Result)
			}
			results <- result
		}()
	}
	for range machines {
		d.wantOneCharge(<-results)
	}
	if n := d.Requests(paymentstest.Complete); n != 1 {
		t.Errorf("%d requests to complete, want 1", n)
	}
}

// Reconcile settles on the third machine the session that the first waits for.
// The gateway has a charge for it, although complete never reached Twilio.
func Reconcile(t *testing.T, machines [3]flow.Bus) {
	t.Helper()
	d := NewDesk(t, machines[0])
	f := d.Start(machines[0], Charge)
	d.Capture(f, Card...)
	d.Server.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Reset()))
	waiting := make(chan error, 1)
	go func() {
		result, err := f.Complete(context.Background())
		if err == nil && (!result.Reconciled || result.ConfirmationCode.Reveal() != "ch_found") {
			err = errors.New("another result")
		}
		waiting <- err
	}()
	WaitFor(t, func() bool { return d.Requests(paymentstest.Complete) == 1 })
	page, err := flow.Unfinished(Bounded(t), machines[2], flow.Query{})
	Must(t, err)
	if len(page.Sessions) != 1 || page.Sessions[0].Session != f.Session() || !page.Sessions[0].Completing || page.Sessions[0].Err != nil {
		t.Fatalf("unfinished: %+v", page.Sessions)
	}
	age(t, machines[2], f.Session())
	done, err := flow.Reconcile(Bounded(t), machines[2], flow.Query{}, func(context.Context, flow.OpenSession) (flow.Outcome, error) {
		return flow.Charged("ch_found"), nil
	})
	Must(t, err)
	if len(done) != 1 || !done[0].Outcome.IsCharged() {
		t.Errorf("reconciled: %+v", done)
	}
	if err := <-waiting; err != nil {
		t.Errorf("the waiting Complete: %v", err)
	}
	if result, err := d.Resume(machines[1], f).Complete(Bounded(t)); err != nil || result.ConfirmationCode.Reveal() != "ch_found" {
		t.Errorf("on another machine: %v, %v", result, err)
	}
	WaitFor(t, func() bool {
		page, err := flow.Unfinished(Bounded(t), machines[1], flow.Query{})
		Must(t, err)
		return len(page.Sessions) == 0
	})
	if n := d.Requests(paymentstest.Complete); n != 1 {
		t.Errorf("%d requests to complete, want 1", n)
	}
}

// age makes the claim of a session's complete an hour older.
func age(t *testing.T, bus flow.Bus, s flow.Session) {
	t.Helper()
	for {
		value, revision, err := bus.Load(Bounded(t), s)
		Must(t, err)
		var r map[string]any
		Must(t, json.Unmarshal(value, &r))
		r["claimed"] = time.Now().Add(-time.Hour)
		value, err = json.Marshal(r)
		Must(t, err)
		if _, err = bus.Swap(Bounded(t), s, value, revision); !errors.Is(err, flow.ErrConflict) {
			Must(t, err)
			return
		}
	}
}
