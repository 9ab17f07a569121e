package sid_test

import (
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/sid"
)

func TestSIDs(t *testing.T) {
	t.Parallel()
	const digits = "0123456789abcdefABCDEF0123456789"
	for prefix, kind := range map[string]sid.Kind{"AC": sid.Account, "CA": sid.Call, "PK": sid.Payment, "SK": sid.Key, "RQ": sid.Request} {
		for s, want := range map[string]bool{
			prefix + digits: true, strings.ToLower(prefix) + digits: false, "XX" + digits: false, digits: false, "": false, prefix: false,
			prefix + digits + "0": false, prefix + digits[1:]: false, prefix + digits[1:] + "g": false, prefix + digits[1:] + ".": false,
			prefix + digits + "\n": false, " " + prefix + digits: false, prefix + "../" + digits[3:]: false, prefix + strings.Repeat("٣", 16): false,
		} {
			if got := kind.Is(s); got != want {
				t.Errorf("%s: %q: %t, want %t", kind.Name(), s, got, want)
			}
		}
		if !strings.Contains(kind.Rule(), prefix) || !strings.HasSuffix(kind.Name(), "Sid") {
			t.Errorf("name %s, rule %q; want a name that ends in Sid and a rule with %s", kind.Name(), kind.Rule(), prefix)
		}
	}
}
