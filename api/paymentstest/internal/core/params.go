package core

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// params are the parameters of a create request, with Twilio's defaults.
type params struct {
	method          payments.PaymentMethod
	bankAccountType payments.BankAccountType
	amount          wire.Amount // empty or zero: tokenize
	currency        string
	description     string
	connector       string
	tokenType       payments.TokenType
	parameter       wire.Parameters
	timeout         time.Duration
	cardTypes       []payments.CardType
	fields          []payments.Capture // to be captured, in the order Required lists them
	matching        []payments.Capture // those of fields that are entered twice
	minPostalCode   int
	confirm         bool
}

// charges reports whether completing charges; otherwise it makes a token.
func (p params) charges() bool { return isPositive(p.amount) }

// readParams reads a form that the contract accepts. Connectors are the known
// names, nil for any.
func readParams(form url.Values, connectors []string) (params, *refusal) {
	p := params{
		method:          payments.PaymentMethod(or(form, "PaymentMethod", string(payments.PaymentMethodCreditCard))),
		bankAccountType: payments.BankAccountType(form.Get("BankAccountType")),
		amount:          wire.Amount(form.Get("ChargeAmount")),
		currency:        strings.ToUpper(or(form, "Currency", "USD")),
		description:     form.Get("Description"),
		connector:       or(form, "PaymentConnector", "Default"),
		tokenType:       payments.TokenType(or(form, "TokenType", string(payments.TokenTypeReusable))),
		timeout:         5 * time.Second,
		confirm:         form.Get("Confirmation") == string(payments.ConfirmationTrue),
	}
	if n, _ := strconv.Atoi(form.Get("Timeout")); n > 0 {
		p.timeout = time.Duration(n) * time.Second
	}
	p.minPostalCode, _ = strconv.Atoi(form.Get("MinPostalCodeLength"))
	if connectors != nil && !slices.Contains(connectors, p.connector) {
		return p, refuse(payments.CodeInvalidPaymentConnector, "no such payment connector").assuming("Connectors")
	}
	if refusal := checkAmount(p.amount, p.currency); refusal != nil {
		return p, refusal
	}
	if refusal := p.readLists(form); refusal != nil {
		return p, refusal
	}
	if text := form.Get("Parameter"); text != "" {
		parameter, ok := readParameter(text)
		if !ok {
			return p, refuse(payments.CodeInvalidParameterValue, "Parameter must be a JSON object of one level")
		}
		p.parameter = parameter
	}
	return p, p.readMethod(form)
}

// readMethod sets the fields that the payment method needs.
func (p *params) readMethod(form url.Values) *refusal {
	if p.method == payments.PaymentMethodACHDebit {
		if p.parameter.Get("AVSName") == "" {
			return refuse(payments.CodeMissingAVSName, "ACH requires the parameter AVSName")
		}
		if p.bankAccountType == "" {
			p.bankAccountType = payments.BankAccountTypeConsumerChecking
		}
		p.fields = []payments.Capture{payments.CaptureBankRoutingNumber, payments.CaptureBankAccountNumber}
		return nil
	}
	if p.bankAccountType != "" {
		return refuse(payments.CodeBankAccountTypeWithCard, "BankAccountType does not go with a card")
	}
	p.fields = append(make([]payments.Capture, 0, 4), payments.CapturePaymentCardNumber, payments.CaptureExpirationDate)
	if form.Get("SecurityCode") != "false" {
		p.fields = append(p.fields, payments.CaptureSecurityCode)
	}
	if form.Get("PostalCode") != "false" {
		p.fields = append(p.fields, payments.CapturePostalCode)
	}
	return nil
}

// readLists reads the fields that list values, separated by spaces or commas.
func (p *params) readLists(form url.Values) *refusal {
	for name := range strings.FieldsSeq(or(form, "ValidCardTypes", "visa mastercard amex")) {
		card := payments.CardType(name)
		if !card.Valid() {
			return refuse(payments.CodeInvalidParameterValue, "ValidCardTypes names an unknown type")
		}
		p.cardTypes = append(p.cardTypes, card)
	}
	for name := range strings.SplitSeq(form.Get("RequireMatchingInputs"), ",") {
		switch field := payments.Capture(strings.TrimSpace(name)); field {
		case "":
		case payments.CapturePaymentCardNumber, payments.CaptureExpirationDate,
			payments.CaptureSecurityCode, payments.CapturePostalCode:
			p.matching = append(p.matching, field)
		default:
			return refuse(payments.CodeInvalidParameterValue, "RequireMatchingInputs names a field that cannot be matched")
		}
	}
	return nil
}

func or(form url.Values, name, otherwise string) string {
	if value := form.Get(name); value != "" {
		return value
	}
	return otherwise
}

// readParameter reads a JSON object of one level. Values other than strings keep
// their JSON text.
func readParameter(text string) (wire.Parameters, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &object) != nil || object == nil {
		return wire.Parameters{}, false
	}
	p := make(map[string]string)
	for name, raw := range object {
		var value string
		if json.Unmarshal(raw, &value) != nil {
			if value = string(raw); strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") {
				return wire.Parameters{}, false
			}
		}
		p[name] = value
	}
	return wire.NewParameters(p), true
}
