package wire_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for text, valid := range map[string]bool{
		"0": true, "0.00": true, "0.01": true, "12": true, "12.00": true, "49.90": true, "131072.01": true,
		"250000.01": true, "999999.99": true, "999999.9999": true, "000001": false, "007.5": false,
		"": false, "1000000": false, "0000001": false, "1.00000": false, "-1": false, "+1": false, "1e6": false, "1E2": false,
		".5": false, "5.": false, ".": false, "1,000": false, "1 000": false, " 1": false, "1 ": false, "NaN": false,
		"Inf": false, "0x10": false, "1_000": false, "1.2.3": false, "١٢": false, "12\n": false, "1.-1": false,
	} {
		amount, err := wire.ParseAmount(text)
		if (err == nil) != valid || err != nil && !errors.Is(err, wire.ErrAmount) {
			t.Errorf("ParseAmount(%q) = %v, valid must be %v", text, err, valid)
		}
		if amount.String() != text {
			t.Errorf("ParseAmount(%q) changed the text to %q", text, amount)
		}
	}
}

func TestMinorUnits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		n        int64
		decimals int
		want     wire.Amount
	}{
		{4990, 2, "49.90"}, {1, 2, "0.01"}, {0, 2, "0.00"}, {10, 2, "0.10"}, {500, 0, "500"}, {1234, 3, "1.234"},
		{5, 4, "0.0005"}, {99999999, 2, "999999.99"},
	} {
		if got := wire.MinorUnits(tt.n, tt.decimals); got != tt.want || got.Validate() != nil {
			t.Errorf("MinorUnits(%d, %d) = %q, want %q and valid", tt.n, tt.decimals, got, tt.want)
		}
	}
	for _, tt := range []struct {
		n        int64
		decimals int
	}{{-1, 2}, {-4990, 2}, {-1 << 63, 0}, {1, -1}, {1, 5}, {100000000, 2}, {1 << 62, 0}} {
		if got := wire.MinorUnits(tt.n, tt.decimals); got.Validate() == nil {
			t.Errorf("MinorUnits(%d, %d) = %q is valid", tt.n, tt.decimals, got)
		}
	}
}

func TestAmountRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		decimals := rapid.IntRange(0, 4).Draw(t, "decimals")
		limit := int64(999999)
		for range decimals {
			limit = limit*10 + 9
		}
		n := rapid.Int64Range(0, limit).Draw(t, "n")
		amount := wire.MinorUnits(n, decimals)
		if err := amount.Validate(); err != nil {
			t.Fatalf("%q: %v", amount, err)
		}
		if back, err := amount.Minor(decimals); err != nil || back != n {
			t.Fatalf("%q.Minor(%d) = %d, %v, want %d", amount, decimals, back, err, n)
		}
		if amount.Positive() != (n > 0) {
			t.Fatalf("%q.Positive() = %v", amount, amount.Positive())
		}
	})
}

func TestAmountMinor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		amount   wire.Amount
		decimals int
		want     int64
	}{{"49.9", 2, 4990}, {"12", 2, 1200}, {"12.3000", 2, 1230}, {"0.0000", 0, 0}, {"999999.9999", 4, 9999999999}} {
		if got, err := tt.amount.Minor(tt.decimals); err != nil || got != tt.want {
			t.Errorf("%q.Minor(%d) = %d, %v, want %d", tt.amount, tt.decimals, got, err, tt.want)
		}
	}
	for _, amount := range []wire.Amount{"0.001", "", "-1", "1e2"} {
		if _, err := amount.Minor(2); !errors.Is(err, wire.ErrAmount) {
			t.Errorf("%q.Minor(2): %v, want ErrAmount", amount, err)
		}
	}
	if _, err := wire.Amount("1").Minor(-1); err == nil {
		t.Error("a negative number of decimals was accepted")
	}
}

func TestAmountEqual(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b  wire.Amount
		equal bool
	}{{"12.00", "12", true}, {"", "", true}, {"1e1", "1e1", true}, {"12", "12.01", false}, {"1e1", "10", false}, {"", "0", false}} {
		if tt.a.Equal(tt.b) != tt.equal || tt.b.Equal(tt.a) != tt.equal {
			t.Errorf("%q.Equal(%q) is not %v", tt.a, tt.b, tt.equal)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, seed := range []string{"49.90", "1e6", "-0", ".5", "999999.9999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		amount, err := wire.ParseAmount(text)
		if err != nil {
			return
		}
		n, err := amount.Minor(4)
		if err != nil {
			t.Fatalf("%q is valid and has no minor units: %v", text, err)
		}
		if !wire.MinorUnits(n, 4).Equal(amount) {
			t.Fatalf("%q is %d minor units, which is %q", text, n, wire.MinorUnits(n, 4))
		}
	})
}

func ExampleMinorUnits() {
	fmt.Println(wire.MinorUnits(4990, 2), wire.MinorUnits(500, 0))
	// Output: 49.90 500
}

func ExampleParseAmount() {
	_, err := wire.ParseAmount("49,90")
	fmt.Println(err)
	// Output: must be decimal text below 1000000, such as 49.90: one to six digits without a leading zero, then at most a point and one to four digits
}
