package paymentstest_test

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestArmed expects armed rules to be asked before the server's own, the newest
// first, and not to change those.
func TestArmed(t *testing.T) {
	t.Parallel()
	always := func(status int) paymentstest.Injector {
		return func(paymentstest.Attempt) paymentstest.Fault { return paymentstest.Respond(status, "") }
	}
	late := func(d paymentstest.Delivery) func(paymentstest.Callback) paymentstest.Delivery {
		return func(paymentstest.Callback) paymentstest.Delivery { return d }
	}
	srv := paymentstest.NewServer(t, paymentstest.WithFaults(always(500)), paymentstest.WithDelivery(late(paymentstest.Never())))
	status := func() int {
		t.Helper()
		resp, _, err := createOn(srv, srv.NewCall().SID).send(t, srv)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode
	}
	first, second := srv.Arm(always(501)), srv.Arm(always(502))
	pass := srv.Arm(func(paymentstest.Attempt) paymentstest.Fault { return paymentstest.Fault{} })
	for _, step := range []struct {
		disarm func()
		want   int
	}{{pass, 502}, {second, 501}, {second, 501}, {first, 500}} {
		step.disarm()
		if got := status(); got != step.want {
			t.Errorf("status %d, want %d", got, step.want)
		}
	}
	srv.Inject()

	delivery := func() paymentstest.Delivery {
		t.Helper()
		if _, err := newClient(t, srv).Create(t.Context(), srv.NewCall().SID, payments.CreateParams{StatusCallback: statusURL}); err != nil {
			t.Fatal(err)
		}
		all := srv.Callbacks()
		return all[len(all)-1].Delivery
	}
	disarm := srv.ArmDelivery(late(paymentstest.Twice()))
	if got := delivery(); got != paymentstest.Twice() {
		t.Errorf("armed: delivered %+v, want %+v", got, paymentstest.Twice())
	}
	disarm()
	if got := delivery(); got != paymentstest.Never() {
		t.Errorf("disarmed: delivered %+v, want %+v", got, paymentstest.Never())
	}
}

// TestArmedGateway expects an armed gateway to decide before TEST mode, and only the
// payments that it chooses.
func TestArmedGateway(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.CardCaller("4242 4242 4242 4242", "1299", "123", "94109")))
	client := newClient(t, srv)
	pay := func() callback.Event {
		t.Helper()
		call := srv.NewCall()
		s, err := client.Create(t.Context(), call.SID, payments.CreateParams{StatusCallback: statusURL, ChargeAmount: "1.00"})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode, payments.CapturePostalCode} {
			if _, err := client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: c}); err != nil {
				t.Fatal(err)
			}
			if err := srv.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Status: payments.StatusComplete}); err != nil {
			t.Fatal(err)
		}
		return lastEvent(srv)
	}
	disarm := srv.ArmGateway(func(p paymentstest.Payment) (paymentstest.Verdict, bool) {
		return paymentstest.Decline(payments.CodeChargeRejected, ""), p.LastDigits == "4242"
	})
	if e := pay(); e.PayErrorCode != "64008" {
		t.Errorf("armed: %v, want PayErrorCode 64008", e)
	}
	disarm()
	if e := pay(); e.PayErrorCode != "64022" {
		t.Errorf("disarmed: %v, want PayErrorCode 64022", e)
	}
}
