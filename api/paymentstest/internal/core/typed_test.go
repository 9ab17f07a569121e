package core

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

func TestTypedNames(t *testing.T) {
	t.Parallel()
	s := &session{values: values{payments.CapturePaymentCardNumber: visa, payments.CaptureSecurityCode: "123"}}
	for _, tt := range []struct {
		capture      payments.Capture
		digits, name string
	}{
		{"payment-card-number", "6200000000000005", "unionpay"}, {"payment-card-number", "4242424242424242", "untested"},
		{"payment-card-number", "4111111111111112", "check-digit"}, {"payment-card-number", "4111", "too-short"},
		{"payment-card-number", "2014000000000009", "too-long"}, {"payment-card-number", "9999999999999995", "unknown-brand"},
		{"payment-card-number", "9", "too-short"}, {"payment-card-number-matcher", visa, "visa"},
		{"payment-card-number-matcher", "4242424242424242", "other"}, {"payment-card-number-matcher", "4111", "too-short"},
		{"expiration-date", "1299", "good"}, {"expiration-date", "0120", "expired"}, {"expiration-date", "1399", "no-month"},
		{"expiration-date", "0099", "no-month"}, {"expiration-date", "12", "too-short"},
		{"security-code", "123", "good"}, {"security-code", "12", "too-short"}, {"security-code-matcher", "321", "other"},
		{"postal-code", "94109", "good"}, {"bank-routing-number", "121181976", "good"}, {"bank-routing-number", "121181977", "check-digit"},
		{"bank-routing-number", "1211", "too-short"}, {"bank-account-number", "123456789", "ach"}, {"bank-account-number", "987654321", "untested"},
		{"bank-account-number", "123", "too-short"}, {"bank-account-number", "123456789012345678", "too-long"},
	} {
		if got := s.nameOf(tt.capture, tt.digits, testStart); got != tt.name {
			t.Errorf("%s for %s is %q, want %q", tt.digits, tt.capture, got, tt.name)
		}
	}
}

func TestTestCardsHaveNames(t *testing.T) {
	t.Parallel()
	if len(testCardNames) != len(testCards) {
		t.Fatalf("%d names of %d cards", len(testCardNames), len(testCards))
	}
	for _, c := range TestCards() {
		if nameOfCard(c.Number) != c.Name || c.Type == "" {
			t.Errorf("%+v: named %q, of type %q", c, nameOfCard(c.Number), c.Type)
		}
	}
}
