package core

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPayment is what the gateway is asked for.
func TestPayment(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		steps []string
		want  Payment
	}{
		{"a charge", []string{"create ChargeAmount=49.90&Currency=eur&Description=Tea&PaymentConnector=stripe&SecurityCode=false",
			"capture payment-card-number", "press 378282246310005", "capture expiration-date", "press 1299", "capture postal-code", "enter 94109", "complete IdempotencyKey=K"},
			Payment{IdempotencyKey: "K", Connector: "stripe", Method: "credit-card", Amount: "49.90", Currency: "EUR", Description: "Tea",
				CardType: "amex", LastDigits: "0005", PostalCode: "94109"}},
		{"a token", append(filled("create SecurityCode=false&PostalCode=false&ChargeAmount=0.00"), "complete IdempotencyKey=K"),
			Payment{IdempotencyKey: "K", Connector: "Default", Method: "credit-card", Currency: "USD", TokenType: "reusable", CardType: "visa", LastDigits: "1111"}},
		{"a bank account", []string{"create PaymentMethod=ach-debit&ChargeAmount=5&Parameter=%7B%22AVSName%22%3A%22A%22%7D",
			"capture bank-routing-number", "press 121181976", "capture bank-account-number", "enter 123456789", "complete IdempotencyKey=K"},
			Payment{IdempotencyKey: "K", Connector: "Default", Method: "ach-debit", Amount: "5", Currency: "USD",
				BankAccountType: "consumer-checking", LastDigits: "89"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPlayer(t, Config{})
			p.play(tt.steps...)
			var asked []Payment
			for _, e := range p.all {
				if ask, is := e.Event.(AskGateway); is {
					asked = append(asked, ask.Payment)
				}
			}
			tt.want.AccountSID, tt.want.CallSID, tt.want.SID = testAccount, testCall, p.sid
			if len(asked) != 1 {
				t.Fatalf("the gateway is asked for %d payments, want 1", len(asked))
			}
			got := asked[0]
			if (got.Parameter.Get("AVSName") == "A") != (tt.want.Method == "ach-debit") {
				t.Error("the Parameter is not passed on")
			}
			got.Parameter = tt.want.Parameter
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestVerdictResult(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		v        Verdict
		result   string
		declines bool
	}{
		{Verdict{}, "success", false}, {Verdict{Code: 64008}, "payment-connector-error", true},
		{Verdict{Result: "validation-error"}, "validation-error", true}, {Verdict{Result: "success", Code: 64008}, "success", false},
	} {
		if got := tt.v.ResultOf(); string(got) != tt.result || tt.v.Declines() != tt.declines {
			t.Errorf("%+v: %s, declines %t, want %t", tt.v, got, tt.v.Declines(), tt.declines)
		}
	}
}
