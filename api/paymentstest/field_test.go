package paymentstest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// The bubble's clock starts on 2000-01-01, so cards expire from 0100 on.
func TestFields(t *testing.T) {
	t.Parallel()
	number, expiry, code := payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode
	zip, routing, account := payments.CapturePostalCode, payments.CaptureBankRoutingNumber, payments.CaptureBankAccountNumber
	every := []payments.CardType{"visa", "mastercard", "amex", "maestro", "discover", "optima", "jcb", "diners-club", "enroute"}
	tests := []struct {
		name  string
		types []payments.CardType
		card  string // captured before
		field payments.Capture
		entry string
		wrong string // ErrorType
		shown string // type or value shown when accepted
	}{
		{name: "visa", field: number, entry: "4111111111111111", shown: "type=visa"},
		{name: "visa of thirteen", field: number, entry: "4222222222222", shown: "type=visa"},
		{name: "mastercard", field: number, entry: "5555555555554444", shown: "type=mastercard"},
		{name: "mastercard with a doubled five", field: number, entry: "5105105105105100", shown: "type=mastercard"},
		{name: "mastercard of the second range", field: number, entry: "2223003122003222", shown: "type=mastercard"},
		{name: "amex", field: number, entry: "378282246310005", shown: "type=amex"},
		{name: "discover by default", field: number, entry: "6011111111111117", wrong: "invalid-card-type"},
		{name: "discover", types: every, field: number, entry: "6011111111111117", shown: "type=discover"},
		{name: "diners club", types: every, field: number, entry: "3065930009020004", shown: "type=diners-club"},
		{name: "jcb", types: every, field: number, entry: "3566002020360505", shown: "type=jcb"},
		{name: "unionpay on discover", types: every, field: number, entry: "6200000000000005", shown: "type=discover"},
		{name: "maestro", types: every, field: number, entry: "6771798021000008", shown: "type=maestro"},
		{name: "enroute has no check digit", types: every, field: number, entry: "201400000000001", shown: "type=enroute"},
		{name: "wrong check digit", field: number, entry: "4111111111111112", wrong: "invalid-card-number"},
		{name: "too short", field: number, entry: "411111111116", wrong: "invalid-card-number"},
		{name: "no brand", types: every, field: number, entry: "9999999999999995", wrong: "invalid-card-number"},
		{name: "this month", field: expiry, entry: "0100", shown: "expiry=0100"},
		{name: "last month", field: expiry, entry: "1299", shown: "expiry=1299"},
		{name: "month thirteen", field: expiry, entry: "1305", wrong: "invalid-date"},
		{name: "month zero", field: expiry, entry: "0005", wrong: "invalid-date"},
		{name: "three digits of a date", field: expiry, entry: "123", wrong: "invalid-date"},
		{name: "code of three", card: "4111111111111111", field: code, entry: "123", shown: "cvc=xxx"},
		{name: "code of two", card: "4111111111111111", field: code, entry: "12", wrong: "invalid-security-code"},
		{name: "code of four for amex", card: "378282246310005", field: code, entry: "1234", shown: "cvc=xxxx"},
		{name: "code of three for amex", card: "378282246310005", field: code, entry: "123", wrong: "invalid-security-code"},
		{name: "code before card", field: code, entry: "", wrong: "invalid-card-number-security-code-capture-sequence"},
		{name: "postal code", field: zip, entry: "94109", shown: "zip=94109"},
		{name: "short postal code", field: zip, entry: "9410", wrong: "invalid-postal-code"},
		{name: "routing number", field: routing, entry: "121181976", shown: "routing=121181976"},
		{name: "routing number that fails its check", field: routing, entry: "121181977", wrong: "invalid-bank-routing-number"},
		{name: "no routing number at all", field: routing, entry: "000000000", wrong: "invalid-bank-routing-number"},
		{name: "account number", field: account, entry: "12345678", shown: "account=******78"},
		{name: "short account number", field: account, entry: "123", wrong: "invalid-bank-account-number"},
		{name: "long account number", field: account, entry: "123456789012345678", wrong: "invalid-bank-account-number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := payments.CreateParams{ValidCardTypes: tt.types, MinPostalCodeLength: 5}
				if tt.field == routing || tt.field == account {
					p = payments.CreateParams{PaymentMethod: payments.PaymentMethodACHDebit, Parameter: wire.NewParameters(map[string]string{"AVSName": "x"})}
				}
				b := newBench(t, p)
				if tt.card != "" {
					b.fill(number, tt.card)
				}
				b.capture(tt.field)
				if tt.entry != "" {
					b.must(b.call.Enter(tt.entry))
				}
				lines := b.lines(0)
				last := lines[len(lines)-1]
				required := strings.Contains(fieldOf(last, "required="), string(tt.field))
				if got := fieldOf(last, "error="); got != tt.wrong {
					t.Errorf("error %q, want %q: %s", got, tt.wrong, last)
				}
				if !strings.Contains(last, tt.shown) || strings.Contains(last, "partial=true") {
					t.Errorf("got %s, want %s", last, tt.shown)
				}
				if required != (tt.wrong != "") {
					t.Errorf("required: %t: %s", required, last)
				}
				if _, asked := b.call.Prompt(); asked {
					t.Error("the caller is still asked")
				}
			})
		})
	}
}

// fieldOf returns the value after a name in a line.
func fieldOf(line, name string) string {
	_, rest, _ := strings.Cut(line, " "+name)
	value, _, _ := strings.Cut(rest, " ")
	return value
}

func TestExpiryFollowsTheServersClock(t *testing.T) {
	t.Parallel()
	clock := paymentstest.NewManualClock(time.Date(2030, time.June, 30, 23, 59, 59, 0, time.UTC))
	srv := paymentstest.NewServer(t, paymentstest.WithClock(clock), paymentstest.WithCaller(paymentstest.CardCaller("4111111111111111", "0630", "123", "1")))
	client, call := newClient(t, srv), srv.NewCall()
	s, err := client.Create(t.Context(), call.SID, payments.CreateParams{StatusCallback: statusURL})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"", "invalid-date"} {
		_, err = client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: payments.CaptureExpirationDate})
		if err != nil {
			t.Fatal(err)
		}
		if err := srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		all := srv.Callbacks()
		if got := all[len(all)-1].Event.ErrorType; string(got) != want {
			t.Errorf("at %v: error %q, want %q", clock.Now(), got, want)
		}
		clock.Advance(time.Second)
	}
}
