package validator_test

import (
	"net/http"
	"testing"
)

func BenchmarkRequest(b *testing.B) {
	full := minBody + "&BankAccountType=consumer-checking&ChargeAmount=12.00&Currency=USD&Description=api+testing&Input=dtmf" +
		"&MinPostalCodeLength=5&Parameter=%7B%22name%22%3A%22foobar%22%7D&PaymentConnector=stripe_connector&PaymentMethod=credit-card" +
		"&PostalCode=true&SecurityCode=false&Timeout=5&TokenType=reusable&ValidCardTypes=visa+amex" +
		"&RequireMatchingInputs=security-code%2Cpostal-code&Confirmation=true"
	for name, c := range map[string]struct{ target, body string }{
		"create":       {createPath, minBody + "&ChargeAmount=49.90&PaymentMethod=credit-card"},
		"create all":   {createPath, full},
		"update":       {updatePath, minBody + "&Capture=payment-card-number"},
		"wrong amount": {createPath, minBody + "&ChargeAmount=1e6"},
	} {
		b.Run(name, func(b *testing.B) {
			j := merged(b)
			r, body := newRequest(b, http.MethodPost, c.target, nil), []byte(c.body)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = j.Request(r, body)
			}
		})
	}
}

func BenchmarkResponse(b *testing.B) {
	j := merged(b)
	header, body := http.Header{"Content-Type": {"application/json"}}, []byte(sessionJSON)
	b.ReportAllocs()
	for b.Loop() {
		_ = j.Response("CreatePayments", 201, header, body)
	}
}

func BenchmarkCallback(b *testing.B) {
	j, form := merged(b), chargeCallback()
	b.ReportAllocs()
	for b.Loop() {
		_ = j.Callback(form)
	}
}
