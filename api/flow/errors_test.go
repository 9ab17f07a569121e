package flow_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestErrorsAreThoseOfPayments: what cannot be sent is
// payments.ErrInvalidParams, with field and rule, on one line.
func TestErrorsAreThoseOfPayments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		s := d.start(noPostalCode).Session()
		resume := func(account, call, sid string, opts ...flow.Option) error {
			_, err := flow.Resume(t.Context(), d.client, d.bus, account, call, sid, opts...)
			return err
		}
		wrong := noPostalCode
		wrong.ChargeAmount = "-1"
		for name, c := range map[string]struct {
			err    error
			fields []string
		}{
			"call of Start":      {startOf(t, d, "CAnope", noPostalCode), []string{"CallSid"}},
			"amount of Start":    {startOf(t, d, d.srv.NewCall().SID, wrong), []string{"ChargeAmount"}},
			"account of Resume":  {resume("AC1", s.CallSID, s.SID), []string{"AccountSid"}},
			"all SIDs of Resume": {resume("", "", ""), []string{"AccountSid", "CallSid", "Sid"}},
			"callback of Resume": {resume(s.AccountSID, s.CallSID, s.SID, flow.WithStatusCallback("status")), []string{"StatusCallback"}},
			"no field":           {captureOf(t, d.resumeWith(d.client, d.bus, s), ""), []string{"Capture"}},
			"an unknown field":   {captureOf(t, d.resumeWith(d.client, d.bus, s), "cvv"), []string{"Capture"}},
		} {
			first, ok := errors.AsType[*payments.ValidationError](c.err)
			if !errors.Is(c.err, payments.ErrInvalidParams) || !ok || first.Field != c.fields[0] {
				t.Errorf("%s: %v, want ErrInvalidParams of %s", name, c.err, c.fields[0])
				continue
			}
			for _, field := range c.fields {
				if text := c.err.Error(); !strings.Contains(text, field+" ") || strings.Contains(text, "\n") || strings.Count(text, "flow: ") > 1 {
					t.Errorf("%s: %q, want one line that names %s, and the package once", name, text, field)
				}
			}
		}
		if d.requests(paymentstest.Capture) != 0 {
			t.Error("a request was sent")
		}
		d.capture(d.resumeWith(d.client, d.bus, s)) // the failures have no effect on the session
	})
}

func startOf(t *testing.T, d *desk, call string, p payments.CreateParams) error {
	t.Helper()
	_, err := flow.Start(t.Context(), d.client, d.bus, call, p)
	return err
}

func captureOf(t *testing.T, f *flow.Flow, field payments.Capture) error {
	t.Helper()
	_, err := f.Capture(t.Context(), field)
	return err
}

// TestErrorsSayWhatHappened, in plain words, and what the step waited for.
func TestErrorsSayWhatHappened(t *testing.T) {
	t.Parallel()
	never := never
	for name, c := range map[string]struct {
		do   func(d *desk, f *flow.Flow) error
		want string
	}{
		"declined": {func(d *desk, f *flow.Flow) error {
			d.capture(f)
			d.srv.DeclineNext(paymentstest.Decline(payments.CodeChargeRejected, "insufficient_funds"))
			_, err := f.Complete(d.t.Context())
			return err
		}, "flow: the payment was declined (payment-connector-error, code 64008)"},
		"star": {func(d *desk, f *flow.Flow) error {
			d.call.AnswerWith(silent)
			time.AfterFunc(time.Second, func() { _ = d.call.Press("*") })
			return captureOf(d.t.(*testing.T), f, payments.CapturePaymentCardNumber)
		}, "flow: the caller pressed star (caller-interrupted-with-star)"},
		"no callback at all": {func(d *desk, _ *flow.Flow) error {
			d.srv.Deliver(never)
			f := d.startAnother()
			_, err := f.Capture(within(d.t, 3*time.Second), payments.CapturePaymentCardNumber)
			return err
		}, "flow: capture of payment-card-number: waited 3s for the entry; no callback of the session has arrived: does StatusCallback lead to flow.Handler?: context deadline exceeded"},
		"no callback of the request": {func(d *desk, f *flow.Flow) error {
			synctest.Wait()
			d.srv.Deliver(never)
			_, err := f.Capture(within(d.t, 3*time.Second), payments.CapturePaymentCardNumber)
			return err
		}, "flow: capture of payment-card-number: waited 3s for the entry; Twilio has posted nothing about this request; the last callback was started: context deadline exceeded"},
		"a slow caller": {func(d *desk, f *flow.Flow) error {
			d.call.AnswerWith(silent)
			time.AfterFunc(time.Second, func() { _ = d.call.Press("4") })
			_, err := f.Capture(within(d.t, 3*time.Second), payments.CapturePaymentCardNumber)
			return err
		}, "flow: capture of payment-card-number: waited 3s for the entry; the last callback was updated payment-card-number (still entering): context deadline exceeded"},
		"an unreported complete": {func(d *desk, f *flow.Flow) error {
			d.capture(f)
			d.srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Respond(http.StatusBadGateway, "")))
			_, err := f.Complete(d.t.Context())
			return err
		}, "waited 30s for the result; Twilio has posted nothing about this request; the last callback was updated security-code: no callback arrived in time"},
		"an unreported create": {func(d *desk, _ *flow.Flow) error {
			d.client = newClient(d.t, d.srv, payments.WithMaxRetries(0))
			d.srv.Inject(paymentstest.On(paymentstest.Create, 0, paymentstest.Respond(http.StatusBadGateway, "")))
			_, err := flow.Start(d.t.Context(), d.client, d.bus, d.srv.NewCall().SID, noPostalCode, flow.WithPatience(2*time.Second))
			return err
		}, "waited 2s for a callback that names the session; none has arrived for the call: does StatusCallback lead to flow.Handler?: no callback arrived in time"},
		"unknown session": {func(d *desk, f *flow.Flow) error {
			s := f.Session()
			_, err := flow.Resume(d.t.Context(), d.client, newMemory(d.t), s.AccountSID, s.CallSID, s.SID)
			return err
		}, "flow: unknown session: the bus has no record of it; to resume it anyway pass WithStatusCallback"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				err := c.do(d, d.start(noPostalCode))
				if err == nil || !strings.HasSuffix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("got  %v\nwant %s", err, c.want)
				}
				if errors.Is(err, flow.ErrOutcomeUnknown) && errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v matches the context's error", err)
				}
			})
		})
	}
}

// TestErrorsMadeByHand, as in an application's tests, have a text and a meaning.
func TestErrorsMadeByHand(t *testing.T) {
	t.Parallel()
	session := sessionNo(1)
	for _, c := range []struct {
		err    error
		is     error
		status int
		want   string
	}{
		{&flow.StartError{}, flow.ErrOutcomeUnknown, 504, "flow: the outcome is unknown"},
		{&flow.StartError{Session: session}, flow.ErrOutcomeUnknown, 504, "flow: the outcome is unknown: session " + session.SID + " was started and could not be recorded"},
		{&flow.EndedError{Result: callback.ResultCallerHungUp}, flow.ErrHungUp, 410, "flow: the caller hung up (caller-hung-up)"},
		{&flow.EndedError{}, nil, 410, "flow: the session has ended"},
		{&flow.EntryError{Capture: payments.CapturePostalCode, Type: callback.ErrorTypeInputTimeout}, nil, 422, "flow: postal-code refused: input-timeout"},
	} {
		if got := c.err.Error(); got != c.want || c.is != nil && !errors.Is(c.err, c.is) {
			t.Errorf("%T: %q, is %v: %v, want %q", c.err, got, c.is, errors.Is(c.err, c.is), c.want)
		}
		if got := flow.HTTPStatus(c.err); got != c.status {
			t.Errorf("%v: status %d, want %d", c.err, got, c.status)
		}
	}
}

// startAnother starts a session on another call.
func (d *desk) startAnother() *flow.Flow {
	d.t.Helper()
	f, err := flow.Start(d.t.Context(), d.client, d.bus, d.srv.NewCall().SID, noPostalCode)
	must(d.t, err)
	d.t.Cleanup(func() { _ = f.Close() })
	return f
}
