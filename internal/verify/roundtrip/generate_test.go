package roundtrip

import (
	"net/url"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// maybe generates a zero value half of the time.
func maybe[T any](t *rapid.T, name string, g *rapid.Generator[T]) (value T) {
	if rapid.Bool().Draw(t, "with "+name) {
		value = g.Draw(t, name)
	}
	return value
}

// anyText is valid UTF-8, often with characters that need escaping.
var anyText = rapid.OneOf(
	rapid.StringN(1, 40, -1),
	rapid.StringOfN(rapid.RuneFrom([]rune("&=+%;#?/ \"'\\\r\n\t\x00[]{}<>,:~é💳\u2028\ufeff\u202e")), 1, 20, -1),
)

// anyElement is an element that a list may hold.
var anyElement = rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return r > ' ' && r != ',' && r != 0x7f }), 1, 12, -1)

var anyAmount = rapid.Custom(func(t *rapid.T) wire.Amount {
	whole := strconv.Itoa(rapid.IntRange(0, 999999).Draw(t, "whole"))
	if rapid.Bool().Draw(t, "point") {
		whole += "." + rapid.StringOfN(rapid.RuneFrom([]rune("0123456789")), 1, 4, -1).Draw(t, "fraction")
	}
	return wire.Amount(whole)
})

// anyCallback is an absolute URL with any path and query.
var anyCallback = rapid.Custom(func(t *rapid.T) string {
	scheme := rapid.SampledFrom([]string{"https", "http"}).Draw(t, "scheme")
	host := rapid.SampledFrom([]string{"pay.example.com", "pay.example.com:8443", "u:p@pay.example.com", "[::1]:80", "127.0.0.1"}).Draw(t, "host")
	rest := rapid.StringOf(rapid.RuneFrom([]rune("abz/?&=+%;#'\"~é💳 {}"))).Draw(t, "rest")
	return scheme + "://" + host + "/" + rest
}).Filter(func(s string) bool {
	_, err := url.Parse(s)
	return err == nil
})

func oneOf[T ~string](values ...T) *rapid.Generator[T] { return rapid.SampledFrom(values) }

var anyCapture = oneOf(payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode,
	payments.CapturePostalCode, payments.CaptureBankRoutingNumber, payments.CaptureBankAccountNumber,
	payments.CapturePaymentCardNumberMatcher, payments.CaptureExpirationDateMatcher,
	payments.CaptureSecurityCodeMatcher, payments.CapturePostalCodeMatcher)

var anyCreate = rapid.Custom(func(t *rapid.T) payments.CreateParams {
	p := payments.CreateParams{
		StatusCallback:      anyCallback.Draw(t, "StatusCallback"),
		IdempotencyKey:      anyText.Draw(t, "IdempotencyKey"),
		ChargeAmount:        maybe(t, "ChargeAmount", anyAmount),
		Confirmation:        maybe(t, "Confirmation", oneOf(payments.ConfirmationTrue, payments.ConfirmationFalse)),
		Currency:            maybe(t, "Currency", rapid.StringMatching(`[A-Za-z]{3}`)),
		Description:         maybe(t, "Description", anyText),
		Input:               maybe(t, "Input", anyText),
		MinPostalCodeLength: maybe(t, "MinPostalCodeLength", rapid.IntMin(0)),
		Parameter:           wire.NewParameters(maybe(t, "Parameter", rapid.MapOfN(rapid.OneOf(anyText, rapid.Just("")), rapid.OneOf(anyText, rapid.Just("")), 1, 5))),
		PaymentConnector:    maybe(t, "PaymentConnector", anyText),
		PaymentMethod:       maybe(t, "PaymentMethod", oneOf(payments.PaymentMethodCreditCard, payments.PaymentMethodACHDebit)),
		PostalCode:          maybe(t, "PostalCode", rapid.Ptr(rapid.Bool(), true)),
		SecurityCode:        maybe(t, "SecurityCode", rapid.Ptr(rapid.Bool(), true)),
		Timeout:             maybe(t, "Timeout", rapid.IntRange(0, 600)),
		TokenType:           maybe(t, "TokenType", oneOf(payments.TokenTypeReusable, payments.TokenTypeOneTime, payments.TokenTypePaymentMethod)),
	}
	for range rapid.IntRange(0, 4).Draw(t, "RequireMatchingInputs") {
		p.RequireMatchingInputs = append(p.RequireMatchingInputs, payments.Capture(anyElement.Draw(t, "input")))
	}
	for range rapid.IntRange(0, 9).Draw(t, "ValidCardTypes") {
		p.ValidCardTypes = append(p.ValidCardTypes, payments.CardType(anyElement.Draw(t, "card type")))
	}
	if p.PaymentMethod == payments.PaymentMethodACHDebit {
		p.BankAccountType = maybe(t, "BankAccountType", oneOf(payments.BankAccountTypeConsumerChecking,
			payments.BankAccountTypeConsumerSavings, payments.BankAccountTypeCommercialChecking))
		values := p.Parameter.Reveal()
		if values == nil {
			values = make(map[string]string)
		}
		values["AVSName"] = anyText.Draw(t, "AVSName")
		p.Parameter = wire.NewParameters(values)
	}
	return p
})

var anyUpdate = rapid.Custom(func(t *rapid.T) payments.UpdateParams {
	p := payments.UpdateParams{StatusCallback: anyCallback.Draw(t, "StatusCallback"), IdempotencyKey: anyText.Draw(t, "IdempotencyKey")}
	if rapid.Bool().Draw(t, "capture") {
		p.Capture = anyCapture.Draw(t, "Capture")
	} else {
		p.Status = oneOf(payments.StatusComplete, payments.StatusCancel).Draw(t, "Status")
	}
	return p
})

// anySID is a SID with digits of either case.
func anySID(prefix string) *rapid.Generator[string] {
	return rapid.Map(rapid.StringOfN(rapid.RuneFrom([]rune("0123456789abcdefABCDEF")), 32, 32, -1),
		func(digits string) string { return strings.Clone(prefix + digits) })
}
