package paymentstest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestInABubble shows how an application's test uses testing/synctest: requests,
// keys, callbacks and retries stay in the process, and a minute of delays is exact
// and takes no time.
func TestInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithCaller(paymentstest.VisaCaller()))
		var state callback.State
		var ended time.Time
		handler, err := callback.NewHandler(func(_ context.Context, e callback.Event) error {
			if e.Kind == callback.Completed {
				ended = time.Now()
			}
			return state.Apply(e)
		}, callback.WithAuthTokens(srv.AuthToken()), callback.WithPublicURL("https://pay.example.com"))
		if err != nil {
			t.Fatal(err)
		}
		if err := srv.Handle("https://pay.example.com/", handler); err != nil {
			t.Fatal(err)
		}
		client, err := payments.NewClient(srv.ClientOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		// Twilio's response to create is ten seconds late, the result a minute.
		srv.Inject(paymentstest.On(paymentstest.Create, 1, paymentstest.Delay(10*time.Second)))
		srv.Deliver(func(c paymentstest.Callback) paymentstest.Delivery {
			if c.Event.Kind == callback.Completed {
				return paymentstest.Late(time.Minute)
			}
			return paymentstest.Once()
		})

		start, call := time.Now(), srv.NewCall()
		s, err := client.Create(t.Context(), call.SID, payments.CreateParams{
			StatusCallback: "https://pay.example.com/status", ChargeAmount: "49.90", PostalCode: new(false)})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("create took %v, want 10s", took)
		}
		for _, p := range []payments.UpdateParams{
			{Capture: payments.CapturePaymentCardNumber}, {Capture: payments.CaptureExpirationDate},
			{Capture: payments.CaptureSecurityCode}, {Status: payments.StatusComplete},
		} {
			p.StatusCallback = "https://pay.example.com/status"
			if _, err := client.Update(t.Context(), call.SID, s.SID, p); err != nil {
				t.Fatal(err)
			}
			if p.Capture != "" {
				synctest.Wait() // the caller has pressed the keys
			}
		}
		if err := srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := ended.Sub(start); took != 70*time.Second || !state.Succeeded() {
			t.Errorf("the result came after %v, succeeded %t; want 1m10s, true", took, state.Succeeded())
		}
	})
}
