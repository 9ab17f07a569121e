package paymentstest_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/generated/contract"
	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// TestCallbackShape compares names with the payloads captured from the live
// service, and every callback with the contract.
func TestCallbackShape(t *testing.T) {
	t.Parallel()
	j, err := validator.New(contract.JSON())
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		p := noPostalCode
		p.PaymentConnector = "PGP_MOCK"
		b := newBench(t, p)
		b.fillCard()
		b.complete()
		all := b.srv.Callbacks()
		for _, c := range all {
			if err := j.Callback(c.Event.Raw()); err != nil {
				t.Errorf("callback %d: %v", c.Number, err)
			}
		}
		names := func(i int) string {
			return strings.Join(slices.Sorted(maps.Keys(all[i].Event.Raw())), " ")
		}
		last := len(all) - 1
		for i, want := range map[int]string{
			0: "AccountSid CallSid ChargeAmount DateCreated PaymentConnector PaymentMethod Sid",
			1: "AccountSid CallSid Capture ChargeAmount DateCreated DateUpdated PartialResult PaymentConnector PaymentMethod Required Sid",
			last: "AccountSid CallSid DateUpdated ExpirationDate PaymentCardNumber PaymentCardType PaymentConfirmationCode " +
				"PaymentMethod PaymentToken ProfileId Result SecurityCode Sid",
		} {
			if diff := cmp.Diff(want, names(i)); diff != "" {
				t.Errorf("callback %d (-want +got):\n%s", i, diff)
			}
		}
		start := all[0].Event
		if got := start.Raw().Get("DateCreated"); got != "2000-01-01T00:00:00.000Z" {
			t.Errorf("DateCreated %s, want 2000-01-01T00:00:00.000Z", got)
		}
		if start.PaymentConnector.Reveal() != "PGP_MOCK" || start.ChargeAmount != "49.90" || start.PaymentMethod != "credit-card" ||
			start.AccountSID != b.srv.AccountSID() || start.CallSID != b.call.SID || start.SID != b.sid {
			t.Errorf("start %v", start.Raw())
		}
		for i := 2; i < len(all); i++ {
			if !all[i].Event.DateUpdated.After(all[i-1].Event.DateUpdated.Time) {
				t.Errorf("callback %d is not dated after the one before", i)
			}
		}
	})
}

func TestResponsesKeepTheContract(t *testing.T) {
	t.Parallel()
	j, err := validator.New(contract.JSON())
	if err != nil {
		t.Fatal(err)
	}
	srv := paymentstest.NewServer(t, paymentstest.AllowInvalidRequests())
	ask := func(operation string, r raw, status int) string {
		t.Helper()
		resp, body, err := r.send(t, srv)
		if err != nil || resp.StatusCode != status {
			t.Fatalf("%v, %v; want status %d", resp, err, status)
		}
		if err := j.Response(operation, resp.StatusCode, resp.Header, []byte(body)); err != nil {
			t.Errorf("%s, %d: %v", operation, status, err)
		}
		return body
	}
	create := createOn(srv, callSID)
	var session struct{ SID string }
	if err := json.Unmarshal([]byte(ask("CreatePayments", create, 201)), &session); err != nil {
		t.Fatal(err)
	}
	update := create
	update.path = strings.Replace(create.path, "Payments.json", "Payments/"+session.SID+".json", 1)
	update.body = "IdempotencyKey=2&StatusCallback=https%3A%2F%2Fpay.example.com%2F"
	ask("UpdatePayments", update, 400)
	update.body += "&Capture=payment-card-number"
	ask("UpdatePayments", update, 202)
	create.password = "wrong"
	ask("CreatePayments", create, 401)
	create.body = "x"
	ask("CreatePayments", create, 400)
}

func TestLongBody(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t)
	r := createOn(srv, callSID)
	r.body += "&Description=" + strings.Repeat("a", 1<<20)
	resp, _, err := r.send(t, srv)
	if err != nil || resp.StatusCode != 413 {
		t.Errorf("got %v, %v; want 413", resp, err)
	}
}

func TestResponseShape(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		time.Sleep(time.Hour)
		s, err := b.client.Update(t.Context(), b.call.SID, b.sid, payments.UpdateParams{StatusCallback: statusURL, Capture: payments.CapturePaymentCardNumber})
		if err != nil {
			t.Fatal(err)
		}
		want := "/2010-04-01/Accounts/" + b.srv.AccountSID() + "/Calls/" + b.call.SID + "/Payments/" + b.sid + ".json"
		if s.SID != b.sid || s.CallSID != b.call.SID || s.AccountSID != b.srv.AccountSID() || s.URI != want {
			t.Errorf("session %+v", s)
		}
		if took := s.DateUpdated.Sub(s.DateCreated.Time); took != time.Hour {
			t.Errorf("updated %v after it was created, want an hour", took)
		}
	})
}
