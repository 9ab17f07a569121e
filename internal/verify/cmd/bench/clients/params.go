package clients

import (
	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/bare"
)

// The credentials, the call and the idempotency key, the same for all clients.
const (
	AccountSID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	AuthToken  = "0123456789abcdef0123456789abcdef"
	CallSID    = "CAbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	SID        = "PKcccccccccccccccccccccccccccccccc"
	Key        = "KVZ3FQH5NVWPE6DUDQZMRSJTRE"
)

// Params returns the create that is compared, in this SDK's types: eleven
// parameters that every client encodes alike. Lists and the connector's
// parameters are left out because runtime.MarshalForm encodes them wrongly; the
// amount is exact in the float32 that the others use.
func Params() payments.CreateParams {
	return payments.CreateParams{
		ChargeAmount:     "49.5",
		Currency:         "USD",
		Description:      "Order 4711, two tickets",
		IdempotencyKey:   Key,
		PaymentConnector: "stripe_connector",
		PaymentMethod:    payments.PaymentMethodCreditCard,
		PostalCode:       new(false),
		SecurityCode:     new(true),
		StatusCallback:   "https://pay.example.com/status?order=4711",
		Timeout:          10,
		TokenType:        payments.TokenTypeOneTime,
	}
}

// Encoded is the form that every client sends, as the floor's prepared body.
const Encoded = "ChargeAmount=49.5&Currency=USD&Description=Order+4711%2C+two+tickets" +
	"&IdempotencyKey=" + Key + "&PaymentConnector=stripe_connector&PaymentMethod=credit-card" +
	"&PostalCode=false&SecurityCode=true&StatusCallback=https%3A%2F%2Fpay.example.com%2Fstatus%3Forder%3D4711" +
	"&Timeout=10&TokenType=one-time"

// BareParams is Params in the types that oapi-codegen generates by default.
func BareParams() bare.CreatePaymentsRequest {
	return bare.CreatePaymentsRequest{
		ChargeAmount:     new(float32(49.5)),
		Currency:         new("USD"),
		Description:      new("Order 4711, two tickets"),
		IdempotencyKey:   Key,
		PaymentConnector: new("stripe_connector"),
		PaymentMethod:    new(bare.CreditCard),
		PostalCode:       new(false),
		SecurityCode:     new(true),
		StatusCallback:   "https://pay.example.com/status?order=4711",
		Timeout:          new(10),
		TokenType:        new(bare.OneTime),
	}
}

// officialParams is Params in twilio-go's types.
func officialParams() *openapi.CreatePaymentsParams {
	p := new(openapi.CreatePaymentsParams)
	return p.SetChargeAmount(49.5).SetCurrency("USD").SetDescription("Order 4711, two tickets").
		SetIdempotencyKey(Key).SetPaymentConnector("stripe_connector").SetPaymentMethod("credit-card").
		SetPostalCode(false).SetSecurityCode(true).SetStatusCallback("https://pay.example.com/status?order=4711").
		SetTimeout(10).SetTokenType("one-time")
}
