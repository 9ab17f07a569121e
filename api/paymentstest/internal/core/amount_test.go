package core

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestAmount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		amount    wire.Amount
		currency  string
		valid     bool
		isCharged bool
	}{
		{"", "USD", true, false}, {"0", "USD", true, false}, {"0.00", "USD", true, false},
		{"0.01", "USD", true, true}, {"9", "USD", true, true}, {"999999.99", "USD", true, true},
		{"1.000", "USD", false, true}, {"-1", "USD", false, true}, {"1e3", "USD", false, true}, {"1E3", "USD", false, true},
		{"100", "JPY", true, true}, {"100.0", "JPY", false, true},
		{"1.005", "KWD", true, true}, {"1.0005", "KWD", false, true},
		{"1.0005", "CLF", true, true}, {"1.00", "XXX", true, true}, {"1.000", "XXX", false, true},
	} {
		if got := checkAmount(tt.amount, tt.currency) == nil; got != tt.valid {
			t.Errorf("%s %s is valid: %t, want %t", tt.amount, tt.currency, got, tt.valid)
		}
		if got := isPositive(tt.amount); got != tt.isCharged {
			t.Errorf("%s is charged: %t, want %t", tt.amount, got, tt.isCharged)
		}
	}
}
