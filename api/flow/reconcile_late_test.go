package flow_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// TestALaterCallback counts if it is a success, and otherwise changes nothing.
func TestALaterCallback(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome flow.Outcome
		posted  form
		want    error
		code    string
	}{
		"success after not charged":  {flow.NotCharged(), form{"Result": "success", "PaymentConfirmationCode": "ch_late"}, nil, "ch_late"},
		"success after declined":     {flow.Declined(""), form{"Result": "success", "PaymentConfirmationCode": "ch_late"}, nil, "ch_late"},
		"success after charged":      {flow.Charged("ch_1"), form{"Result": "success", "PaymentConfirmationCode": "ch_late"}, nil, "ch_1"},
		"declined after charged":     {flow.Charged("ch_1"), form{"Result": "payment-connector-error", "PayErrorCode": "64008"}, nil, "ch_1"},
		"declined after not charged": {flow.NotCharged(), form{"Result": "payment-connector-error", "PayErrorCode": "64008"}, flow.ErrNotCharged, ""},
		"cancelled after charged":    {flow.Charged("ch_1"), form{"Result": "transaction-cancelled"}, nil, "ch_1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, f := newUnknown(t, false)
				d.reconcile(says(c.outcome))
				must(t, d.bus.Publish(t.Context(), message(f.Session(), "later", c.posted)))
				result, err := d.resume(f).Complete(t.Context())
				if !errors.Is(err, c.want) || c.want == nil && (err != nil || result.ConfirmationCode.Reveal() != c.code) {
					t.Errorf("complete: %v, %v; want code %q, error %v", result, err, c.code, c.want)
				}
			})
		})
	}
}

// TestAGatewayThatContradictsASuccess which arrived during the lookup: the
// success counts, and a person must look.
func TestAGatewayThatContradictsASuccess(t *testing.T) {
	t.Parallel()
	for name, c := range outcomes {
		synctest.Test(t, func(t *testing.T) {
			d, f := newUnknown(t, false)
			done, err := flow.Reconcile(t.Context(), d.bus, flow.Query{}, func(ctx context.Context, s flow.OpenSession) (flow.Outcome, error) {
				return c.outcome, d.bus.Publish(ctx, message(s.Session, "success", form{"Result": "success", "PaymentConfirmationCode": "ch_2"}))
			})
			if contradicted := errors.Is(err, flow.ErrContradicted); len(done) != 1 || contradicted != (c.err != nil) || !contradicted && err != nil {
				t.Errorf("%s: %+v, %v, want error %v", name, done, err, c.err)
			}
			if result, err := d.resume(f).Complete(t.Context()); err != nil || result.ConfirmationCode.Reveal() != "ch_2" {
				t.Errorf("%s: complete: %v, %v, want ConfirmationCode ch_2", name, result, err)
			}
		})
	}
}

// TestAChargeThatContradictsACallback: during the lookup Twilio posted a
// hang-up, or a refused charge, but the gateway has the charge. It counts, also
// for flows that received the callback.
func TestAChargeThatContradictsACallback(t *testing.T) {
	t.Parallel()
	for name, posted := range map[string]form{
		"hung up":  {"Result": "caller-hung-up"},
		"declined": {"Result": "payment-connector-error", "PayErrorCode": "64008"},
	} {
		synctest.Test(t, func(t *testing.T) {
			d, f := newUnknown(t, false)
			done := d.reconcile(func(ctx context.Context, s flow.OpenSession) (flow.Outcome, error) {
				return flow.Charged("ch_2"), d.bus.Publish(ctx, message(s.Session, "other", posted))
			})
			if len(done) != 1 || !done[0].Outcome.IsCharged() {
				t.Errorf("%s: %+v, want one charge", name, done)
			}
			if result, err := d.resume(f).Complete(t.Context()); err != nil || result.ConfirmationCode.Reveal() != "ch_2" {
				t.Errorf("%s: complete: %v, %v, want ConfirmationCode ch_2", name, result, err)
			}
		})
	}
}
