package callback_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/generated"
)

func TestPartial(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"true": true, "True": true, "TRUE": true, " true ": true,
		"false": false, "": false, "1": false, "yes": false, "t": false, "truee": false,
	} {
		if got := parse(t, session("PartialResult", value)).Partial(); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
	if parse(t, session("Capture", "security-code")).Partial() {
		t.Error("an update without PartialResult is partial")
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	for required, want := range map[string][]callback.Capture{
		"":                                nil,
		" , ,":                            nil,
		"expiration-date":                 {generated.CaptureExpirationDate},
		"expiration-date,security-code":   {generated.CaptureExpirationDate, generated.CaptureSecurityCode},
		" security-code , postal-code ":   {generated.CaptureSecurityCode, generated.CapturePostalCode},
		"ExpirationDate":                  {generated.CaptureExpirationDate},
		"SecurityCode,PaymentCardNumber":  {generated.CaptureSecurityCode, generated.CapturePaymentCardNumber},
		"PostalCode,BankRoutingNumber":    {generated.CapturePostalCode, generated.CaptureBankRoutingNumber},
		"PaymentCardPostalCode":           {generated.CapturePostalCode},
		"PaymentCardNumberMatcher":        {generated.CapturePaymentCardNumberMatcher},
		"security-code,SecurityCode":      {generated.CaptureSecurityCode},
		"favourite-colour,FavouriteFood,": {"favourite-colour", "FavouriteFood"},
		"Expiration-Date,EXPIRATIONDATE":  {"Expiration-Date", "EXPIRATIONDATE"},
		"été,\xff":                        {"été", "\xff"},
	} {
		if diff := cmp.Diff(want, parse(t, session("Required", required)).Missing()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", required, diff)
		}
	}
}

func TestCanComplete(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		form []string
		want bool
	}{
		"nothing missing":          {[]string{"Capture", "security-code", "Required", ""}, true},
		"no Required":              {[]string{"Capture", "security-code"}, true},
		"PartialResult false":      {[]string{"Capture", "security-code", "PartialResult", "false", "Required", ""}, true},
		"something missing":        {[]string{"Capture", "security-code", "Required", "postal-code"}, false},
		"something unknown":        {[]string{"Capture", "security-code", "Required", "new-field"}, false},
		"still typing":             {[]string{"Capture", "security-code", "PartialResult", "true", "Required", ""}, false},
		"an error":                 {[]string{"Capture", "security-code", "ErrorType", "input-timeout", "Required", ""}, false},
		"started":                  {nil, false},
		"completed":                {[]string{"Result", "success", "Required", ""}, false},
		"completed without result": {[]string{"Result", ""}, false},
	}
	for name, test := range tests {
		if got := parse(t, session(test.form...)).CanComplete(); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestRetryable(t *testing.T) {
	t.Parallel()
	final := map[callback.ErrorType]bool{
		callback.ErrorTypeSessionInProgress: true, callback.ErrorTypeInternalError: true, "": true, "something-new": true,
	}
	all := []callback.ErrorType{
		"", "something-new", "date-validation-failed",
		callback.ErrorTypeInputTimeout, callback.ErrorTypeInputMatchingFailed, callback.ErrorTypeInvalidCardNumber,
		callback.ErrorTypeInvalidCardType, callback.ErrorTypeInvalidDate, callback.ErrorTypeInvalidSecurityCode,
		callback.ErrorTypeInvalidPostalCode, callback.ErrorTypeInvalidBankRoutingNumber, callback.ErrorTypeInvalidBankAccountNumber,
		callback.ErrorTypeInvalidBankAccountType, callback.ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence,
		callback.ErrorTypeSessionInProgress, callback.ErrorTypeInternalError,
	}
	for _, e := range all {
		if got := parse(t, session("Capture", "security-code", "ErrorType", string(e))).Retryable(); got == final[e] {
			t.Errorf("%q: retryable %v", e, got)
		}
		if parse(t, session("Result", "validation-error", "ErrorType", string(e))).Retryable() {
			t.Errorf("%q is retryable after the session's end", e)
		}
	}
}

func TestCardLast4(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"xxxxxxxxxxxx1111":    "1111",
		"xxxx-xxxxxx-x4001":   "4001",
		"xxxxxxxxxxx4001":     "4001",
		"************1111":    "1111",
		"**** **** **** 1111": "1111",
		"XXXXXXXXXXXX1111":    "1111",
		"xxxx-xxxx-xx11-11":   "1111",
		"xxxxxxxxxxxx1111 ":   "1111",
		"4111111111111234":    "1234",
		"1234":                "1234",
		"••••1234":            "1234",
		"xxxxxxxxxxxx":        "",
		"":                    "",
		"x":                   "",
		"xxxxxxxxxxxxx111":    "",
		"111":                 "",
		"11x11":               "",
		"xxxxxxxxxxxx1111x":   "",
		"xxxxxxxxxxxx١١١١":    "",
	} {
		if got := parse(t, session("PaymentCardNumber", number)).CardLast4(); got != want {
			t.Errorf("%q: %q, want %q", number, got, want)
		}
	}
}
