package core

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

func TestMasks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		field                          payments.Capture
		digits, whole, dashed, partial string
	}{
		{"payment-card-number", "4111111111111111", "xxxxxxxxxxxx1111", "xxxx-xxxx-xxxx-1111", "xxxxxxxxxxxxxxxx"},
		{"payment-card-number", "378282246310005", "xxxxxxxxxxx0005", "xxxx-xxxxxx-x0005", "xxxxxxxxxxxxxxx"},
		{"payment-card-number", "4222222222222", "xxxxxxxxx2222", "xxxx-xxxx-x222-2", "xxxxxxxxxxxxx"},
		{"expiration-date", "1299", "1299", "1299", "1299"},
		{"security-code", "123", "xxx", "xxx", "xxx"},
		{"postal-code", "94109", "94109", "94109", "94109"},
		{"bank-routing-number", "121181976", "121181976", "121181976", "121181976"},
		{"bank-account-number", "123456789", "*******89", "*******89", "*********"},
		{"new-field", "1234", "xxxx", "xxxx", "xxxx"},
	} {
		for got, want := range map[string]string{
			mask(tt.field, tt.digits, false): tt.whole, mask(tt.field, tt.digits, true): tt.dashed, maskPartial(tt.field, tt.digits): tt.partial,
		} {
			if got != want {
				t.Errorf("%s %s: %s, want %s", tt.field, tt.digits, got, want)
			}
		}
	}
	for field, want := range map[payments.Capture]string{"payment-card-number": "PaymentCardNumber", "postal-code": "PaymentCardPostalCode", "new-field": "NewField"} {
		if got := parameterOf(field); got != want {
			t.Errorf("%s is shown as %s, want %s", field, got, want)
		}
	}
}
