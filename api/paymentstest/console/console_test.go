package console_test

import (
	"testing"
)

// TestPlayPayment plays a payment from the first key to the charge, using only
// the API.
func TestPlayPayment(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.sample(t)
	d.pay(t, s, "visa")
	if charges := d.srv.Charges(); len(charges) != 1 || charges[0].Amount != "9.99" || charges[0].LastDigits != "1111" {
		t.Fatalf("charges: %+v", charges)
	}
	var folded struct {
		Captured  []struct{ Capture, Value string }
		Completed bool
		Succeeded bool
		Result    string
		ResultBy  int64
		Moments   []int64
	}
	d.get(t, "sessions/"+s.Session).decode(t, &folded)
	if !folded.Completed || !folded.Succeeded || folded.Result != "success" || len(folded.Captured) != 4 {
		t.Errorf("folded: %+v, want Completed, Succeeded, Result success, 4 Captured", folded)
	}
	if last := folded.Moments[len(folded.Moments)-1]; folded.ResultBy != last {
		t.Errorf("resultBy is entry %d, want %d", folded.ResultBy, last)
	}
}
