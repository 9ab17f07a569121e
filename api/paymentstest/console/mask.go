package console

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// clearParameters are the callback parameters that have the caller's digits in
// clear text. The console shows only how many digits there are.
var clearParameters = []string{"ExpirationDate", "PaymentCardPostalCode", "BankRoutingNumber"}

// echoed matches such a parameter in an application's response to a callback, which
// may repeat it as a form, JSON, XML or text, also in the notation of another
// language: expiration_date, "postal code".
var echoed = regexp.MustCompile(`(?i)(?:expiration[ _-]?date|postal[ _-]?code|routing[ _-]?number)(?:%[0-9a-f]{2}|\W|_){0,16}[0-9]+`)

// withoutDigits returns an entry as the console shows it. Every entry that leaves
// the console passes through here.
func withoutDigits(e paymentstest.Entry) paymentstest.Entry {
	switch {
	case e.Callback != nil:
		b := *e.Callback
		b.Form, b.Withheld = cloneForm(b.Form), slices.Clone(b.Withheld)
		for _, name := range clearParameters {
			for i, value := range b.Form[name] {
				if hidden := strings.Map(hideDigit, value); hidden != value {
					b.Signed = strings.Replace(b.Signed, name+value, name+hidden, 1)
					b.Form[name][i] = hidden
					b.Withheld = append(b.Withheld, name)
				}
			}
		}
		e.Callback = &b
	case e.Attempt != nil && echoed.MatchString(e.Attempt.Body):
		a := *e.Attempt
		a.Body = echoed.ReplaceAllStringFunc(a.Body, func(text string) string { return strings.Map(hideDigit, text) })
		e.Attempt = &a
	case e.State != nil:
		s := withoutDigitsOf(*e.State)
		e.State = &s
	}
	return e
}

// withoutDigitsOf returns a session as the console shows it.
func withoutDigitsOf(s paymentstest.SessionSnapshot) paymentstest.SessionSnapshot {
	s.Captured = maps.Clone(s.Captured)
	for field, value := range s.Captured {
		if slices.Contains(clearParameters, parameters[field]) {
			s.Captured[field] = strings.Map(hideDigit, value)
		}
	}
	return s
}

func hideDigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return 'x'
	}
	return r
}

// parameters maps each field to the callback parameter that shows it.
var parameters = map[payments.Capture]string{
	payments.CapturePaymentCardNumber: "PaymentCardNumber",
	payments.CaptureExpirationDate:    "ExpirationDate",
	payments.CaptureSecurityCode:      "SecurityCode",
	payments.CapturePostalCode:        "PaymentCardPostalCode",
	payments.CaptureBankRoutingNumber: "BankRoutingNumber",
	payments.CaptureBankAccountNumber: "BankAccountNumber",
}
