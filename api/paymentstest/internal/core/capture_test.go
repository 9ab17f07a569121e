package core

import "testing"

// matching creates a session that requires the card number twice.
const matching = "create ChargeAmount=5&SecurityCode=false&PostalCode=false&RequireMatchingInputs=payment-card-number"

func TestCapture(t *testing.T) {
	t.Parallel()
	const full = "create ChargeAmount=5"
	number := []string{full, "capture payment-card-number", "enter " + visa}
	playScenes(t, []scene{
		{name: "the card number", steps: []string{full, "capture payment-card-number"}, want: []string{
			"asked payment-card-number 1",
			"callback to capture PartialResult=true Required=payment-card-number,expiration-date,security-code,postal-code",
			"session capturing payment-card-number",
			"response 202",
		}},
		{name: "any order", steps: []string{full, "capture postal-code"}, want: []string{
			"asked postal-code 1",
			"callback to capture PartialResult=true Required=payment-card-number,expiration-date,security-code,postal-code",
			"session capturing postal-code",
			"response 202",
		}},
		{name: "security code before the card number", steps: []string{full, "capture security-code"}, want: []string{
			"callback to capture ErrorType=invalid-card-number-security-code-capture-sequence Required=payment-card-number,expiration-date,security-code,postal-code [FinalPartialResult]",
			"response 202",
		}},
		{name: "security code after the card number", steps: after(number, "capture security-code"), want: []string{
			"asked security-code 1",
			"callback to capture PartialResult=true PaymentCardNumber=xxxxxxxxxxxx1111 PaymentCardType=visa Required=expiration-date,security-code,postal-code",
			"session capturing security-code",
			"response 202",
		}},
		{name: "another field in the middle of an entry", steps: []string{full, "capture payment-card-number", "press 41", "capture expiration-date"}, want: []string{
			"timer stopped",
			"no longer asked payment-card-number 1: replaced",
			"asked expiration-date 1",
			"callback to capture PartialResult=true Required=payment-card-number,expiration-date,security-code,postal-code",
			"session capturing expiration-date",
			"response 202",
		}},
		{name: "a field too early in the middle of an entry", steps: []string{full, "capture expiration-date", "press 1", "capture security-code"}, want: []string{
			"timer stopped",
			"no longer asked expiration-date 1: replaced",
			"callback to capture ErrorType=invalid-card-number-security-code-capture-sequence Required=payment-card-number,expiration-date,security-code,postal-code [FinalPartialResult]",
			"session idle",
			"response 202",
		}},
		{name: "a second time", steps: after(number, "capture payment-card-number"), want: []string{
			"asked payment-card-number 2",
			"callback to capture PartialResult=true Required=payment-card-number,expiration-date,security-code,postal-code",
			"session capturing payment-card-number",
			"response 202",
		}},
		{name: "a second time, with the code", steps: after(number, "capture security-code", "press 123", "capture payment-card-number"), want: []string{
			"asked payment-card-number 2",
			"callback to capture PartialResult=true Required=payment-card-number,expiration-date,postal-code SecurityCode=xxx",
			"session capturing payment-card-number [RecaptureForgetsSecurityCode]",
			"response 202",
		}},
		{name: "a second time, which forgets the code", assume: Assumptions{RecaptureForgetsSecurityCode: true},
			steps: after(number, "capture security-code", "press 123", "capture payment-card-number"), want: []string{
				"asked payment-card-number 2",
				"callback to capture PartialResult=true Required=payment-card-number,expiration-date,security-code,postal-code",
				"session capturing payment-card-number [RecaptureForgetsSecurityCode]",
				"response 202",
			}},
		{name: "a field that is not required", steps: []string{cardOnly, "capture postal-code"}, want: []string{
			"asked postal-code 1",
			"callback to capture PartialResult=true Required=payment-card-number,expiration-date",
			"session capturing postal-code",
			"response 202",
		}},
		{name: "a bank field of a card session", steps: []string{full, "capture bank-account-number"}, want: []string{"response 400 64020"}},
		{name: "a card field of an ACH session", steps: []string{ach, "capture payment-card-number"}, want: []string{"response 400 64020"}},
		{name: "a bank field of an ACH session", steps: []string{ach, "capture bank-account-number"}, want: []string{
			"asked bank-account-number 1",
			"callback to capture BankAccountType=consumer-checking PartialResult=true Required=bank-routing-number,bank-account-number",
			"session capturing bank-account-number",
			"response 202",
		}},
		{name: "a matcher that was not asked for", steps: after(number, "capture payment-card-number-matcher"), want: []string{"response 400 64020"}},
		{name: "a matcher before its field", steps: []string{matching, "capture payment-card-number-matcher"}, want: []string{
			"callback to capture ErrorType=input-matching-failed Required=payment-card-number,payment-card-number-matcher,expiration-date [HideMatchers]",
			"response 202",
		}},
		{name: "a matcher", steps: []string{matching, "capture payment-card-number", "enter " + visa, "capture payment-card-number-matcher"}, want: []string{
			"asked payment-card-number-matcher 1",
			"callback to capture PartialResult=true PaymentCardNumber=xxxxxxxxxxxx1111 PaymentCardType=visa Required=payment-card-number-matcher,expiration-date [HideMatchers]",
			"session capturing payment-card-number-matcher",
			"response 202",
		}},
		{name: "a field after its matcher", steps: []string{matching, "capture payment-card-number", "enter " + visa,
			"capture payment-card-number-matcher", "enter " + visa, "capture payment-card-number"}, want: []string{
			"asked payment-card-number 2",
			"callback to capture PartialResult=true Required=payment-card-number,payment-card-number-matcher,expiration-date [HideMatchers]",
			"session capturing payment-card-number",
			"response 202",
		}},
		{name: "a matcher that Required hides", assume: Assumptions{HideMatchers: true}, steps: []string{matching, "capture payment-card-number"}, want: []string{
			"asked payment-card-number 1",
			"callback to capture PartialResult=true Required=payment-card-number,expiration-date [HideMatchers]",
			"session capturing payment-card-number",
			"response 202",
		}},
		{name: "instead of the confirmation", steps: after(filled(cardOnly+"&Confirmation=true"), "complete", "capture expiration-date"), want: []string{
			"no longer asked to confirm 1111: replaced",
			"asked expiration-date 2",
			"callback to capture PartialResult=true PaymentCardNumber=xxxxxxxxxxxx1111 PaymentCardType=visa Required=expiration-date",
			"session capturing expiration-date",
			"response 202",
		}},
		{name: "while the gateway decides", steps: after(filled(cardOnly), "complete", "capture expiration-date"), want: []string{"response 400 64021"}},
	})
}

const ach = "create PaymentMethod=ach-debit&ChargeAmount=5&Parameter=%7B%22AVSName%22%3A%22A%22%7D"

// filled captures a card number and a date.
func filled(create string) []string {
	return []string{create, "capture payment-card-number", "press " + visa, "capture expiration-date", "press 1299"}
}
