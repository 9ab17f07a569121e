package paymentstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// The tests in this file check sentences of the documentation.

// TestGatewayIsAskedLast expects DeclineNext and TEST mode to decide before it.
func TestGatewayIsAskedLast(t *testing.T) {
	t.Parallel()
	const real = "4242424242424242" // valid, but no test card
	for _, tt := range []struct {
		name   string
		card   string
		opts   []paymentstest.Option
		lineUp bool
		asked  int
		want   string
	}{
		{"test card", "", nil, false, 1, "result=success"},
		{"real card in TEST mode", real, nil, false, 0, "result=payment-connector-error code=64022"},
		{"real card in live mode", real, []paymentstest.Option{paymentstest.LiveMode()}, false, 1, "result=success"},
		{"verdict lined up", "", nil, true, 0, "result=payment-connector-error code=64008"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				b := newBench(t, noPostalCode, append(tt.opts, paymentstest.WithGateway(func(paymentstest.Payment) paymentstest.Verdict {
					asked++
					return paymentstest.Verdict{}
				}))...)
				if tt.lineUp {
					b.srv.DeclineNext(paymentstest.Decline(payments.CodeChargeRejected, ""))
				}
				b.fillCard()
				if tt.card != "" {
					b.fill(payments.CapturePaymentCardNumber, tt.card)
				}
				from := b.count()
				b.complete()
				if got := b.lines(from); len(got) != 1 || !strings.Contains(got[0], tt.want) {
					t.Errorf("callbacks %q, want %s", got, tt.want)
				}
				if asked != tt.asked {
					t.Errorf("the gateway was asked %d times, want %d", asked, tt.asked)
				}
			})
		})
	}
}

// TestOnCountsByKey expects attempt 1 to be the first with a key, however many other
// keys the session has used.
func TestOnCountsByKey(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithFaults(paymentstest.On(paymentstest.Capture, 1, paymentstest.Respond(503, ""))))
	client := newClient(t, srv)
	s, err := client.Create(t.Context(), callSID, payments.CreateParams{StatusCallback: statusURL})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"first", "second", "third"} {
		for attempt, status := range []int{503, 0} {
			_, err := client.Update(t.Context(), callSID, s.SID, payments.UpdateParams{
				StatusCallback: statusURL, Capture: payments.CapturePaymentCardNumber, IdempotencyKey: key})
			if status != 0 {
				wantError(t, err, status, 0)
			} else if err != nil {
				t.Errorf("key %s, attempt %d: %v", key, attempt+1, err)
			}
			r := srv.Requests()
			if got := r[len(r)-1].Attempt; got != attempt+1 {
				t.Errorf("key %s: recorded as attempt %d, want %d", key, got, attempt+1)
			}
		}
	}
}

// TestCapturesBelongToTheMethod expects card fields to be refused in ACH sessions,
// bank fields in card sessions, and matchers that are not required.
func TestCapturesBelongToTheMethod(t *testing.T) {
	t.Parallel()
	card := []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode, payments.CapturePostalCode}
	bank := []payments.Capture{payments.CaptureBankRoutingNumber, payments.CaptureBankAccountNumber}
	matchers := []payments.Capture{payments.CapturePaymentCardNumberMatcher, payments.CaptureExpirationDateMatcher, payments.CaptureSecurityCodeMatcher, payments.CapturePostalCodeMatcher}
	ach := payments.CreateParams{StatusCallback: statusURL, PaymentMethod: payments.PaymentMethodACHDebit, Parameter: wire.NewParameters(map[string]string{"AVSName": "x"})}
	credit := payments.CreateParams{StatusCallback: statusURL}
	for name, tt := range map[string]struct {
		params       payments.CreateParams
		take, refuse []payments.Capture
	}{
		"card": {credit, card, append(bank, matchers...)},
		"ACH":  {ach, bank, append(card, matchers...)},
	} {
		srv := paymentstest.NewServer(t, paymentstest.InMemory())
		client := newClient(t, srv)
		s, err := client.Create(t.Context(), callSID, tt.params)
		if err != nil {
			t.Fatal(err)
		}
		capture := func(c payments.Capture) error {
			_, err := client.Update(t.Context(), callSID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: c})
			return err
		}
		for _, c := range tt.take {
			if err := capture(c); err != nil {
				t.Errorf("%s session: %s: %v", name, c, err)
			}
		}
		before := len(srv.Callbacks())
		for _, c := range tt.refuse {
			wantError(t, capture(c), http.StatusBadRequest, 64020)
		}
		if after := len(srv.Callbacks()); after != before {
			t.Errorf("%s session: %d callbacks about captures that were refused", name, after-before)
		}
	}
}

// TestDecimalsOfACurrency expects an amount to have at most the decimals of its
// currency, and to be charged as it was written.
func TestDecimalsOfACurrency(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		amount, currency string
		taken            bool
	}{
		{"1.005", "KWD", true}, {"1.00", "BHD", true}, {"1", "TND", true}, {"1.000", "OMR", true},
		{"1.0005", "KWD", false}, {"1.0000", "JOD", false},
		{"1.00", "USD", true}, {"1.000", "USD", false}, {"1.005", "EUR", false},
		{"100", "JPY", true}, {"100.0", "JPY", false},
	} {
		synctest.Test(t, func(t *testing.T) {
			srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithCaller(paymentstest.VisaCaller()))
			client := newClient(t, srv)
			s, err := client.Create(t.Context(), callSID, payments.CreateParams{
				StatusCallback: statusURL, ChargeAmount: wire.Amount(tt.amount), Currency: tt.currency, PostalCode: new(false)})
			if !tt.taken {
				wantError(t, err, http.StatusBadRequest, payments.CodeInvalidChargeAmount)
				return
			}
			if err != nil {
				t.Fatalf("%s %s: %v", tt.amount, tt.currency, err)
			}
			for _, p := range []payments.UpdateParams{
				{Capture: payments.CapturePaymentCardNumber}, {Capture: payments.CaptureExpirationDate},
				{Capture: payments.CaptureSecurityCode}, {Status: payments.StatusComplete},
			} {
				p.StatusCallback = statusURL
				if _, err := client.Update(t.Context(), callSID, s.SID, p); err != nil {
					t.Fatal(err)
				}
				if err := srv.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if c := srv.Charges(); len(c) != 1 || string(c[0].Amount) != tt.amount || c[0].Currency != tt.currency {
				t.Errorf("%s %s is charged as %+v", tt.amount, tt.currency, c)
			}
		})
	}
}

// TestOtherKeysAtTheConfirmation expects 1 and 2 to decide, * to end the session, and
// all other keys to do nothing.
func TestOtherKeysAtTheConfirmation(t *testing.T) {
	t.Parallel()
	asking := noPostalCode
	asking.Confirmation = payments.ConfirmationTrue
	for _, key := range "03456789#" {
		for last, want := range map[string]string{"1": "success", "2": "transaction-cancelled", "*": "caller-interrupted-with-star"} {
			t.Run(fmt.Sprintf("%c then %s", key, last), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := newBench(t, asking)
					b.fillCard()
					b.complete()
					from := b.count()
					b.must(b.call.Press(strings.Repeat(string(key), 3)))
					if b.count() != from || len(b.srv.Charges()) != 0 {
						t.Fatalf("%c did something", key)
					}
					if p, asked := b.call.Prompt(); !asked || !p.Confirm {
						t.Fatalf("after %c the caller is asked %+v, %t", key, p, asked)
					}
					b.must(b.call.Press(last))
					if got := b.lines(from); len(got) != 1 || fieldOf(got[0], "result=") != want {
						t.Errorf("callbacks %q, want result %s", got, want)
					}
					if n := len(b.srv.Charges()); (n == 1) != (last == "1") {
						t.Errorf("%d charges", n)
					}
				})
			})
		}
	}
}
