package console

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// The verdicts a person sets.
const (
	verdictServer  = "server" // TEST mode and the server's own gateway decide
	verdictApprove = "approve"
	verdictDecline = "decline"
	verdictHold    = "hold"
)

// declineCode is a code with which a gateway declines a payment.
type declineCode struct {
	Code  int    `json:"code"`
	Name  string `json:"name"`
	Label string `json:"label"`
}

var declines = []declineCode{
	{payments.CodeConfiguration, "configuration", "the connector is not configured"},
	{payments.CodeServiceUnavailable, "service-unavailable", "the gateway does not respond"},
	{payments.CodeInvalidChargeAmount, "invalid-charge-amount", "the amount is not valid"},
	{payments.CodeInvalidPaymentConnector, "invalid-payment-connector", "the connector does not exist"},
	{payments.CodeTokenizationUnsupported, "tokenization-unsupported", "the connector does not support tokens"},
	{payments.CodeTokenTypeUnsupported, "token-type-unsupported", "the connector does not support this type of token"},
	{payments.CodeChargeUnsupported, "charge-unsupported", "the connector does not support charges"},
	{payments.CodeChargeRejected, "charge-rejected", "the charge is declined"},
	{payments.CodeNotAuthorized, "not-authorized", "the gateway does not know the merchant"},
	{payments.CodeTokenRejected, "token-rejected", "the token is declined"},
	{payments.CodeCurrencyUnsupported, "currency-unsupported", "the currency is not supported"},
	{payments.CodeCardRejected, "card-rejected", "the card is declined"},
	{payments.CodePaymentMethodUnsupported, "payment-method-unsupported", "the payment method is not supported"},
	{payments.CodeMissingAVSName, "missing-avs-name", "the parameter AVSName is missing (ACH)"},
	{payments.CodeMissingParameter, "missing-parameter", "a parameter of the connector is missing"},
	{payments.CodeInvalidTestCard, "invalid-test-card", "the card is not a test card"},
	{payments.CodeInvalidTestBankAccount, "invalid-test-bank-account", "the bank account is not a test account"},
	{payments.CodeConnectorNotApproved, "connector-not-approved", "the connector is not approved for LIVE mode"},
}

// gatewayRule decides what the gateway responds.
type gatewayRule struct {
	Verdict        string `json:"verdict"`
	Code           int    `json:"code,omitempty"`
	ConnectorError string `json:"connectorError,omitempty"`
	AfterMs        int    `json:"afterMs,omitempty"`
	Call           string `json:"call,omitempty"`
	// Times is how many payments the rule applies to, and Left how many remain. Zero
	// means all.
	Times int `json:"times"`
	Left  int `json:"left"`
}

// heldPayment is a payment that waits at the gateway for a person's decision.
type heldPayment struct {
	Session  string                 `json:"session"`
	Call     string                 `json:"call"`
	Amount   wire.Amount            `json:"amount,omitempty"`
	Currency string                 `json:"currency,omitempty"`
	Method   payments.PaymentMethod `json:"method"`
	Since    time.Time              `json:"since"`
}

// maxText is the maximum length of a gateway's error text, in bytes.
const maxText = 500

func (g *gatewayRule) check() error {
	switch {
	case !slices.Contains([]string{verdictServer, verdictApprove, verdictDecline, verdictHold}, g.Verdict):
		return badField("verdict", "must be server, approve, decline or hold")
	case g.Code != 0 && !slices.ContainsFunc(declines, func(d declineCode) bool { return d.Code == g.Code }):
		return badField("code", "must be 0 or one of the codes in verdicts of GET about")
	case len(g.ConnectorError) > maxText:
		return badField("connectorError", "must be at most %d bytes long", maxText)
	case g.AfterMs < 0 || g.AfterMs > int(maxDelay/time.Millisecond):
		return badField("afterMs", "must be 0 to %d", maxDelay/time.Millisecond)
	case g.Call != "" && !callPattern.MatchString(g.Call):
		return badField("call", "must be a call SID, CA and 32 hexadecimal digits")
	case g.Times < 0 || g.Times > maxTimes:
		return badField("times", "must be 0 to %d; 0 means always", maxTimes)
	}
	if g.Verdict != verdictDecline {
		g.Code, g.ConnectorError = 0, ""
	} else if g.Code == 0 {
		g.Code = payments.CodeChargeRejected
	}
	g.Left = g.Times
	return nil
}

func (g gatewayRule) verdict() paymentstest.Verdict {
	v := paymentstest.Verdict{After: time.Duration(g.AfterMs) * time.Millisecond, Hold: g.Verdict == verdictHold}
	if g.Verdict == verdictDecline {
		v.Code, v.ConnectorError = g.Code, g.ConnectorError
	}
	return v
}

func (c *Console) setGateway(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		Verdict        string `json:"verdict"`
		Code           int    `json:"code"`
		ConnectorError string `json:"connectorError"`
		AfterMs        int    `json:"afterMs"`
		Call           string `json:"call"`
		Times          int    `json:"times"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	rule := gatewayRule{
		Verdict: command.Verdict, Code: command.Code, ConnectorError: command.ConnectorError,
		AfterMs: command.AfterMs, Call: command.Call, Times: command.Times,
	}
	if err := rule.check(); err != nil {
		return err
	}
	c.mu.Lock()
	c.gateway = rule
	c.change()
	c.mu.Unlock()
	reply(w, http.StatusOK, rule)
	return nil
}

// decide returns the console's verdict on a payment, and false if the server's
// own gateway decides.
func (c *Console) decide(p paymentstest.Payment) (paymentstest.Verdict, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rule := &c.gateway
	if rule.Verdict == verdictServer || rule.Call != "" && rule.Call != p.CallSID {
		return paymentstest.Verdict{}, false
	}
	verdict := rule.verdict()
	if verdict.Hold {
		c.held = append(c.held, heldPayment{
			Session: p.SID, Call: p.CallSID, Amount: p.Amount, Currency: p.Currency, Method: p.Method, Since: time.Now().UTC(),
		})
	}
	if rule.Left > 0 {
		if rule.Left--; rule.Left == 0 {
			c.gateway = gatewayRule{Verdict: verdictServer}
		}
	}
	c.change()
	return verdict, true
}

// decideHeld sets the verdict on a held payment.
func (c *Console) decideHeld(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		Session        string `json:"session"`
		Verdict        string `json:"verdict"`
		Code           int    `json:"code"`
		ConnectorError string `json:"connectorError"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	rule := gatewayRule{Verdict: command.Verdict, Code: command.Code, ConnectorError: command.ConnectorError}
	switch err := rule.check(); {
	case err != nil:
		return err
	case rule.Verdict != verdictApprove && rule.Verdict != verdictDecline:
		return badField("verdict", "must be approve or decline")
	case !sessionPattern.MatchString(command.Session):
		return badField("session", "must be a session SID, PK and 32 hexadecimal digits")
	}
	err := c.srv.Decide(command.Session, rule.verdict())
	c.unhold(command.Session)
	switch {
	case errors.Is(err, paymentstest.ErrNotHeld):
		return fail(http.StatusConflict, "not-held", "this payment does not wait at the gateway: it was decided, or its session has ended")
	case err != nil:
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
