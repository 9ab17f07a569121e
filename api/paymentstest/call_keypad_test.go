package paymentstest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestInterDigitTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, payments.CreateParams{PostalCode: new(false), SecurityCode: new(false), Timeout: 7})
		b.capture(payments.CaptureExpirationDate)
		time.Sleep(time.Hour) // before the first digit there is no limit
		from := b.count()
		b.must(b.call.Press("1"))
		time.Sleep(7*time.Second - time.Nanosecond)
		b.must(b.call.Press("2"))
		time.Sleep(7*time.Second - time.Nanosecond)
		synctest.Wait()
		if n := b.count() - from; n != 2 {
			t.Fatalf("%d callbacks before the timeout, want one for each digit", n)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		b.wantLines(from+2, "expiration-date: expiration-date required=payment-card-number,expiration-date error=input-timeout")
		if err := b.call.Press("9"); !errors.Is(err, paymentstest.ErrNotAsked) {
			t.Errorf("a key after the timeout: %v, want %v", err, paymentstest.ErrNotAsked)
		}
		b.fill(payments.CaptureExpirationDate, "1299") // the session is still open
	})
}

func TestDefaultTimeoutIsFiveSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		b.capture(payments.CapturePaymentCardNumber)
		b.must(b.call.Press("4"))
		from := b.count()
		time.Sleep(5*time.Second - time.Nanosecond)
		synctest.Wait()
		if b.count() != from {
			t.Fatal("timed out early")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if b.count() != from+1 {
			t.Fatal("did not time out")
		}
	})
}

func TestUnsolicitedEndings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		end  func(*testing.T, *paymentstest.Call)
		opts []paymentstest.Option
		want string
	}{
		{"star", func(t *testing.T, c *paymentstest.Call) {
			if err := c.Star(); err != nil {
				t.Error(err)
			}
		}, nil, "expiration-date: result=caller-interrupted-with-star card=xxxxxxxxxxxx1111 type=visa"},
		{"hang-up", func(_ *testing.T, c *paymentstest.Call) { c.HangUp(); c.HangUp() }, nil,
			"expiration-date: result=caller-hung-up card=xxxxxxxxxxxx1111 type=visa"},
		{"hang-up reported to the URL of create", func(_ *testing.T, c *paymentstest.Call) { c.HangUp() },
			[]paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{EndToCreateURL: true})}, "create: result=caller-hung-up card=xxxxxxxxxxxx1111 type=visa"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, noPostalCode, tt.opts...)
				b.fill(payments.CapturePaymentCardNumber, "4111 1111 1111 1111")
				b.capture(payments.CaptureExpirationDate)
				b.must(b.call.Press("1"))
				from := b.count()
				tt.end(t, b.call)
				time.Sleep(time.Minute) // no timeout follows
				b.wantLines(from, tt.want)
				if len(b.srv.Charges())+len(b.srv.Tokens()) != 0 {
					t.Error("the gateway was asked")
				}
			})
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		for keys, want := range map[string]error{"1": paymentstest.ErrNotAsked, "#": paymentstest.ErrNotAsked, "12x": paymentstest.ErrNoKey} {
			if err := b.call.Press(keys); !errors.Is(err, want) {
				t.Errorf("pressing %s: %v, want %v", keys, err, want)
			}
		}
		b.capture(payments.CapturePaymentCardNumber)
		b.must(b.call.Press("#")) // ends nothing before the first digit
		if p, asked := b.call.Prompt(); !asked || p.Capture != payments.CapturePaymentCardNumber || p.Times != 1 || p.SID != b.sid {
			t.Errorf("asked %t: %+v", asked, p)
		}
		b.must(b.call.Press("4111 1111 1111 1111 #")) // # follows the entry that ended by itself
		b.call.HangUp()
		if err := b.call.Press("1"); !errors.Is(err, paymentstest.ErrCallEnded) {
			t.Errorf("after hanging up: %v, want paymentstest.ErrCallEnded", err)
		}
	})
}

func TestStarAfterTheEndIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		b.fillCard()
		b.complete()
		from := b.count()
		if err := b.call.Star(); !errors.Is(err, paymentstest.ErrNotAsked) {
			t.Errorf("got %v, want paymentstest.ErrNotAsked", err)
		}
		if b.count() != from {
			t.Error("a second ending")
		}
	})
}

func TestAwait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		go func() {
			time.Sleep(time.Minute)
			b.capture(payments.CapturePaymentCardNumber)
			time.Sleep(time.Minute)
			b.capture(payments.CaptureExpirationDate)
		}()
		start := time.Now()
		b.must(b.call.Await(t.Context(), payments.CaptureExpirationDate))
		if took := time.Since(start); took != 2*time.Minute {
			t.Errorf("asked after %v, want 2m", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.call.Await(ctx, payments.CapturePostalCode); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for a prompt that never opens: %v, want context.DeadlineExceeded", err)
		}
	})
}
