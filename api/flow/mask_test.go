package flow_test

import (
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestUnmaskedDigitsAreMasked in case Twilio ever sends them: the last digits
// of a complete number are shown, and nothing else.
func TestUnmaskedDigitsAreMasked(t *testing.T) {
	t.Parallel()
	for want, fields := range map[string]form{
		"xxxxxxxxxxxx1111": {"Capture": "payment-card-number", "PaymentCardNumber": "4111111111111111"},
		"xxxxxxxx":         {"Capture": "payment-card-number", "PaymentCardNumber": "41111111", "PartialResult": "true"},
		"xxx":              {"Capture": "security-code", "SecurityCode": "123"},
		"xxxxxxx89":        {"Capture": "bank-account-number", "BankAccountNumber": "123456789"},
		"xxxx":             {"Capture": "bank-account-number", "BankAccountNumber": "1234", "PartialResult": "true"},
		"1299":             {"Capture": "expiration-date", "ExpirationDate": "1299"},
		"xxxxx":            {"Capture": "account-holder-pin", "AccountHolderPin": "77 77"}, // not public in the contract
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, paymentstest.WithCaller(silent))
			f := d.start(noPostalCode)
			synctest.Wait()
			deliver(t, newHandler(t, d.bus), statusURL, formOf(f.Session(), fields))
			last := ""
			for p := range f.Events(within(t, 1)) {
				last = p.Entered
			}
			if last != want {
				t.Errorf("%v is shown as %q, want %q", fields, last, want)
			}
		})
	}
}
