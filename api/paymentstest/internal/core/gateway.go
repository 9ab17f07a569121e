package core

import (
	"slices"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Payment is what the payment connector is asked to do. It is converted to the type
// of package paymentstest, which documents it.
type Payment struct {
	AccountSID      string
	CallSID         string
	SID             string
	IdempotencyKey  string
	Connector       string
	Method          payments.PaymentMethod
	Amount          wire.Amount
	Currency        string
	Description     string
	Parameter       wire.Parameters
	TokenType       payments.TokenType
	CardType        payments.CardType
	BankAccountType payments.BankAccountType
	LastDigits      string
	PostalCode      string
}

// payment is what the session is about. Of card and account numbers it has the last
// digits only, and no security code.
func (s *session) payment() Payment {
	p := Payment{
		AccountSID: s.accountSID, CallSID: s.call.sid, SID: s.sid, IdempotencyKey: s.key,
		Connector: s.params.connector, Method: s.params.method, Currency: s.params.currency,
		Description: s.params.description, Parameter: s.params.parameter,
		CardType: s.cardType(), BankAccountType: s.params.bankAccountType,
		PostalCode: s.values[payments.CapturePostalCode],
	}
	if s.params.charges() {
		p.Amount = s.params.amount
	} else {
		p.TokenType = s.params.tokenType
	}
	if n := s.values[payments.CapturePaymentCardNumber]; n != "" {
		p.LastDigits = n[len(n)-4:]
	} else if n := s.values[payments.CaptureBankAccountNumber]; n != "" {
		p.LastDigits = n[len(n)-2:]
	}
	return p
}

// Verdict is the gateway's decision about a [Payment]. The zero Verdict approves.
type Verdict struct {
	// Result is what the callback says; empty means success without a Code and
	// payment-connector-error with one.
	Result         callback.Result
	Code           int
	ConnectorError string
	PaymentError   string
}

// Declines reports whether no charge or token is made.
func (v Verdict) Declines() bool { return v.ResultOf() != callback.ResultSuccess }

// ResultOf is the Result, or the one that follows from the Code.
func (v Verdict) ResultOf() callback.Result {
	switch {
	case v.Result != "":
		return v.Result
	case v.Code != 0:
		return callback.ResultPaymentConnectorError
	}
	return callback.ResultSuccess
}

// What a connector in TEST mode accepts.
// See https://www.twilio.com/docs/voice/twiml/pay/pay-connectors
var (
	testCards = []string{
		"4111111111111111", "5555555555554444", "378282246310005", "6011111111111117",
		"3065930009020004", "3566002020360505", "6200000000000005", "6771798021000008",
	}
	testAccounts = []string{"12345678", "123456789"}
)

// testMode refuses all cards and bank accounts but those for tests.
func testMode(v values) Verdict {
	if account, ok := v[payments.CaptureBankAccountNumber]; ok {
		if !slices.Contains(testAccounts, account) {
			return Verdict{Code: payments.CodeInvalidTestBankAccount}
		}
		return Verdict{}
	}
	if !slices.Contains(testCards, v[payments.CapturePaymentCardNumber]) {
		return Verdict{Code: payments.CodeInvalidTestCard}
	}
	return Verdict{}
}
