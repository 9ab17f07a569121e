package paymentstest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// bench is a server in memory with a client, a call and an open session. It prints
// callbacks as one line each.
type bench struct {
	t      testing.TB
	srv    *paymentstest.Server
	client *payments.Client
	call   *paymentstest.Call
	sid    string
	skip   int // entries of the journal
}

// newBench opens a session with the parameters. It must run in a bubble.
func newBench(t testing.TB, p payments.CreateParams, opts ...paymentstest.Option) *bench {
	t.Helper()
	srv := paymentstest.NewServer(t, append([]paymentstest.Option{paymentstest.InMemory()}, opts...)...)
	b := &bench{t: t, srv: srv, client: newClient(t, srv), call: srv.NewCall()}
	b.create(p)
	return b
}

func (b *bench) create(p payments.CreateParams) {
	b.t.Helper()
	p.StatusCallback = statusURL + "?create"
	s, err := b.client.Create(b.t.Context(), b.call.SID, p)
	if err != nil {
		b.t.Fatal(err)
	}
	b.sid = s.SID
}

func (b *bench) capture(c payments.Capture) {
	b.t.Helper()
	b.must(b.try(payments.UpdateParams{Capture: c}))
}

func (b *bench) complete() {
	b.t.Helper()
	b.must(b.try(payments.UpdateParams{Status: payments.StatusComplete}))
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// try updates the session, with a StatusCallback that names the update.
func (b *bench) try(p payments.UpdateParams) error {
	b.t.Helper()
	p.StatusCallback = statusURL + "?" + string(p.Capture) + string(p.Status)
	_, err := b.client.Update(b.t.Context(), b.call.SID, b.sid, p)
	return err
}

// fill captures a field and types it.
func (b *bench) fill(c payments.Capture, digits string) {
	b.t.Helper()
	b.capture(c)
	b.must(b.call.Enter(digits))
}

func (b *bench) fillCard() {
	b.t.Helper()
	b.fill(payments.CapturePaymentCardNumber, "4111 1111 1111 1111")
	b.fill(payments.CaptureExpirationDate, "12 99")
	b.fill(payments.CaptureSecurityCode, "123")
}

// shown are the parameters lines prints, with the names it prints for them.
var shown = []struct{ parameter, name string }{
	{"Capture", ""}, {"PartialResult", "partial"}, {"Required", "required"}, {"ErrorType", "error"},
	{"Result", "result"}, {"PayErrorCode", "code"}, {"ConnectorError", "connector"},
	{"PaymentCardNumber", "card"}, {"PaymentCardType", "type"}, {"ExpirationDate", "expiry"},
	{"SecurityCode", "cvc"}, {"PaymentCardPostalCode", "zip"}, {"BankRoutingNumber", "routing"}, {"BankAccountNumber", "account"},
}

// lines are the callbacks from a number on, each with its query and its interesting
// parameters.
func (b *bench) lines(from int) []string {
	var lines []string
	for _, c := range b.srv.Callbacks()[from:] {
		_, query, _ := strings.Cut(c.URL, "?")
		words := []string{query + ":"}
		raw := c.Event.Raw()
		for _, s := range shown {
			value := raw.Get(s.parameter)
			switch {
			case s.parameter == "Required" && raw.Has("Required"):
				words = append(words, "required="+value)
			case value == "":
			case s.name == "":
				words = append(words, value)
			default:
				words = append(words, s.name+"="+value)
			}
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

// wantLines compares the callbacks from a number on.
func (b *bench) wantLines(from int, want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.lines(from)); diff != "" {
		b.t.Errorf("callbacks (-want +got):\n%s", diff)
	}
}

func (b *bench) count() int { return len(b.srv.Callbacks()) }

// noPostalCode is a charge of 49.90 on card, expiry and code.
var noPostalCode = payments.CreateParams{ChargeAmount: "49.90", PostalCode: new(false)}

func TestChargeFromFirstToLastCallback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		b.fill(payments.CapturePaymentCardNumber, "4111 1111 1111 1111")
		from := b.count()
		b.wantLines(0, append([]string{"create:",
			"payment-card-number: payment-card-number partial=true required=payment-card-number,expiration-date,security-code"},
			append(typing("payment-card-number: payment-card-number partial=true required=payment-card-number,expiration-date,security-code card=", "x", 16),
				"payment-card-number: payment-card-number required=expiration-date,security-code card=xxxxxxxxxxxx1111 type=visa")...)...)
		b.fill(payments.CaptureExpirationDate, "12 99")
		b.fill(payments.CaptureSecurityCode, "123")
		b.complete()
		b.wantLines(from,
			"expiration-date: expiration-date partial=true required=expiration-date,security-code card=xxxxxxxxxxxx1111 type=visa",
			"expiration-date: expiration-date partial=true required=expiration-date,security-code card=xxxxxxxxxxxx1111 type=visa expiry=1",
			"expiration-date: expiration-date partial=true required=expiration-date,security-code card=xxxxxxxxxxxx1111 type=visa expiry=12",
			"expiration-date: expiration-date partial=true required=expiration-date,security-code card=xxxxxxxxxxxx1111 type=visa expiry=129",
			"expiration-date: expiration-date partial=true required=expiration-date,security-code card=xxxxxxxxxxxx1111 type=visa expiry=1299",
			"expiration-date: expiration-date required=security-code card=xxxxxxxxxxxx1111 type=visa expiry=1299",
			"security-code: security-code partial=true required=security-code card=xxxxxxxxxxxx1111 type=visa expiry=1299",
			"security-code: security-code partial=true required=security-code card=xxxxxxxxxxxx1111 type=visa expiry=1299 cvc=x",
			"security-code: security-code partial=true required=security-code card=xxxxxxxxxxxx1111 type=visa expiry=1299 cvc=xx",
			"security-code: security-code partial=true required=security-code card=xxxxxxxxxxxx1111 type=visa expiry=1299 cvc=xxx",
			"security-code: security-code required= card=xxxxxxxxxxxx1111 type=visa expiry=1299 cvc=xxx",
			"complete: result=success card=xxxxxxxxxxxx1111 type=visa expiry=1299 cvc=xxx",
		)
		charges := b.srv.Charges()
		if len(charges) != 1 || len(b.srv.Tokens()) != 0 {
			t.Fatalf("charges %+v, tokens %+v, want one charge", charges, b.srv.Tokens())
		}
		c := charges[0]
		if c.Amount != "49.90" || c.Currency != "USD" || c.SID != b.sid || c.LastDigits != "1111" || c.CardType != payments.CardTypeVisa {
			t.Errorf("charge %+v", c)
		}
		last := b.srv.Callbacks()[b.count()-1].Event
		if last.PaymentConfirmationCode.Reveal() != c.ConfirmationCode || c.ConfirmationCode == "" || last.PaymentToken.Reveal() != "" || last.ProfileID.Reveal() != "" {
			t.Errorf("codes of the last callback do not fit the charge")
		}
	})
}

// typing are the lines of n digits, each with one mark more.
func typing(line, mark string, n int) []string {
	var lines []string
	for i := range n {
		lines = append(lines, line+strings.Repeat(mark, i+1))
	}
	return lines
}

func TestToken(t *testing.T) {
	t.Parallel()
	for _, amount := range []string{"", "0", "0.00"} {
		t.Run(fmt.Sprintf("amount %q", amount), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, payments.CreateParams{ChargeAmount: wire.Amount(amount), PostalCode: new(false), TokenType: payments.TokenTypeOneTime})
				b.fillCard()
				b.complete()
				tokens := b.srv.Tokens()
				if len(tokens) != 1 || len(b.srv.Charges()) != 0 {
					t.Fatalf("tokens %+v, charges %+v, want one token", tokens, b.srv.Charges())
				}
				last := b.srv.Callbacks()[b.count()-1].Event
				if last.PaymentToken.Reveal() != tokens[0].Token || last.ProfileID.Reveal() != tokens[0].ProfileID || last.PaymentConfirmationCode.Reveal() != "" {
					t.Errorf("codes of the last callback do not fit the token")
				}
				if tokens[0].TokenType != payments.TokenTypeOneTime || tokens[0].Amount != "" {
					t.Errorf("token %+v, want TokenType payments.TokenTypeOneTime, Amount \"\"", tokens[0])
				}
			})
		})
	}
}

func TestACH(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, payments.CreateParams{
			ChargeAmount: "10", PaymentMethod: payments.PaymentMethodACHDebit,
			Parameter: wire.NewParameters(map[string]string{"AVSName": "Ada Lovelace"}),
		})
		b.fill(payments.CaptureBankRoutingNumber, "121181976")
		from := b.count()
		b.fill(payments.CaptureBankAccountNumber, "123456789")
		b.complete()
		lines := b.lines(from)
		if want := "bank-account-number: bank-account-number required= routing=121181976 account=*******89"; lines[len(lines)-2] != want {
			t.Errorf("got %s, want %s", lines[len(lines)-2], want)
		}
		if want := "complete: result=success routing=121181976 account=*******89"; lines[len(lines)-1] != want {
			t.Errorf("got %s, want %s", lines[len(lines)-1], want)
		}
		c := b.srv.Charges()[0]
		if c.LastDigits != "89" || c.BankAccountType != payments.BankAccountTypeConsumerChecking || c.Parameter.Get("AVSName") != "Ada Lovelace" {
			t.Errorf("charge %+v", c)
		}
	})
}
