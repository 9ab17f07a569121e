package flow_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestAPaymentFromStartToCharge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		card, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber)
		must(t, err)
		if card.Entered != "xxxxxxxxxxxx1111" || card.CardType != payments.CardTypeVisa || card.Ready || len(card.Missing) != 2 {
			t.Errorf("card %+v, want Entered xxxxxxxxxxxx1111, CardType payments.CardTypeVisa, not Ready, 2 Missing", card)
		}
		d.capture(f, payments.CaptureExpirationDate)
		code, err := f.Capture(t.Context(), payments.CaptureSecurityCode)
		must(t, err)
		if code.Entered != "xxx" || !code.Ready {
			t.Errorf("security code %+v, want Entered xxx, Ready", code)
		}
		result, err := f.Complete(t.Context())
		must(t, err)
		charges := d.srv.Charges()
		if len(charges) != 1 || result.ConfirmationCode.Reveal() != charges[0].ConfirmationCode || charges[0].Amount != "49.90" {
			t.Fatalf("result %q, charges %+v, want one charge with that code", result.ConfirmationCode.Reveal(), charges)
		}
		if result.Token.Reveal() != "" || result.TokenWithheld || result.CardNumber.Reveal() != "xxxxxxxxxxxx1111" || result.Session != f.Session() {
			t.Errorf("result %+v", result)
		}
		again, err := f.Complete(t.Context())
		must(t, err)
		if again.ConfirmationCode.Reveal() != result.ConfirmationCode.Reveal() || d.requests(paymentstest.Complete) != 1 {
			t.Error("a second Complete did not return the same result without a request")
		}
	})
}

func TestAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(payments.CreateParams{PostalCode: new(false), StatusCallback: statusURL})
		d.capture(f)
		result, err := f.Complete(t.Context())
		must(t, err)
		tokens := d.srv.Tokens()
		if len(tokens) != 1 || result.Token.Reveal() != tokens[0].Token || result.ProfileID.Reveal() != tokens[0].ProfileID || result.ConfirmationCode.Reveal() != "" {
			t.Errorf("the result does not have the token")
		}
		for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", result, *result, result, *result), jsonOf(t, result)} {
			if strings.Contains(text, result.Token.Reveal()) || strings.Contains(text, result.ProfileID.Reveal()) || !strings.Contains(text, f.Session().SID) {
				t.Errorf("printed as %s", text)
			}
		}
	})
}

func TestABankAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(paymentstest.ACHCaller()))
		f := d.start(payments.CreateParams{
			ChargeAmount: "10", PaymentMethod: payments.PaymentMethodACHDebit, StatusCallback: statusURL,
			Parameter: wire.NewParameters(map[string]string{"AVSName": "Ada Lovelace"}),
		})
		d.capture(f, payments.CaptureBankRoutingNumber)
		account, err := f.Capture(t.Context(), payments.CaptureBankAccountNumber)
		must(t, err)
		if account.Entered != "*******89" {
			t.Errorf("account %q, want \"*******89\"", account.Entered)
		}
		_, err = f.Complete(t.Context())
		must(t, err)
		if len(d.srv.Charges()) != 1 {
			t.Errorf("%d charges, want 1", len(d.srv.Charges()))
		}
	})
}

// TestFieldsEnteredTwice captures fields and their matchers.
func TestFieldsEnteredTwice(t *testing.T) {
	t.Parallel()
	for _, hidden := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var opts []paymentstest.Option
			if hidden {
				opts = append(opts, paymentstest.WithAssumptions(paymentstest.Assumptions{HideMatchers: true}))
			}
			d := newDesk(t, opts...)
			p := noPostalCode
			p.SecurityCode = new(false)
			p.RequireMatchingInputs = []payments.Capture{payments.CaptureExpirationDate}
			f := d.start(p)
			d.capture(f, payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureExpirationDateMatcher)
			_, err := f.Complete(t.Context())
			must(t, err)
		})
	}
}

// TestTheCallbackURL shows how a flow changes StatusCallback: it adds a
// parameter with call, start and request, and keeps the rest.
func TestTheCallbackURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://pay.example.com/status":                   "https://pay.example.com/status?twiliopay=",
		"https://pay.example.com/status?shop=7":            "https://pay.example.com/status?shop=7&twiliopay=",
		"https://pay.example.com/status?":                  "https://pay.example.com/status?twiliopay=",
		"https://pay.example.com/it's?a=%2F+b&c=é#rc=2&rp": "https://pay.example.com/it's?a=%2F+b&c=é&twiliopay=",
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t)
			p := noPostalCode
			p.StatusCallback = given
			f := d.start(p)
			d.capture(f)
			_, err := f.Complete(t.Context())
			must(t, err)
			var steps []string
			for _, r := range d.srv.Requests() {
				url := r.Form.Get("StatusCallback")
				url, fragment, _ := strings.Cut(url, "#")
				if _, wantFragment, _ := strings.Cut(given, "#"); !strings.HasPrefix(url, want+d.call.SID+".") || fragment != wantFragment {
					t.Errorf("StatusCallback %s", url)
				}
				parts := strings.Split(url, ".") // call, step and flow
				steps = append(steps, parts[len(parts)-2])
			}
			if diff := cmp.Diff([]string{"0", "1", "2", "3", "4"}, steps); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestParentLegs shows that a flow recognizes its callbacks although they name
// a different call than the one it was started on.
func TestParentLegs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const parent = "CAffffffffffffffffffffffffffffffff"
		d := newDesk(t)
		f := d.start(noPostalCode)
		tag := d.srv.Requests()[0].Form.Get("StatusCallback")
		s := f.Session()
		deliver(t, newHandler(t, d.bus), tag, form{"AccountSid": s.AccountSID, "CallSid": parent, "Sid": s.SID, "Result": "caller-hung-up"})
		if _, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber); !errors.Is(err, flow.ErrHungUp) {
			t.Errorf("capture: %v, want ErrHungUp", err)
		}
	})
}
