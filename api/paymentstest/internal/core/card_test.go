package core

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

func TestBrands(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		number string
		card   payments.CardType
		valid  bool
	}{
		{"4111111111111111", "visa", true}, {"4222222222222", "visa", true}, {"411111111111", "visa", false}, {"4111111111111112", "visa", false},
		{"2221000000000009", "mastercard", true}, {"2720990000000007", "mastercard", true}, {"5555555555554444", "mastercard", true},
		{"2220990000000003", "", false}, {"2721000000000004", "", false},
		{"378282246310005", "amex", true}, {"341111111111111", "amex", true}, {"3782822463100050", "amex", false},
		{"3065930009020004", "diners-club", true}, {"30569309025904", "diners-club", true}, {"38520000023237", "diners-club", true},
		{"3566002020360505", "jcb", true}, {"3528000000000007", "jcb", true}, {"3527000000000008", "", false},
		{"6011111111111117", "discover", true}, {"6445000000000000", "discover", true}, {"6200000000000005", "discover", true},
		{"6771798021000008", "maestro", true}, {"5018000000000009", "maestro", true}, {"50180000000", "maestro", false},
		{"201400000000009", "enroute", true}, {"214900000000001", "enroute", true}, {"20140000000000", "enroute", false},
		{"9111111111111111", "", false}, {"", "", false}, {"3", "", false},
	} {
		b, known := brandOf(tt.number)
		if b.card != tt.card || known != (tt.card != "") {
			t.Errorf("%s is %q, want %q", tt.number, b.card, tt.card)
		}
		if known && b.isCard(tt.number) != tt.valid {
			t.Errorf("%s is valid: %t, want %t", tt.number, !tt.valid, tt.valid)
		}
	}
}

func TestTestCardsAreCards(t *testing.T) {
	t.Parallel()
	for _, number := range testCards {
		if b, known := brandOf(number); !known || !b.isCard(number) {
			t.Errorf("%s is %q", number, b.card)
		}
	}
}

func TestRoutingNumbers(t *testing.T) {
	t.Parallel()
	for number, valid := range map[string]bool{
		"121181976": true, "021000021": true, "121181977": false, "12118197": false, "1211819760": false, "000000000": false, "211181976": false,
	} {
		if got := isRouting(number); got != valid {
			t.Errorf("%s is valid: %t, want %t", number, got, valid)
		}
	}
}
