package validator_test

import (
	"errors"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// startCallback returns a start as the live service sends it.
func startCallback() url.Values {
	return url.Values{
		"PaymentConnector": {"PGP_MOCK"}, "DateCreated": {"2021-08-10T03:55:53.408Z"}, "PaymentMethod": {"credit-card"},
		"CallSid": {callSID}, "ChargeAmount": {"9.99"}, "AccountSid": {accountSID}, "Sid": {paymentSID},
	}
}

// chargeCallback returns a completion as the live service sends it, with its empty
// fields.
func chargeCallback() url.Values {
	return url.Values{
		"SecurityCode": {"xxx"}, "PaymentCardType": {"visa"}, "Sid": {paymentSID}, "PaymentConfirmationCode": {"ch_a9dc"},
		"CallSid": {callSID}, "Result": {"success"}, "AccountSid": {accountSID}, "ProfileId": {""},
		"DateUpdated": {"2021-08-10T03:58:27.290Z"}, "PaymentToken": {""}, "PaymentMethod": {"credit-card"},
		"PaymentCardNumber": {"xxxxxxxxxxxx1111"}, "ExpirationDate": {"1225"},
	}
}

func TestCallback(t *testing.T) {
	t.Parallel()
	const secret = "4111111111111111"
	tests := map[string]struct {
		form   url.Values
		change url.Values // nil values remove the field
		want   string
	}{
		"start":               {form: startCallback()},
		"completion":          {form: chargeCallback()},
		"update":              {form: startCallback(), change: url.Values{"Capture": {"payment-card-number"}, "PartialResult": {"true"}, "Required": {"expiration-date,security-code"}}},
		"empty enum":          {form: chargeCallback(), change: url.Values{"TokenType": {""}, "ErrorType": {""}}},
		"unknown field":       {form: startCallback(), change: url.Values{"NewField2": {"x"}}},
		"unknown result":      {form: chargeCallback(), change: url.Values{"Result": {"not-known-yet"}}},
		"unknown error":       {form: startCallback(), change: url.Values{"ErrorType": {"not-known-yet"}}},
		"no SID":              {form: startCallback(), change: url.Values{"Sid": nil}, want: "body Sid: is required"},
		"empty SID":           {form: startCallback(), change: url.Values{"Sid": {""}}, want: "body Sid: does not match ^PK[0-9a-fA-F]{32}$"},
		"SID of a call":       {form: startCallback(), change: url.Values{"Sid": {callSID}}, want: "body Sid: does not match ^PK[0-9a-fA-F]{32}$"},
		"unknown capture":     {form: startCallback(), change: url.Values{"Capture": {secret}}, want: "body Capture: is none of the declared values"},
		"unknown method":      {form: startCallback(), change: url.Values{"PaymentMethod": {secret}}, want: "body PaymentMethod: is none of the declared values"},
		"repeated":            {form: startCallback(), change: url.Values{"ChargeAmount": {"1", secret}}, want: "body ChargeAmount: is not sent once"},
		"repeated undeclared": {form: startCallback(), change: url.Values{secret: {"1", secret}}, want: "body: is not sent once"},
		"without a value":     {form: startCallback(), change: url.Values{"ChargeAmount": {}}, want: "body ChargeAmount: is not sent once"},
		"nothing":             {form: url.Values{}, want: "body AccountSid: is required"},
	}
	j := merged(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for field, values := range test.change {
				test.form[field] = values
				if values == nil {
					delete(test.form, field)
				}
			}
			before := maps.Clone(test.form)
			err := j.Callback(test.form)
			if len(before) != len(test.form) {
				t.Error("the form was changed")
			}
			if err == nil {
				if test.want != "" {
					t.Errorf("accepted, want %q", test.want)
				}
				return
			}
			if !errors.Is(err, validator.ErrSchema) || err.Error() != test.want || strings.Contains(err.Error(), secret) {
				t.Errorf("error %q, want %q", err, test.want)
			}
		})
	}
}

func TestCallbackIsNotInTheVendorsDocument(t *testing.T) {
	t.Parallel()
	if err := vendor(t).Callback(startCallback()); !errors.Is(err, validator.ErrRoute) {
		t.Errorf("error %v, want %v", err, validator.ErrRoute)
	}
}
