package paymentstest_test

import (
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestKeysReplayTheFirstResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		p := noPostalCode
		p.IdempotencyKey, p.StatusCallback = "K", statusURL
		call := b.srv.NewCall()
		first, err := b.client.Create(t.Context(), call.SID, p)
		b.must(err)
		from := b.count()
		again, err := b.client.Create(t.Context(), call.SID, p)
		b.must(err)
		if *again != *first {
			t.Errorf("replayed %+v, want %+v", again, first)
		}
		if b.count() != from {
			t.Error("a replay made a callback")
		}
		requests := b.srv.Requests()
		if r := requests[len(requests)-1]; !r.Replayed || r.Committed || r.SID != first.SID || r.Attempt != 2 {
			t.Errorf("recorded %v", r)
		}
		changed := p
		changed.ChargeAmount = "49.91"
		_, err = b.client.Create(t.Context(), call.SID, changed)
		wantError(t, err, 409, 20409)
		_, err = b.client.Create(t.Context(), b.srv.NewCall().SID, p)
		wantError(t, err, 409, 20409)
		_, err = b.client.Update(t.Context(), call.SID, first.SID, payments.UpdateParams{
			StatusCallback: statusURL, IdempotencyKey: "K", Status: payments.StatusCancel})
		wantError(t, err, 409, 20409)
	})
}

func TestCompleteIsReplayedNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		b.fillCard()
		complete := payments.UpdateParams{Status: payments.StatusComplete, IdempotencyKey: "K"}
		b.must(b.try(complete))
		b.must(b.try(complete)) // although the session has ended
		if n := len(b.srv.Charges()); n != 1 {
			t.Errorf("%d charges, want 1", n)
		}
		if c := b.srv.Charges()[0]; c.IdempotencyKey != "K" {
			t.Errorf("charged with key %q, want \"K\"", c.IdempotencyKey)
		}
	})
}

func TestRefusalsLeaveNoKeyBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		complete := payments.UpdateParams{Status: payments.StatusComplete, IdempotencyKey: "K"}
		wantError(t, b.try(complete), 400, payments.CodeIncomplete)
		b.fillCard()
		b.must(b.try(complete))
	})
}

func TestKeysBelongToAnAccount(t *testing.T) {
	t.Parallel()
	const sub = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	srv := paymentstest.NewServer(t, paymentstest.WithSubaccount(sub, "token"))
	client := newClient(t, srv)
	p := payments.CreateParams{StatusCallback: statusURL, IdempotencyKey: "K"}
	if _, err := client.Create(t.Context(), callSID, p); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), otherSID, p, payments.WithAccount(sub)); err != nil {
		t.Fatal(err)
	}
	_, err := client.Create(t.Context(), callSID, payments.CreateParams{StatusCallback: statusURL}, payments.WithAccount(sub))
	wantError(t, err, 404, 20404) // the call is the other account's
}

// TestOneKeyForAll does what Twilio's demos do: the call's SID is the key of every
// request, including two captures of one field.
func TestOneKeyForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := noPostalCode
		p.IdempotencyKey = callSID
		b := newBench(t, p, paymentstest.WithAssumptions(paymentstest.Assumptions{ReuseKeys: true}))
		update := func(u payments.UpdateParams) {
			u.IdempotencyKey = callSID
			b.must(b.try(u))
		}
		for field, digits := range map[payments.Capture]string{
			payments.CapturePaymentCardNumber: "4111111111111111", payments.CaptureExpirationDate: "1299",
		} {
			update(payments.UpdateParams{Capture: field})
			b.must(b.call.Enter("1"))
			update(payments.UpdateParams{Capture: field})
			b.must(b.call.Enter(digits))
		}
		b.fill(payments.CaptureSecurityCode, "123")
		update(payments.UpdateParams{Status: payments.StatusComplete})
		update(payments.UpdateParams{Status: payments.StatusComplete})
		if n := len(b.srv.Charges()); n != 1 {
			t.Errorf("%d charges, want 1", n)
		}
	})
}
