package paymentstest_test

import (
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestCapturesComeInAnyOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, payments.CreateParams{ChargeAmount: "1"})
		b.fill(payments.CapturePostalCode, "94109")
		b.fill(payments.CaptureExpirationDate, "1299")
		b.fill(payments.CapturePaymentCardNumber, "378282246310005")
		b.fill(payments.CaptureSecurityCode, "1234")
		b.complete()
		lines := b.lines(0)
		if got, want := lines[len(lines)-1], "complete: result=success card=xxxxxxxxxxx0005 type=amex expiry=1299 cvc=xxxx zip=94109"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if c := b.srv.Charges()[0]; c.PostalCode != "94109" {
			t.Errorf("charge with postal code %q, want \"94109\"", c.PostalCode)
		}
	})
}

func TestCaptureAgain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		opts []paymentstest.Option
		want string
	}{
		{"asks for the field again", nil, "payment-card-number,expiration-date"},
		{"and for the code, if chosen", []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{RecaptureForgetsSecurityCode: true})}, "payment-card-number,expiration-date,security-code"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, noPostalCode, tt.opts...)
				b.fill(payments.CapturePaymentCardNumber, "4111111111111111")
				b.fill(payments.CaptureSecurityCode, "123")
				b.capture(payments.CapturePaymentCardNumber)
				lines := b.lines(0)
				if got := fieldOf(lines[len(lines)-1], "required="); got != tt.want {
					t.Errorf("required %s, want %s", got, tt.want)
				}
				if p, _ := b.call.Prompt(); p.Times != 2 {
					t.Errorf("asked %d times, want 2", p.Times)
				}
				wantError(t, b.try(payments.UpdateParams{Status: payments.StatusComplete}), 400, payments.CodeIncomplete)
			})
		})
	}
}

func TestNewCaptureReplacesTheOpenOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		b.capture(payments.CapturePaymentCardNumber)
		b.must(b.call.Press("4111"))
		b.fill(payments.CaptureExpirationDate, "1299")
		lines := b.lines(0)
		if got, want := lines[len(lines)-1], "expiration-date: expiration-date required=payment-card-number,security-code expiry=1299"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestMatchers(t *testing.T) {
	t.Parallel()
	matching := noPostalCode
	matching.SecurityCode = new(false)
	matching.RequireMatchingInputs = []payments.Capture{payments.CapturePaymentCardNumber}
	t.Run("the second entry has to agree", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, matching)
			b.fill(payments.CapturePaymentCardNumber, "4111111111111111")
			b.fill(payments.CaptureExpirationDate, "1299")
			wantError(t, b.try(payments.UpdateParams{Status: payments.StatusComplete}), 400, payments.CodeIncomplete)
			b.fill(payments.CapturePaymentCardNumberMatcher, "5555555555554444")
			from := b.count()
			b.wantLines(from-1, "payment-card-number-matcher: payment-card-number-matcher required=payment-card-number-matcher error=input-matching-failed card=xxxxxxxxxxxx1111 type=visa expiry=1299")
			b.fill(payments.CapturePaymentCardNumberMatcher, "4111111111111111")
			b.complete()
			if lines := b.lines(from); fieldOf(lines[len(lines)-1], "result=") != "success" {
				t.Errorf("ended with %s", lines[len(lines)-1])
			}
		})
	})
	t.Run("a new first entry needs a new second one", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, matching)
			b.fill(payments.CapturePaymentCardNumber, "4111111111111111")
			b.fill(payments.CapturePaymentCardNumberMatcher, "4111111111111111")
			b.fill(payments.CapturePaymentCardNumber, "5555555555554444")
			lines := b.lines(0)
			if got, want := fieldOf(lines[len(lines)-1], "required="), "payment-card-number-matcher,expiration-date"; got != want {
				t.Errorf("required %s, want %s", got, want)
			}
		})
	})
	t.Run("nothing to match yet", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, matching)
			b.capture(payments.CapturePaymentCardNumberMatcher)
			b.wantLines(1, "payment-card-number-matcher: payment-card-number-matcher required=payment-card-number,payment-card-number-matcher,expiration-date error=input-matching-failed")
		})
	})
	t.Run("hidden from Required, if chosen", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, matching, paymentstest.WithAssumptions(paymentstest.Assumptions{HideMatchers: true}))
			b.fill(payments.CapturePaymentCardNumber, "4111111111111111")
			b.fill(payments.CaptureExpirationDate, "1299")
			lines := b.lines(0)
			if got := fieldOf(lines[len(lines)-1], "required="); got != "" {
				t.Errorf("required %s, want nothing", got)
			}
			wantError(t, b.try(payments.UpdateParams{Status: payments.StatusComplete}), 400, payments.CodeIncomplete)
		})
	})
}

func TestConfirmation(t *testing.T) {
	t.Parallel()
	asking := noPostalCode
	asking.Confirmation = payments.ConfirmationTrue
	for key, want := range map[string]string{"1": "success", "2": "transaction-cancelled"} {
		t.Run("key "+key, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, asking)
				b.fillCard()
				from := b.count()
				b.complete()
				if p, asked := b.call.Prompt(); !asked || !p.Confirm || p.LastDigits != "1111" {
					t.Fatalf("asked %t: %+v", asked, p)
				}
				if b.count() != from || len(b.srv.Charges()) != 0 {
					t.Fatal("something happened before the caller confirmed")
				}
				b.must(b.call.Press("7")) // does nothing
				b.must(b.call.Press(key))
				b.wantLines(from, "complete: result="+want+" card=xxxxxxxxxxxx1111 type=visa expiry=1299 cvc=xxx")
				if n := len(b.srv.Charges()); (n == 1) != (key == "1") {
					t.Errorf("%d charges", n)
				}
			})
		})
	}
}

func TestShapeByOption(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		opt  paymentstest.Option
		card string
		want string
	}{
		{"final PartialResult", paymentstest.WithAssumptions(paymentstest.Assumptions{FinalPartialResult: "false"}), "4111111111111111",
			"payment-card-number: payment-card-number partial=false required=expiration-date,security-code card=xxxxxxxxxxxx1111 type=visa"},
		{"dashes of sixteen", paymentstest.WithAssumptions(paymentstest.Assumptions{DashedCardMask: true}), "4111111111111111",
			"payment-card-number: payment-card-number required=expiration-date,security-code card=xxxx-xxxx-xxxx-1111 type=visa"},
		{"dashes of amex", paymentstest.WithAssumptions(paymentstest.Assumptions{DashedCardMask: true}), "378282246310005",
			"payment-card-number: payment-card-number required=expiration-date,security-code card=xxxx-xxxxxx-x0005 type=amex"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, noPostalCode, tt.opt)
				b.fill(payments.CapturePaymentCardNumber, tt.card)
				b.wantLines(b.count()-1, tt.want)
			})
		})
	}
}

// TestOneQuestionAtATime asks for another field in the middle of an entry.
func TestOneQuestionAtATime(t *testing.T) {
	t.Parallel()
	t.Run("that cannot be asked yet", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, noPostalCode)
			b.capture(payments.CaptureExpirationDate)
			b.must(b.call.Press("1"))
			b.capture(payments.CaptureSecurityCode) // before the card
			if p, asked := b.call.Prompt(); asked {
				t.Errorf("the caller is still asked %+v", p)
			}
		})
	})
	t.Run("to confirm", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			p := noPostalCode
			p.SecurityCode, p.Confirmation = new(false), payments.ConfirmationTrue
			b := newBench(t, p)
			b.fillCard()
			b.capture(payments.CaptureSecurityCode) // which is not required
			b.must(b.call.Press("1"))
			b.complete()
			if p, asked := b.call.Prompt(); !asked || !p.Confirm {
				t.Errorf("asked %t: %+v, want to confirm", asked, p)
			}
			b.must(b.call.Press("1"))
			if len(b.srv.Charges()) != 1 {
				t.Error("not charged")
			}
		})
	})
}
