package paymentstest_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// wantError checks status and code of a call's error.
func wantError(t testing.TB, err error, status, code int) {
	t.Helper()
	var e *payments.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want status %d and code %d", err, status, code)
	}
	if e.Status != status || e.Code != code {
		t.Errorf("got status %d and code %d, want %d and %d", e.Status, e.Code, status, code)
	}
}

func TestCreateRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		params       payments.CreateParams
		raw          string
		opts         []paymentstest.Option
		status, code int
	}{
		{name: "three decimals of a dollar", params: payments.CreateParams{ChargeAmount: "1.005"}, status: 400, code: 64003},
		{name: "a decimal of a yen", params: payments.CreateParams{ChargeAmount: "100.5", Currency: "JPY"}, status: 400, code: 64003},
		{name: "three decimals of a dinar", params: payments.CreateParams{ChargeAmount: "1.005", Currency: "kwd"}},
		{name: "an exponent", raw: "ChargeAmount=1e2", status: 400, code: 64003},
		{name: "no such connector", params: payments.CreateParams{PaymentConnector: "b"},
			opts: []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{Connectors: []string{"Default", "a"}})}, status: 400, code: 64004},
		{name: "the default connector", opts: []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{Connectors: []string{"Default", "a"}})}},
		{name: "no default connector", opts: []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{Connectors: []string{"a"}})}, status: 400, code: 64004},
		{name: "ACH without a name", params: payments.CreateParams{PaymentMethod: payments.PaymentMethodACHDebit}, status: 400, code: 64014},
		{name: "bank account type with a card", params: payments.CreateParams{BankAccountType: payments.BankAccountTypeConsumerSavings}, status: 400, code: 64017},
		{name: "unknown card type", params: payments.CreateParams{ValidCardTypes: []payments.CardType{"visa", "unheard-of"}}, status: 400, code: 64020},
		{name: "unknown field to match", params: payments.CreateParams{RequireMatchingInputs: []payments.Capture{"bank-account-number"}}, status: 400, code: 64020},
		{name: "unknown call", opts: []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{KnownCallsOnly: true})}, status: 404, code: 20404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := paymentstest.NewServer(t, tt.opts...)
			tt.params.StatusCallback = statusURL
			if tt.raw != "" { // what another client can send
				r := createOn(srv, callSID)
				r.body += "&" + tt.raw
				if _, body, err := r.send(t, srv); err != nil || !strings.Contains(body, fmt.Sprintf(`"code":%d,`, tt.code)) {
					t.Errorf("response %s, %v", body, err)
				}
				return
			}
			_, err := newClient(t, srv).Create(t.Context(), callSID, tt.params, payments.WithoutValidation())
			if tt.status != 0 {
				wantError(t, err, tt.status, tt.code)
			} else if err != nil {
				t.Error(err)
			}
			if got := srv.Requests()[0]; got.Committed != (tt.status == 0) || got.Code != tt.code {
				t.Errorf("recorded %v", got)
			}
		})
	}
}

func TestParameter(t *testing.T) {
	t.Parallel()
	for text, status := range map[string]int{
		`{"name":"x"}`: 201, `{}`: 201, `{"flag":true,"n":1.5,"none":null}`: 201,
		`{"a":{"b":1}}`: 400, `{"a":[1]}`: 400, `[]`: 400, `null`: 400, `{'name':'x'}`: 400, `name`: 400,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			srv := paymentstest.NewServer(t)
			r := createOn(srv, callSID)
			r.body += "&Parameter=" + url.QueryEscape(text)
			resp, body, err := r.send(t, srv)
			if err != nil || resp.StatusCode != status || (status == 400) != strings.Contains(body, `"code":64020,`) {
				t.Errorf("got %v, %v: %s; want %d", resp, err, body, status)
			}
		})
	}
}

func TestKnownCalls(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithAssumptions(paymentstest.Assumptions{KnownCallsOnly: true}))
	client, call := newClient(t, srv), srv.Call(callSID)
	if srv.Call(callSID) != call || call.SID != callSID {
		t.Errorf("two calls with one SID")
	}
	if _, err := client.Create(t.Context(), callSID, payments.CreateParams{StatusCallback: statusURL}); err != nil {
		t.Error(err)
	}
	_, err := client.Create(t.Context(), otherSID, payments.CreateParams{StatusCallback: statusURL})
	wantError(t, err, 404, 20404)
}

func TestUpdateRefusals(t *testing.T) {
	t.Parallel()
	card, bank := payments.CapturePaymentCardNumber, payments.CaptureBankAccountNumber
	tests := []struct {
		name         string
		prepare      func(*bench)
		params       payments.UpdateParams
		status, code int
	}{
		{name: "neither capture nor status", status: 400, code: 64018},
		{name: "both capture and status", params: payments.UpdateParams{Capture: card, Status: payments.StatusComplete}, status: 400, code: 64018},
		{name: "complete with fields missing", prepare: func(b *bench) { b.fill(card, "4111111111111111") },
			params: payments.UpdateParams{Status: payments.StatusComplete}, status: 400, code: 64019},
		{name: "a bank field of a card", params: payments.UpdateParams{Capture: bank}, status: 400, code: 64020},
		{name: "a matcher that is not required", params: payments.UpdateParams{Capture: payments.CapturePaymentCardNumberMatcher}, status: 400, code: 64020},
		{name: "another session", prepare: func(b *bench) { b.sid = "PK00000000000000000000000000000000" },
			params: payments.UpdateParams{Capture: card}, status: 404, code: 20404},
		{name: "another call's session", prepare: func(b *bench) { b.call = b.srv.NewCall() },
			params: payments.UpdateParams{Capture: card}, status: 404, code: 20404},
		{name: "a cancelled session", prepare: func(b *bench) { b.must(b.try(payments.UpdateParams{Status: payments.StatusCancel})) },
			params: payments.UpdateParams{Capture: card}, status: 404, code: 20404},
		{name: "a completed session", prepare: func(b *bench) { b.fillCard(); b.complete() },
			params: payments.UpdateParams{Status: payments.StatusCancel}, status: 404, code: 20404},
		{name: "a call that was hung up", prepare: func(b *bench) { b.call.HangUp() },
			params: payments.UpdateParams{Capture: card}, status: 404, code: 20404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, noPostalCode)
				if tt.prepare != nil {
					tt.prepare(b)
				}
				before := b.count()
				tt.params.StatusCallback = statusURL
				_, err := b.client.Update(t.Context(), b.call.SID, b.sid, tt.params, payments.WithoutValidation())
				wantError(t, err, tt.status, tt.code)
				if b.count() != before {
					t.Error("a refused request made a callback")
				}
			})
		})
	}
}

func TestOneSessionAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		first := b.sid
		_, err := b.client.Create(t.Context(), b.call.SID, payments.CreateParams{StatusCallback: statusURL})
		wantError(t, err, 400, payments.CodeInvalidOperation)
		b.must(b.try(payments.UpdateParams{Status: payments.StatusCancel}))
		b.create(noPostalCode)
		if b.sid == first {
			t.Error("the second session has the SID of the first")
		}
		b.call.HangUp()
		_, err = b.client.Create(t.Context(), b.call.SID, payments.CreateParams{StatusCallback: statusURL})
		wantError(t, err, 400, 21220)
	})
}

func TestSessionInProgressByCallback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode, paymentstest.WithAssumptions(paymentstest.Assumptions{ReportSessionInProgress: true}))
		_, err := b.client.Create(t.Context(), b.call.SID, payments.CreateParams{StatusCallback: statusURL + "?second"})
		wantError(t, err, 400, payments.CodeInvalidOperation)
		b.wantLines(1, "second: required=payment-card-number,expiration-date,security-code error=session-in-progress")
		if err := b.srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(b.srv.Callbacks()[1].Attempts); n != 1 {
			t.Errorf("%d delivery attempts, want 1", n)
		}
	})
}

func TestCustomFinishedSessionError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode, paymentstest.WithAssumptions(paymentstest.Assumptions{FinishedSessionStatus: 400, FinishedSessionCode: 64021}))
		b.must(b.try(payments.UpdateParams{Status: payments.StatusCancel}))
		wantError(t, b.try(payments.UpdateParams{Status: payments.StatusCancel}), 400, 64021)
	})
}

func TestSessionLifetime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode, paymentstest.WithAssumptions(paymentstest.Assumptions{SessionLifetime: time.Minute}))
		time.Sleep(time.Minute - time.Second)
		b.capture(payments.CapturePaymentCardNumber) // which prolongs its life
		time.Sleep(time.Minute - time.Second)
		b.capture(payments.CaptureExpirationDate)
		time.Sleep(time.Minute)
		wantError(t, b.try(payments.UpdateParams{Capture: payments.CaptureExpirationDate}), 404, 20404)
		b.create(noPostalCode)
	})
}

func TestSessionsBelongToAnAccount(t *testing.T) {
	t.Parallel()
	const sub = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	srv := paymentstest.NewServer(t, paymentstest.WithSubaccount(sub, "token"))
	client := newClient(t, srv)
	s, err := client.Create(t.Context(), callSID, payments.CreateParams{StatusCallback: statusURL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Update(t.Context(), callSID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Status: payments.StatusCancel}, payments.WithAccount(sub))
	wantError(t, err, 404, 20404)
}
