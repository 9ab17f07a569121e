package paymentstest_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestVerdicts(t *testing.T) {
	t.Parallel()
	const masked = " card=xxxxxxxxxxxx1111 type=visa expiry=1299 cvc=xxx"
	tests := []struct {
		name    string
		card    string
		decline *paymentstest.Verdict
		opts    []paymentstest.Option
		want    string
	}{
		{name: "test card", want: "complete: result=success" + masked},
		{name: "real card in test mode", card: "4242424242424242",
			want: "complete: result=payment-connector-error code=64022 card=xxxxxxxxxxxx4242 type=visa expiry=1299 cvc=xxx"},
		{name: "real card in live mode", card: "4242424242424242", opts: []paymentstest.Option{paymentstest.LiveMode()},
			want: "complete: result=success card=xxxxxxxxxxxx4242 type=visa expiry=1299 cvc=xxx"},
		{name: "declined on demand", decline: &paymentstest.Verdict{Code: payments.CodeChargeRejected, ConnectorError: "insufficient_funds"},
			want: "complete: result=payment-connector-error code=64008 connector=insufficient_funds" + masked},
		{name: "another result on demand", decline: &paymentstest.Verdict{Result: "internal-error"},
			want: "complete: result=internal-error" + masked},
		{name: "custom gateway", opts: []paymentstest.Option{paymentstest.WithGateway(func(p paymentstest.Payment) paymentstest.Verdict {
			if p.LastDigits == "1111" && p.Amount == "49.90" {
				return paymentstest.Decline(payments.CodeCardRejected, "stolen_card")
			}
			return paymentstest.Verdict{}
		})}, want: "complete: result=payment-connector-error code=64012 connector=stolen_card" + masked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, noPostalCode, tt.opts...)
				if tt.decline != nil {
					b.srv.DeclineNext(*tt.decline)
				}
				b.fillCard()
				if tt.card != "" {
					b.fill(payments.CapturePaymentCardNumber, tt.card)
				}
				from := b.count()
				b.complete()
				b.wantLines(from, tt.want)
				success := fieldOf(tt.want, "result=") == "success"
				if n := len(b.srv.Charges()); (n == 1) != success {
					t.Errorf("%d charges", n)
				}
				if e := b.srv.Callbacks()[from].Event; success != (e.Err() == nil) {
					t.Errorf("package callback reads the outcome as %v", e.Err())
				}
				// A decline ends the session, and only the next payment is declined.
				b.create(noPostalCode)
			})
		})
	}
}

func TestTestBankAccounts(t *testing.T) {
	t.Parallel()
	for account, code := range map[string]string{"12345678": "", "123456789": "", "87654321": "64023"} {
		t.Run(account, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, payments.CreateParams{PaymentMethod: payments.PaymentMethodACHDebit, Parameter: wire.NewParameters(map[string]string{"AVSName": "x"})})
				b.fill(payments.CaptureBankAccountNumber, account)
				b.fill(payments.CaptureBankRoutingNumber, "121181976")
				b.complete()
				lines := b.lines(0)
				if got := fieldOf(lines[len(lines)-1], "code="); got != code {
					t.Errorf("code %q, want %q", got, code)
				}
			})
		})
	}
}

func TestDeclinesAreUsedUpInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		b.srv.DeclineNext(paymentstest.Decline(64012, "a"), paymentstest.Verdict{}, paymentstest.Decline(64010, "b"))
		b.srv.DeclineNext() // with 64008
		var got []string
		for range 5 {
			b.fillCard()
			b.complete()
			lines := b.lines(0)
			got = append(got, fieldOf(lines[len(lines)-1], "code="))
			b.create(noPostalCode)
		}
		if diff := cmp.Diff([]string{"64012", "", "64010", "64008", ""}, got); diff != "" {
			t.Errorf("codes (-want +got):\n%s", diff)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]string{"transaction-cancelled": "cancel: result=transaction-cancelled", "other": "cancel: result=other", "": "cancel:"} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var opts []paymentstest.Option
				if result != "transaction-cancelled" {
					opts = append(opts, paymentstest.WithAssumptions(paymentstest.Assumptions{CancelResult: callback.Result(result), NoCancelResult: result == ""}))
				}
				b := newBench(t, noPostalCode, opts...)
				b.must(b.try(payments.UpdateParams{Status: payments.StatusCancel}))
				b.wantLines(1, want)
			})
		})
	}
}

func TestScriptedCallers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		caller paymentstest.Caller
		params payments.CreateParams
		fields []payments.Capture
	}{
		{"visa", paymentstest.VisaCaller(),
			payments.CreateParams{Confirmation: payments.ConfirmationTrue, RequireMatchingInputs: []payments.Capture{"security-code"}},
			[]payments.Capture{"payment-card-number", "expiration-date", "security-code", "security-code-matcher", "postal-code"}},
		{"bank account", paymentstest.ACHCaller(),
			payments.CreateParams{PaymentMethod: payments.PaymentMethodACHDebit, Parameter: wire.NewParameters(map[string]string{"AVSName": "x"})},
			[]payments.Capture{"bank-routing-number", "bank-account-number"}},
		{"one's own, who mistypes once", func(c *paymentstest.Call, p paymentstest.Prompt) {
			if p.Times == 1 {
				_ = c.Enter("4111111111111112")
				return
			}
			_ = c.Enter("4111111111111111")
		}, payments.CreateParams{SecurityCode: new(false), PostalCode: new(false)}, []payments.Capture{"payment-card-number", "payment-card-number"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, tt.params, paymentstest.WithCaller(tt.caller))
				for _, field := range tt.fields {
					b.capture(field)
					b.must(b.srv.Wait(t.Context()))
				}
				b.call.AnswerWith(nil)
				if tt.name == "one's own, who mistypes once" {
					b.fill(payments.CaptureExpirationDate, "1299")
				}
				b.call.AnswerWith(tt.caller)
				b.complete()
				b.must(b.srv.Wait(t.Context()))
				if len(b.srv.Tokens()) != 1 {
					t.Errorf("no token: %v", b.lines(0))
				}
			})
		})
	}
}

// TestSlowGateway has a gateway function that blocks: requests about other sessions
// are handled, those about this one are refused, and hanging up does not stop the
// payment.
func TestSlowGateway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode, paymentstest.WithGateway(func(paymentstest.Payment) paymentstest.Verdict {
			time.Sleep(5 * time.Second)
			return paymentstest.Verdict{}
		}))
		b.fillCard()
		from, start := b.count(), time.Now()
		done := make(chan error, 1)
		go func() { done <- b.try(payments.UpdateParams{Status: payments.StatusComplete}) }()
		time.Sleep(time.Second)
		other := b.srv.NewCall()
		if _, err := b.client.Create(t.Context(), other.SID, payments.CreateParams{StatusCallback: statusURL}); err != nil {
			t.Errorf("a session on another call: %v", err)
		}
		wantError(t, b.try(payments.UpdateParams{Status: payments.StatusCancel}), 400, payments.CodeInvalidOperation)
		if err := b.call.Star(); !errors.Is(err, paymentstest.ErrNotAsked) {
			t.Errorf("* while the gateway decides: %v, want paymentstest.ErrNotAsked", err)
		}
		b.call.HangUp()
		if took := time.Since(start); took != time.Second || len(b.srv.Charges()) != 0 {
			t.Errorf("after %v (want %v), with %d charges, want 0: the gateway blocked other calls", took, time.Second, len(b.srv.Charges()))
		}
		b.must(<-done)
		if took := time.Since(start); took != 5*time.Second || len(b.srv.Charges()) != 1 {
			t.Errorf("after %v there are %d charges, want one after 5s", took, len(b.srv.Charges()))
		}
		lines := b.lines(from)
		if got := fieldOf(lines[len(lines)-1], "result="); got != "success" {
			t.Errorf("ended with %q, want success: %q", got, lines)
		}
	})
}
