package flowtest

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// Outage takes the servers of a bus down while a step waits: the handler
// responds 500 to callbacks, Twilio delivers them again when the servers are
// back, and the step returns.
func Outage(t *testing.T, bus flow.Bus, stop, start func()) {
	t.Helper()
	d := NewDesk(t, bus, callback.WithHandlingTimeout(time.Second))
	f := d.Start(bus, Charge)
	d.Capture(f, payments.CapturePaymentCardNumber)
	captured := d.Ask(Bounded(t), f, payments.CaptureExpirationDate)
	Must(t, d.Server.Wait(Bounded(t)))
	stop()
	Must(t, d.Call.Enter("1299"))
	WaitFor(t, func() bool {
		callbacks := d.Server.Callbacks()
		return slices.ContainsFunc(callbacks[len(callbacks)-5:], func(c paymentstest.Callback) bool {
			return len(c.Attempts) > 0 && c.Attempts[0].Status == http.StatusInternalServerError
		})
	})
	start()
	Must(t, <-captured)
	Must(t, d.Server.Wait(Bounded(t)))
	for _, c := range d.Server.Callbacks() {
		if !c.Delivered() {
			t.Errorf("callback %d was never accepted: %+v", c.Number, c.Attempts)
		}
	}
}

// ServerChange runs a session through to its charge, and calls change, which
// replaces the server of the bus, while a step waits. It returns how long that
// step took from then on.
func ServerChange(t *testing.T, bus, receiver flow.Bus, change func()) (took time.Duration) {
	t.Helper()
	d := NewDesk(t, receiver)
	f := d.Start(bus, Charge)
	d.Capture(f, payments.CapturePaymentCardNumber)
	captured := d.Ask(Bounded(t), f, payments.CaptureExpirationDate)
	Must(t, d.Server.Wait(Bounded(t)))
	change()
	began := time.Now()
	Must(t, d.Call.Enter("1299"))
	Must(t, <-captured)
	took = time.Since(began)
	d.Call.AnswerWith(paymentstest.VisaCaller())
	d.Capture(f, payments.CaptureSecurityCode)
	result, err := f.Complete(Bounded(t))
	Must(t, err)
	d.wantOneCharge(result)
	return took
}
