package payments_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// refusal runs one call against a server that must not be reached, and returns the
// refused fields.
func refusal(t *testing.T, call func(*payments.Client) error) []string {
	t.Helper()
	s := newServer(t, success)
	err := call(newClient(t, s.URL))
	if len(s.all()) != 0 {
		t.Error("the call was sent")
	}
	var e *payments.Error
	var first *payments.ValidationError
	if !errors.As(err, &e) || !errors.As(err, &first) || !errors.Is(err, payments.ErrInvalidParams) {
		t.Fatalf("%v, want a *payments.Error with a *payments.ValidationError", err)
	}
	if e.IdempotencyKey == "" || e.Attempts != 0 || e.OutcomeUnknown() {
		t.Errorf("%+v: want a key, no attempts and a known outcome", e)
	}
	if strings.Contains(err.Error(), "marked") {
		t.Errorf("the error prints a value: %v", err)
	}
	var fields []string
	var walk func(error)
	walk = func(err error) {
		switch err := err.(type) {
		case *payments.ValidationError:
			fields = append(fields, err.Field)
		case interface{ Unwrap() []error }:
			for _, err := range err.Unwrap() {
				walk(err)
			}
		case interface{ Unwrap() error }:
			walk(err.Unwrap())
		}
	}
	walk(err)
	return fields
}

func TestCreateChecks(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*payments.CreateParams)
		want   string
	}{
		"no callback":             {func(p *payments.CreateParams) { p.StatusCallback = "" }, "StatusCallback"},
		"a relative callback":     {func(p *payments.CreateParams) { p.StatusCallback = "/marked" }, "StatusCallback"},
		"a callback of no host":   {func(p *payments.CreateParams) { p.StatusCallback = "https:///marked" }, "StatusCallback"},
		"another scheme":          {func(p *payments.CreateParams) { p.StatusCallback = "ftp://marked.example" }, "StatusCallback"},
		"no URL":                  {func(p *payments.CreateParams) { p.StatusCallback = "https://marked\n.example" }, "StatusCallback"},
		"an amount with exponent": {func(p *payments.CreateParams) { p.ChargeAmount = "1e6" }, "ChargeAmount"},
		"an amount below zero":    {func(p *payments.CreateParams) { p.ChargeAmount = wire.MinorUnits(-1, 2) }, "ChargeAmount"},
		"a million":               {func(p *payments.CreateParams) { p.ChargeAmount = "1000000" }, "ChargeAmount"},
		"a currency in words":     {func(p *payments.CreateParams) { p.Currency = "marked" }, "Currency"},
		"a currency's sign":       {func(p *payments.CreateParams) { p.Currency = "€" }, "Currency"},
		"an unknown method":       {func(p *payments.CreateParams) { p.PaymentMethod = "marked" }, "PaymentMethod"},
		"an unknown token type":   {func(p *payments.CreateParams) { p.TokenType = "marked" }, "TokenType"},
		"an unknown confirmation": {func(p *payments.CreateParams) { p.Confirmation = "True" }, "Confirmation"},
		"timeout too long":        {func(p *payments.CreateParams) { p.Timeout = 601 }, "Timeout"},
		"timeout below zero":      {func(p *payments.CreateParams) { p.Timeout = -1 }, "Timeout"},
		"length below zero":       {func(p *payments.CreateParams) { p.MinPostalCodeLength = -1 }, "MinPostalCodeLength"},
		"text that is not UTF-8":  {func(p *payments.CreateParams) { p.Description = "marked\xff" }, "Description"},
		"a card type with space":  {func(p *payments.CreateParams) { p.ValidCardTypes = []payments.CardType{"visa marked"} }, "ValidCardTypes"},
		"ACH without a name":      {func(p *payments.CreateParams) { p.PaymentMethod = payments.PaymentMethodACHDebit }, "Parameter"},
		"account type, no method": {func(p *payments.CreateParams) { p.BankAccountType = payments.BankAccountTypeConsumerChecking }, "BankAccountType"},
		"account type with card": {func(p *payments.CreateParams) {
			p.PaymentMethod, p.BankAccountType = payments.PaymentMethodCreditCard, payments.BankAccountTypeConsumerChecking
		}, "BankAccountType"},
		"unknown account type": {func(p *payments.CreateParams) {
			p.PaymentMethod, p.Parameter, p.BankAccountType = payments.PaymentMethodACHDebit, wire.NewParameters(map[string]string{"AVSName": "marked"}), "marked"
		}, "BankAccountType"},
		"several fields": {func(p *payments.CreateParams) { p.Timeout, p.ChargeAmount, p.StatusCallback = 999, "-1", "marked" }, "ChargeAmount StatusCallback Timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			params := payments.CreateParams{StatusCallback: callback}
			tt.change(&params)
			fields := refusal(t, func(c *payments.Client) error {
				_, err := c.Create(context.Background(), callSID, params)
				return err
			})
			if got := strings.Join(fields, " "); got != tt.want {
				t.Errorf("refused %s, want %s", got, tt.want)
			}
		})
	}
}

func TestUpdateChecks(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		params payments.UpdateParams
		want   string
	}{
		"neither":            {payments.UpdateParams{StatusCallback: callback}, "Capture"},
		"both":               {payments.UpdateParams{StatusCallback: callback, Capture: payments.CaptureSecurityCode, Status: payments.StatusCancel}, "Capture"},
		"an unknown capture": {payments.UpdateParams{StatusCallback: callback, Capture: "Security-Code"}, "Capture"},
		"an unknown status":  {payments.UpdateParams{StatusCallback: callback, Status: "marked"}, "Status"},
		"no callback":        {payments.UpdateParams{Status: payments.StatusCancel}, "StatusCallback"},
	} {
		fields := refusal(t, func(c *payments.Client) error {
			_, err := c.Update(context.Background(), callSID, paymentSID, tt.params)
			return err
		})
		if got := strings.Join(fields, " "); got != tt.want {
			t.Errorf("%s: refused %s, want %s", name, got, tt.want)
		}
	}
}

// SIDs are checked even without validation, because they are part of the path.
func TestSIDChecks(t *testing.T) {
	t.Parallel()
	hex := strings.Repeat("a", 32)
	wrong := []string{
		"", "..", "%2e%2e", "/", "?", "#", hex, "ca" + hex, "Ca" + hex, "AC" + hex, "CA" + hex[1:], "CA" + hex + "a", "PK" + hex + "a",
		"CA" + strings.Repeat("g", 32), "CA" + strings.Repeat("a", 31) + "/", "CA" + strings.Repeat("a", 31) + "\n", "CA../" + hex[3:],
		" CA" + hex[1:], "CA" + strings.Repeat("é", 16), "{CallSid}",
	}
	lifted := payments.WithoutValidation()
	for _, sid := range wrong {
		if got := refusal(t, func(c *payments.Client) error {
			_, err := c.Create(context.Background(), sid, payments.CreateParams{}, lifted)
			return err
		}); strings.Join(got, " ") != "CallSid" {
			t.Errorf("call %q: refused %v", sid, got)
		}
		if got := refusal(t, func(c *payments.Client) error {
			_, err := c.Update(context.Background(), callSID, sid, payments.UpdateParams{}, lifted)
			return err
		}); strings.Join(got, " ") != "Sid" {
			t.Errorf("session %q: refused %v", sid, got)
		}
	}
	for _, sid := range []string{"CA" + strings.Repeat("F", 32), "CA0123456789abcdefABCDEF0123456789"} {
		if _, err := newClient(t, newServer(t, success).URL).Create(context.Background(), sid, payments.CreateParams{StatusCallback: callback}); err != nil {
			t.Errorf("call %q: %v", sid, err)
		}
	}
}

func TestWithoutValidation(t *testing.T) {
	t.Parallel()
	s := newServer(t, success)
	client := newClient(t, s.URL, payments.WithoutValidation())
	_, err := client.Create(context.Background(), callSID, payments.CreateParams{IdempotencyKey: "k", ChargeAmount: "1e6", PaymentMethod: "new", Timeout: 999})
	if want := "ChargeAmount=1e6&IdempotencyKey=k&PaymentMethod=new&Timeout=999"; err != nil || s.all()[0].Body != want {
		t.Errorf("sent %v, %v, want %s", s.all(), err, want)
	}
	if _, err := client.Create(context.Background(), callSID, payments.CreateParams{Description: "\xff"}); !errors.Is(err, payments.ErrInvalidParams) {
		t.Errorf("a value that cannot be encoded: %v, want payments.ErrInvalidParams", err)
	}
}

func TestOptionErrorsOfACall(t *testing.T) {
	t.Parallel()
	client := newClient(t, newServer(t, func(http.ResponseWriter, *http.Request) { t.Error("sent") }).URL)
	_, err := operations["complete"](context.Background(), client, payments.WithMaxRetries(-1))
	var e *payments.Error
	if !errors.As(err, &e) || e.Op != "complete" || e.IdempotencyKey == "" || e.OutcomeUnknown() || !strings.Contains(err.Error(), "WithMaxRetries") {
		t.Errorf("got %v", err)
	}
}
