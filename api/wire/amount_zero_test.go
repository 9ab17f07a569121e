package wire_test

import (
	"errors"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

// JSON, whose grammar the contract's numbers follow, does not allow leading zeros:
// one reader might accept them and another refuse them.
func TestAmountHasNoLeadingZero(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"00", "01", "012.00", "000000", "00.5"} {
		if _, err := wire.ParseAmount(text); !errors.Is(err, wire.ErrAmount) {
			t.Errorf("ParseAmount(%q) = %v, want ErrAmount", text, err)
		}
	}
	for _, text := range []string{"0", "0.5", "0.00", "10", "100000.01"} {
		if _, err := wire.ParseAmount(text); err != nil {
			t.Errorf("ParseAmount(%q) = %v, want nil", text, err)
		}
	}
}
