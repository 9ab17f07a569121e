package flow_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestAHangUpIsReplayedWithAnErrorText: someone who recorded the hang-up of a payment
// in progress fills its empty error text with the parameter after it. The signature
// matches, and yet the outcome stays unknown until something reports it.
func TestAHangUpIsReplayedWithAnErrorText(t *testing.T) {
	t.Parallel()
	end := form{
		"Result": "caller-hung-up", "ConnectorError": "", "PayErrorCode": "", "PaymentError": "",
		"DateUpdated": "2026-01-01T00:00:01.000Z", "PaymentMethod": "credit-card",
	}
	for text, absorbed := range map[string]string{"ConnectorError": "DateUpdated", "PayErrorCode": "PaymentError", "PaymentError": "PaymentMethod"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				f := d.start(noPostalCode)
				completed := d.hangUp(f, end)
				recorded := formOf(f.Session(), end).values()
				forged := maps.Clone(recorded)
				forged.Set(text, absorbed+forged.Get(absorbed))
				forged.Del(absorbed)
				d.replay(statusURL, recorded, forged)
				if open := unfinished(t, d.bus, flow.Query{}); len(open) != 1 || !open[0].Completing {
					t.Errorf("unfinished: %+v", open)
				}
				if err := <-completed; !errors.Is(err, flow.ErrOutcomeUnknown) {
					t.Errorf("complete: %v, want ErrOutcomeUnknown", err)
				}
			})
		})
	}
}

// replay posts a form with the signature of a recorded one.
func (d *desk) replay(target string, recorded, forged url.Values) {
	d.t.Helper()
	signature := callback.Sign(paymentstest.DefaultAuthToken, target, recorded)
	if callback.Sign(paymentstest.DefaultAuthToken, target, forged) != signature {
		d.t.Fatal("the signature does not match")
	}
	r := httptest.NewRequestWithContext(d.t.Context(), http.MethodPost, target, strings.NewReader(forged.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", signature)
	record(newHandler(d.t, d.bus), r)
	synctest.Wait()
}
