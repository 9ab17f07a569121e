// Package golden has calls of the client and the exact requests that they must send.
// The requests are files, so that any change on the wire shows as a text diff, and so
// that validators in any language can check what the SDK really sends.
package golden

import (
	"context"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated/rules"
)

// Case is one call of the client.
type Case struct {
	Name string // also of the file
	Do   func(context.Context, *payments.Client) error
}

// The account, call and session of every case.
const (
	Account    = "AC0123456789abcdef0123456789abcdef"
	Subaccount = "ACfedcba9876543210fedcba9876543210"
	Token      = "0123456789abcdef0123456789abcdef"
	CallSID    = "CA0123456789ABCDEF0123456789abcdef"
	SID        = "PK0123456789abcdef0123456789ABCDEF"
)

const callback = "https://pay.example.com/status"

// Cases returns all calls.
func Cases() []Case {
	cases := []Case{
		create("create-least", payments.CreateParams{}),
		create("create-all", payments.CreateParams{
			ChargeAmount: "49.90", Confirmation: payments.ConfirmationTrue, Currency: "EUR",
			Description: "Order 4711", Input: "dtmf", MinPostalCodeLength: 5,
			Parameter:        wire.NewParameters(map[string]string{"MerchantAccountId": "shop", "Note": `say "hi" & <go>`}),
			PaymentConnector: "Braintree_Connector", PaymentMethod: payments.PaymentMethodCreditCard,
			PostalCode:            new(true),
			RequireMatchingInputs: []payments.Capture{payments.CapturePaymentCardNumber, payments.CapturePostalCode},
			SecurityCode:          new(false), Timeout: 600, TokenType: payments.TokenTypeOneTime,
			ValidCardTypes: []payments.CardType{payments.CardTypeVisa, payments.CardTypeDinersClub},
		}),
		create("create-every-field", Full()),
		create("create-ach", payments.CreateParams{
			ChargeAmount: "250", PaymentMethod: payments.PaymentMethodACHDebit,
			BankAccountType: payments.BankAccountTypeCommercialChecking,
			Parameter:       wire.NewParameters(map[string]string{"AVSName": "Zoë Müller"}),
		}),
		create("create-token", payments.CreateParams{ChargeAmount: "0", TokenType: payments.TokenTypePaymentMethod}),
		create("create-false", payments.CreateParams{PostalCode: new(false), SecurityCode: new(false), Confirmation: payments.ConfirmationFalse}),
		create("create-amount-float32-rounds", payments.CreateParams{ChargeAmount: "131072.01"}),
		create("create-amount-float32-rounds-up", payments.CreateParams{ChargeAmount: "250000.01"}),
		create("create-amount-float32-exponent", payments.CreateParams{ChargeAmount: "999999.99"}),
		create("create-amount-two-decimals", payments.CreateParams{ChargeAmount: "12.00"}),
		create("create-amount-cent", payments.CreateParams{ChargeAmount: "0.01"}),
		create("create-amount-most", payments.CreateParams{ChargeAmount: "999999.9999"}),
		create("create-amount-least", payments.CreateParams{ChargeAmount: "0.0001"}),
		create("create-amount-zeros", payments.CreateParams{ChargeAmount: "0.0000"}),
		create("create-text-reserved", payments.CreateParams{Description: "a&b=c+d%e;f/g?h#i[0] j\r\n\t~!*'()"}),
		create("create-text-unicode", payments.CreateParams{Description: "café 💳 \u202e\u0000 日本"}),
		create("create-parameter-escapes", payments.CreateParams{Parameter: wire.NewParameters(map[string]string{
			"quote\"": "back\\slash", "control": "\x00\x1f\n", "line": "\u2028", "empty": "", "": "no name",
		})}),
		{"create-callback-query", func(ctx context.Context, c *payments.Client) error {
			_, err := c.Create(ctx, CallSID, payments.CreateParams{
				IdempotencyKey: "a key / with & signs", StatusCallback: "https://u@pay.example.com:8443/s?x=1&y=a+b%20c#rc=2",
			})
			return err
		}},
		{"create-subaccount", func(ctx context.Context, c *payments.Client) error {
			_, err := c.Create(ctx, CallSID, payments.CreateParams{IdempotencyKey: "key", StatusCallback: callback},
				payments.WithAccount(Subaccount))
			return err
		}},
		{"create-api-key", func(ctx context.Context, c *payments.Client) error {
			_, err := c.Create(ctx, CallSID, payments.CreateParams{IdempotencyKey: "key", StatusCallback: callback},
				payments.WithAPIKey(Account, "SK0123456789abcdef0123456789abcdef", "se:cret"))
			return err
		}},
		update("update-complete", payments.UpdateParams{Status: payments.StatusComplete}),
		update("update-cancel", payments.UpdateParams{Status: payments.StatusCancel}),
	}
	for _, capture := range captures {
		cases = append(cases, update("update-"+string(capture), payments.UpdateParams{Capture: capture}))
	}
	return cases
}

// captures are the contract's, so that a new one gets a file too.
var captures = func() (all []payments.Capture) {
	for _, field := range rules.UpdateParams {
		if field.Name == "Capture" {
			for _, value := range field.Enum {
				all = append(all, payments.Capture(value))
			}
		}
	}
	return all
}()

func create(name string, params payments.CreateParams) Case {
	params.IdempotencyKey, params.StatusCallback = "key", callback
	return Case{name, func(ctx context.Context, c *payments.Client) error {
		_, err := c.Create(ctx, CallSID, params)
		return err
	}}
}

func update(name string, params payments.UpdateParams) Case {
	params.IdempotencyKey, params.StatusCallback = "key", callback
	return Case{name, func(ctx context.Context, c *payments.Client) error {
		_, err := c.Update(ctx, CallSID, SID, params)
		return err
	}}
}
