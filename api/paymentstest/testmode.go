package paymentstest

import (
	"slices"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// What a connector in TEST mode takes.
// See https://www.twilio.com/docs/voice/twiml/pay/pay-connectors
var (
	testCards = []string{
		"4111111111111111", "5555555555554444", "378282246310005", "6011111111111117",
		"3065930009020004", "3566002020360505", "6200000000000005", "6771798021000008",
	}
	testAccounts = []string{"12345678", "123456789"}
)

// testMode refuses everything but test cards and test bank accounts.
func testMode(v values) Verdict {
	if account, ok := v[payments.CaptureBankAccountNumber]; ok {
		if !slices.Contains(testAccounts, account) {
			return Decline(payments.CodeInvalidTestBankAccount, "")
		}
		return Verdict{}
	}
	if !slices.Contains(testCards, v[payments.CapturePaymentCardNumber]) {
		return Decline(payments.CodeInvalidTestCard, "")
	}
	return Verdict{}
}
