package paymentstest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// askedFor creates a session that accepts every kind of card, and requires two
// fields twice.
func askedFor(t *testing.T, method payments.PaymentMethod) (*paymentstest.Server, *paymentstest.Call, func(payments.Capture)) {
	t.Helper()
	srv := paymentstest.NewServer(t)
	call, client := srv.NewCall(), newClient(t, srv)
	p := payments.CreateParams{
		StatusCallback: statusURL, PaymentMethod: method, MinPostalCodeLength: 3,
		ValidCardTypes: wire.SpaceList[payments.CardType]{
			payments.CardTypeVisa, payments.CardTypeMastercard, payments.CardTypeAmex, payments.CardTypeDiscover,
			payments.CardTypeDinersClub, payments.CardTypeJCB, payments.CardTypeMaestro, payments.CardTypeEnroute,
		},
	}
	if method == payments.PaymentMethodACHDebit {
		p = payments.CreateParams{StatusCallback: statusURL, PaymentMethod: method, Parameter: wire.NewParameters(map[string]string{"AVSName": "A"})}
	} else {
		p.RequireMatchingInputs = wire.CommaList[payments.Capture]{payments.CapturePaymentCardNumber, payments.CaptureSecurityCode}
	}
	s, err := client.Create(t.Context(), call.SID, p)
	if err != nil {
		t.Fatal(err)
	}
	return srv, call, func(c payments.Capture) {
		t.Helper()
		if _, err := client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: c}); err != nil {
			t.Fatal(err)
		}
	}
}

func lastEvent(srv *paymentstest.Server) callback.Event {
	all := srv.Callbacks()
	return all[len(all)-1].Event
}

// TestTypeByName types every test card for every field of its method, which is
// accepted, and every mistake, which is refused with its error.
func TestTypeByName(t *testing.T) {
	t.Parallel()
	refusals := map[string]map[payments.Capture]callback.ErrorType{
		"check-digit":   {payments.CapturePaymentCardNumber: callback.ErrorTypeInvalidCardNumber, payments.CaptureBankRoutingNumber: callback.ErrorTypeInvalidBankRoutingNumber},
		"unknown-brand": {payments.CapturePaymentCardNumber: callback.ErrorTypeInvalidCardNumber},
		"too-long":      {payments.CapturePaymentCardNumber: callback.ErrorTypeInvalidCardNumber, payments.CaptureBankAccountNumber: callback.ErrorTypeInvalidBankAccountNumber},
		"too-short": {
			payments.CapturePaymentCardNumber: callback.ErrorTypeInvalidCardNumber, payments.CaptureExpirationDate: callback.ErrorTypeInvalidDate,
			payments.CaptureSecurityCode: callback.ErrorTypeInvalidSecurityCode, payments.CapturePostalCode: callback.ErrorTypeInvalidPostalCode,
			payments.CaptureBankAccountNumber: callback.ErrorTypeInvalidBankAccountNumber, payments.CaptureBankRoutingNumber: callback.ErrorTypeInvalidBankRoutingNumber,
		},
		"expired":  {payments.CaptureExpirationDate: callback.ErrorTypeInvalidDate},
		"no-month": {payments.CaptureExpirationDate: callback.ErrorTypeInvalidDate},
	}
	fields := map[payments.PaymentMethod][]payments.Capture{
		payments.PaymentMethodCreditCard: {payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode, payments.CapturePostalCode},
		payments.PaymentMethodACHDebit:   {payments.CaptureBankRoutingNumber, payments.CaptureBankAccountNumber},
	}
	for method, captures := range fields {
		t.Run(string(method), func(t *testing.T) {
			t.Parallel()
			srv, call, ask := askedFor(t, method)
			typeIt := func(name string, c payments.Capture, want callback.ErrorType) {
				t.Helper()
				ask(c)
				if err := call.Type(name); err != nil {
					t.Fatal(err)
				}
				if e := lastEvent(srv); e.ErrorType != want || e.Partial() {
					t.Errorf("%s for %s: error type %q, partial %v, want %q", name, c, e.ErrorType, e.Partial(), want)
				}
			}
			for _, card := range paymentstest.TestCards() {
				if card.Method != method {
					continue
				}
				for _, c := range captures {
					typeIt(card.Name, c, "")
				}
			}
			for _, c := range captures {
				typeIt("good", c, "")
			}
			for _, m := range paymentstest.Mistakes() {
				for _, c := range m.Captures {
					if slices.Contains(captures, c) {
						typeIt("good", captures[0], "") // a code needs a card
						typeIt(m.Name, c, refusals[m.Name][c])
					}
				}
			}
		})
	}
}

// TestMatchersByName types "other", which differs from what was captured, and
// security codes, which have the length that the card requires.
func TestMatchersByName(t *testing.T) {
	t.Parallel()
	srv, call, ask := askedFor(t, payments.PaymentMethodCreditCard)
	for _, step := range []struct {
		capture payments.Capture
		name    string
		want    callback.ErrorType
	}{
		{payments.CapturePaymentCardNumber, "amex", ""},
		{payments.CapturePaymentCardNumberMatcher, "visa", callback.ErrorTypeInputMatchingFailed},
		{payments.CapturePaymentCardNumberMatcher, "amex", ""},
		{payments.CaptureSecurityCode, "good", ""},
		{payments.CaptureSecurityCodeMatcher, "other", callback.ErrorTypeInputMatchingFailed},
		{payments.CaptureSecurityCodeMatcher, "amex", ""},
	} {
		ask(step.capture)
		if err := call.Type(step.name); err != nil {
			t.Fatal(err)
		}
		if e := lastEvent(srv); e.ErrorType != step.want || e.Partial() {
			t.Errorf("%s for %s: error type %q, partial %v, want %q", step.name, step.capture, e.ErrorType, e.Partial(), step.want)
		}
	}
}

func TestTypeErrors(t *testing.T) {
	t.Parallel()
	_, call, ask := askedFor(t, payments.PaymentMethodCreditCard)
	if err := call.Type("visa"); !errors.Is(err, paymentstest.ErrNotAsked) {
		t.Errorf("before anything is asked: %v, want paymentstest.ErrNotAsked", err)
	}
	ask(payments.CaptureExpirationDate)
	if err := call.Type("check-digit"); err == nil || !strings.Contains(err.Error(), `"check-digit" for expiration-date: it can be one of good, visa, `) {
		t.Errorf("a mistake of another field: %v", err)
	}
	if err := call.TypeFirst(0, "visa"); err == nil {
		t.Error("TypeFirst accepts zero digits")
	}
	if err := call.TypeFirst(3, "visa"); err != nil {
		t.Error(err)
	}
	if p, asked := call.Prompt(); !asked || p.Capture != payments.CaptureExpirationDate {
		t.Error("the entry ended before its last digit")
	}
	call.HangUp()
	if err := call.Type("visa"); !errors.Is(err, paymentstest.ErrCallEnded) {
		t.Errorf("after hanging up: %v, want paymentstest.ErrCallEnded", err)
	}
}

// TestTypingSlowly expects one key for each pause, until something else is asked or
// the context ends.
func TestTypingSlowly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory())
		call, client := srv.NewCall(), newClient(t, srv)
		s, err := client.Create(t.Context(), call.SID, payments.CreateParams{StatusCallback: statusURL})
		if err != nil {
			t.Fatal(err)
		}
		ask := func(c payments.Capture) {
			t.Helper()
			if _, err := client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: c}); err != nil {
				t.Fatal(err)
			}
		}
		ask(payments.CaptureExpirationDate)
		began := time.Now()
		if err := call.TypeSlowly(t.Context(), "good", time.Second); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 5*time.Second || lastEvent(srv).Partial() { // # is too late to be pressed
			t.Errorf("four digits took %v, partial %v", took, lastEvent(srv).Partial())
		}
		ask(payments.CapturePaymentCardNumber)
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		if err := call.TypeSlowly(ctx, "visa", time.Second); err != nil || !lastEvent(srv).Partial() {
			t.Errorf("after the context ended: %v, %v, want Partial", err, lastEvent(srv))
		}
	})
}
