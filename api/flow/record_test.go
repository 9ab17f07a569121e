package flow_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// TestConflictsAreRetried soon: a bus may report several conflicts in a row.
func TestConflictsAreRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, spy := newSpyDesk(t)
		f := d.start(noPostalCode)
		conflicts := 0
		spy.failWith(func(method string) error {
			if method == "swap" && conflicts < 5 {
				conflicts++
				return flow.ErrConflict
			}
			return nil
		})
		began := time.Now()
		d.capture(f, payments.CapturePaymentCardNumber)
		if took := time.Since(began); conflicts != 5 || took > 200*time.Millisecond {
			t.Errorf("%d conflicts, want 5, in %s", conflicts, took)
		}
	})
}
