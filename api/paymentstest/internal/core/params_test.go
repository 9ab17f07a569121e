package core

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

func TestParams(t *testing.T) {
	t.Parallel()
	const avs = `Parameter={"AVSName":"A"}`
	for _, tt := range []struct {
		name, form string
		connectors []string
		code       int
	}{
		{name: "nothing", form: ""},
		{name: "known connector", form: "PaymentConnector=stripe", connectors: []string{"stripe"}},
		{name: "unknown connector", form: "PaymentConnector=braintree", connectors: []string{"stripe"}, code: payments.CodeInvalidPaymentConnector},
		{name: "no default connector", form: "", connectors: []string{"stripe"}, code: payments.CodeInvalidPaymentConnector},
		{name: "unknown card type", form: "ValidCardTypes=visa visas", code: payments.CodeInvalidParameterValue},
		{name: "matching the bank account", form: "RequireMatchingInputs=bank-account-number", code: payments.CodeInvalidParameterValue},
		{name: "matching with spaces and a trailing comma", form: "RequireMatchingInputs=postal-code, security-code,"},
		{name: "ACH", form: "PaymentMethod=ach-debit&" + avs},
		{name: "ACH without AVSName", form: "PaymentMethod=ach-debit", code: payments.CodeMissingAVSName},
		{name: "ACH with an empty AVSName", form: `PaymentMethod=ach-debit&Parameter={"AVSName":""}`, code: payments.CodeMissingAVSName},
		{name: "bank account type of a card", form: "BankAccountType=consumer-savings", code: payments.CodeBankAccountTypeWithCard},
		{name: "Parameter of numbers", form: `Parameter={"a":1,"b":true,"c":null}`},
		{name: "Parameter of two levels", form: `Parameter={"a":{"b":1}}`, code: payments.CodeInvalidParameterValue},
		{name: "Parameter with a list", form: `Parameter={"a":[1]}`, code: payments.CodeInvalidParameterValue},
		{name: "Parameter that is no object", form: "Parameter=[1]", code: payments.CodeInvalidParameterValue},
		{name: "Parameter that is null", form: "Parameter=null", code: payments.CodeInvalidParameterValue},
		{name: "Parameter in Python's notation", form: "Parameter={'a':'b'}", code: payments.CodeInvalidParameterValue},
		{name: "decimals of the currency", form: "ChargeAmount=1.005&Currency=kwd"},
		{name: "more decimals than the currency has", form: "ChargeAmount=1.005", code: payments.CodeInvalidChargeAmount},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			form, err := url.ParseQuery(tt.form)
			if err != nil {
				t.Fatal(err)
			}
			_, refusal := readParams(form, tt.connectors)
			if got := refusal; (got == nil) != (tt.code == 0) || got != nil && (got.response.Code != tt.code || got.response.Status != 400) {
				t.Errorf("refused with %+v, want code %d", got, tt.code)
			}
		})
	}
}

func TestParamsDefaults(t *testing.T) {
	t.Parallel()
	card, _ := readParams(url.Values{}, nil)
	if card.method != "credit-card" || card.currency != "USD" || card.connector != "Default" || card.tokenType != "reusable" ||
		card.timeout != 5*time.Second || card.confirm || card.charges() {
		t.Errorf("got %+v", card)
	}
	if diff := cmp.Diff([]payments.Capture{"payment-card-number", "expiration-date", "security-code", "postal-code"}, card.fields); diff != "" {
		t.Errorf("fields of a card (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]payments.CardType{"visa", "mastercard", "amex"}, card.cardTypes); diff != "" {
		t.Errorf("card types (-want +got):\n%s", diff)
	}
	bank, _ := readParams(url.Values{"PaymentMethod": {"ach-debit"}, "Parameter": {`{"AVSName":"A"}`}, "Timeout": {"600"}}, nil)
	if bank.bankAccountType != "consumer-checking" || bank.timeout != 10*time.Minute {
		t.Errorf("got %+v", bank)
	}
	if diff := cmp.Diff([]payments.Capture{"bank-routing-number", "bank-account-number"}, bank.fields); diff != "" {
		t.Errorf("fields of a bank account (-want +got):\n%s", diff)
	}
}
