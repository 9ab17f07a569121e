package paymentstest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// terms are what a create request asked for, Twilio's defaults filled in.
type terms struct {
	method          payments.PaymentMethod
	bankAccountType payments.BankAccountType
	amount          wire.Amount // empty or zero: tokenise
	currency        string
	description     string
	connector       string
	tokenType       payments.TokenType
	parameter       wire.Parameters
	timeout         time.Duration
	cardTypes       []payments.CardType
	fields          []payments.Capture // to be captured, in the order Required lists them
	matching        []payments.Capture // of these, to be entered twice
	minPostalCode   int
	confirm         bool
}

// charges reports whether completing charges; otherwise it returns a token.
func (t terms) charges() bool { return strings.ContainsAny(string(t.amount), "123456789") }

// readTerms reads a form the contract allows. The answer is the refusal, if
// there is one; codes 64003 to 64020 are taken to be 400 on the REST side.
func (s *Server) readTerms(form url.Values) (terms, *answer) {
	t := terms{
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
		t.timeout = time.Duration(n) * time.Second
	}
	t.minPostalCode, _ = strconv.Atoi(form.Get("MinPostalCodeLength"))
	if connectors := s.config.assume.Connectors; connectors != nil && !slices.Contains(connectors, t.connector) {
		return t, invalid(payments.CodeInvalidPaymentConnector, "no such payment connector")
	}
	if refusal := t.checkAmount(); refusal != nil {
		return t, refusal
	}
	if refusal := t.readLists(form); refusal != nil {
		return t, refusal
	}
	if text := form.Get("Parameter"); text != "" {
		parameter, ok := readParameter(text)
		if !ok {
			return t, invalid(payments.CodeInvalidParameterValue, "Parameter must be a JSON object of one level")
		}
		t.parameter = parameter
	}
	return t, t.readMethod(form)
}

// readMethod sets the fields the method needs.
func (t *terms) readMethod(form url.Values) *answer {
	if t.method == payments.PaymentMethodACHDebit {
		if t.parameter.Get("AVSName") == "" {
			return invalid(payments.CodeMissingAVSName, "ACH requires the parameter AVSName")
		}
		if t.bankAccountType == "" {
			t.bankAccountType = payments.BankAccountTypeConsumerChecking
		}
		t.fields = []payments.Capture{payments.CaptureBankRoutingNumber, payments.CaptureBankAccountNumber}
		return nil
	}
	if t.bankAccountType != "" {
		return invalid(payments.CodeBankAccountTypeWithCard, "BankAccountType does not go with a card")
	}
	t.fields = []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate}
	if form.Get("SecurityCode") != "false" {
		t.fields = append(t.fields, payments.CaptureSecurityCode)
	}
	if form.Get("PostalCode") != "false" {
		t.fields = append(t.fields, payments.CapturePostalCode)
	}
	return nil
}

func (t *terms) readLists(form url.Values) *answer {
	for _, name := range strings.Fields(or(form, "ValidCardTypes", "visa mastercard amex")) {
		card := payments.CardType(name)
		if !card.Valid() {
			return invalid(payments.CodeInvalidParameterValue, "ValidCardTypes names an unknown type")
		}
		t.cardTypes = append(t.cardTypes, card)
	}
	for name := range strings.SplitSeq(form.Get("RequireMatchingInputs"), ",") {
		switch field := payments.Capture(strings.TrimSpace(name)); field {
		case "":
		case payments.CapturePaymentCardNumber, payments.CaptureExpirationDate,
			payments.CaptureSecurityCode, payments.CapturePostalCode:
			t.matching = append(t.matching, field)
		default:
			return invalid(payments.CodeInvalidParameterValue, "RequireMatchingInputs names a field that cannot be matched")
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

func invalid(code int, message string) *answer {
	a := refuse(http.StatusBadRequest, code, "Pay: "+message)
	return &a
}

// readParameter reads a JSON object of one level. Values that are not text are
// kept as they are written.
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
