package flow_test

import (
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

func TestAPaymentFromStartToCharge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		card, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber)
		must(t, err)
		t.Logf("%+v", card)
		d.capture(f, payments.CaptureExpirationDate, payments.CaptureSecurityCode)
		result, err := f.Complete(t.Context())
		must(t, err)
		t.Log(result.ConfirmationCode)
		for p := range f.Events(t.Context()) {
			t.Logf("%+v", p)
		}
	})
}
