package natsbus_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestReconcile settles on a third machine what two others wait for, with keys
// and without.
func TestReconcile(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]natsbus.Option{"sealed": {natsbus.WithKey(key)}, "in the clear": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			var machines []flow.Bus
			for range 3 {
				machines = append(machines, newBus(t, connect(t, s), opts...))
			}
			d := newDesk(t, machines[0])
			f := d.start(machines[0], noPostalCode)
			d.capture(f, payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode)
			d.srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Reset()))
			waiting := make(chan error, 1)
			go func() {
				result, err := f.Complete(context.Background())
				if err == nil && (!result.Reconciled || result.ConfirmationCode.Reveal() != "ch_found") {
					err = errors.New("another result")
				}
				waiting <- err
			}()
			waitFor(t, func() bool { return d.requests(paymentstest.Complete) == 1 })
			page, err := flow.Unfinished(bounded(t), machines[2], flow.Query{})
			must(t, err)
			if len(page.Sessions) != 1 || page.Sessions[0].Session != f.Session() || !page.Sessions[0].Completing || page.Sessions[0].Err != nil {
				t.Fatalf("unfinished: %+v", page.Sessions)
			}
			age(t, machines[2], f.Session())
			done, err := flow.Reconcile(bounded(t), machines[2], flow.Query{}, func(context.Context, flow.OpenSession) (flow.Outcome, error) {
				return flow.Charged("ch_found"), nil
			})
			must(t, err)
			if len(done) != 1 || !done[0].Outcome.IsCharged() {
				t.Errorf("reconciled: %+v", done)
			}
			if err := <-waiting; err != nil {
				t.Errorf("who waits: %v", err)
			}
			if result, err := d.resume(machines[1], f).Complete(bounded(t)); err != nil || result.ConfirmationCode.Reveal() != "ch_found" {
				t.Errorf("on another machine: %v, %v", result, err)
			}
			waitFor(t, func() bool {
				page, err := flow.Unfinished(bounded(t), machines[1], flow.Query{})
				must(t, err)
				return len(page.Sessions) == 0
			})
			if n := d.requests(paymentstest.Complete); n != 1 {
				t.Errorf("%d completes, want 1", n)
			}
		})
	}
}

// age makes the complete of a session an hour older.
func age(t *testing.T, bus flow.Bus, s flow.Session) {
	t.Helper()
	for {
		value, revision, err := bus.Load(bounded(t), s)
		must(t, err)
		var r map[string]any
		must(t, json.Unmarshal(value, &r))
		r["claimed"] = time.Now().Add(-time.Hour)
		value, err = json.Marshal(r)
		must(t, err)
		if _, err = bus.Swap(bounded(t), s, value, revision); !errors.Is(err, flow.ErrConflict) {
			must(t, err)
			return
		}
	}
}
