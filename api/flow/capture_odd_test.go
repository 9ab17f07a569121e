package flow_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// TestACaptureAfterTheSessionEnded returns the end of the session, not Twilio's
// error that the session does not exist.
func TestACaptureAfterTheSessionEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		s := d.start(noPostalCode).Session()
		client := &scriptedClient{update: func(p payments.UpdateParams) (*payments.Session, error) {
			d.call.HangUp()
			synctest.Wait()
			return d.client.Update(t.Context(), s.CallSID, s.SID, p)
		}}
		f := d.resumeWith(client, d.bus, s)
		if _, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber); !errors.Is(err, flow.ErrHungUp) {
			t.Errorf("capture: %v, want ErrHungUp", err)
		}
	})
}

// TestABusThatRepeatsMessages: each message is shown once.
func TestABusThatRepeatsMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		want := d.start(noPostalCode)
		d.capture(want)
		f := d.resumeWith(d.client, repeatingBus{d.bus}, want.Session())
		_, err := f.Complete(t.Context())
		must(t, err)
		if diff := cmp.Diff(collect(t.Context(), want), collect(t.Context(), f)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// repeatingBus delivers earlier messages twice.
type repeatingBus struct{ flow.Bus }

func (b repeatingBus) Subscribe(ctx context.Context, s flow.Session) ([]flow.Message, flow.Subscription, error) {
	past, live, err := b.Bus.Subscribe(ctx, s)
	var twice []flow.Message
	for _, m := range past {
		twice = append(twice, m, m)
	}
	return twice, live, err
}

// TestAMessageOfAnotherSession is ignored, even if a bus mixes sessions up.
func TestAMessageOfAnotherSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		s, other := f.Session(), sessionNo(7)
		must(t, d.bus.Publish(t.Context(), flow.Message{Session: s, ID: "id", Body: wire.Hide(formOf(other, form{"Result": "success"}).values().Encode())}))
		synctest.Wait()
		if err := f.State().Ended; err != nil {
			t.Errorf("the callback of another session ended this one: %v", err)
		}
	})
}

// TestCallbacksWithoutATag: if a proxy drops the query, the session's SID and
// the field identify the callback.
func TestCallbacksWithoutATag(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		h, s := newHandler(t, d.bus), f.Session()
		go func() {
			synctest.Wait()
			deliver(t, h, "https://pay.example.com/status", form{
				"AccountSid": s.AccountSID, "CallSid": s.CallSID, "Sid": s.SID, "Capture": "expiration-date", "ExpirationDate": "1299",
			})
			deliver(t, h, "https://pay.example.com/status?twiliopay=nonsense.1", form{
				"AccountSid": s.AccountSID, "CallSid": s.CallSID, "Sid": s.SID, "Capture": "payment-card-number", "PaymentCardNumber": "xxxxxxxxxxxx1111",
			})
		}()
		card, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber)
		if err != nil || card.Entered != "xxxxxxxxxxxx1111" {
			t.Errorf("capture: %+v, %v, want Entered xxxxxxxxxxxx1111", card, err)
		}
	})
}
