package flow_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestHTTPStatus makes each error happen, if possible, and checks its status.
func TestHTTPStatus(t *testing.T) {
	t.Parallel()
	params := payments.CreateParams{StatusCallback: "https://pay.example.com/status", ChargeAmount: "1", PostalCode: new(false)}
	card := []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode}
	// start starts a payment on its own server, for steps that follow.
	start := func(t *testing.T, p payments.CreateParams, opts ...paymentstest.Option) (*paymentstest.Server, *flow.Flow, error) {
		t.Helper()
		srv := paymentstest.NewServer(t, append([]paymentstest.Option{paymentstest.WithCaller(paymentstest.VisaCaller()), paymentstest.AllowInvalidRequests()}, opts...)...)
		bus := newMemory(t)
		must(t, srv.Handle("https://pay.example.com/", newHandler(t, bus)))
		f, err := flow.Start(t.Context(), newClient(t, srv, payments.WithMaxRetries(0)), bus, srv.NewCall().SID, p)
		if f != nil {
			t.Cleanup(func() { _ = f.Close() })
		}
		return srv, f, err
	}
	whole := func(t *testing.T, f *flow.Flow) error {
		t.Helper()
		for _, field := range card {
			if _, err := f.Capture(t.Context(), field); err != nil {
				return err
			}
		}
		_, err := f.Complete(t.Context())
		return err
	}
	for name, tt := range map[string]struct {
		status int
		err    func(t *testing.T) error
	}{
		"nil": {200, func(t *testing.T) error {
			_, f, err := start(t, params)
			if err != nil {
				t.Fatal(err)
			}
			return whole(t, f)
		}},
		"parameters": {400, func(t *testing.T) error {
			p := params
			p.ChargeAmount = "a lot"
			_, _, err := start(t, p)
			return err
		}},
		"declined": {402, func(t *testing.T) error {
			srv, f, err := start(t, params)
			if err != nil {
				t.Fatal(err)
			}
			srv.DeclineNext(paymentstest.Decline(payments.CodeChargeRejected, ""))
			return whole(t, f)
		}},
		"second session": {409, func(t *testing.T) error {
			_, _, err := start(t, params, paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, paymentstest.Refuse(400, 64021, "already started"))))
			return err
		}},
		"incomplete": {409, func(t *testing.T) error {
			_, f, err := start(t, params)
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.Complete(t.Context())
			return err
		}},
		"hung up": {410, func(t *testing.T) error {
			_, f, err := start(t, params, paymentstest.WithCaller(func(c *paymentstest.Call, _ paymentstest.Prompt) { c.HangUp() }))
			if err != nil {
				t.Fatal(err)
			}
			return whole(t, f)
		}},
		"closed": {410, func(t *testing.T) error {
			_, f, err := start(t, params)
			if err != nil {
				t.Fatal(err)
			}
			_ = f.Close()
			return whole(t, f)
		}},
		"entry": {422, func(t *testing.T) error {
			_, f, err := start(t, params, paymentstest.WithCaller(paymentstest.CardCaller("4111111111111112", "", "", "")))
			if err != nil {
				t.Fatal(err)
			}
			return whole(t, f)
		}},
		"credentials": {502, func(t *testing.T) error {
			_, _, err := start(t, params, paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, paymentstest.Refuse(401, 20003, "Authenticate"))))
			return err
		}},
		"rate limited": {503, func(t *testing.T) error {
			_, _, err := start(t, params, paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, paymentstest.TooManyRequests(""))))
			return err
		}},
		"out of time": {504, func(t *testing.T) error {
			_, f, err := start(t, params, paymentstest.WithCaller(func(*paymentstest.Call, paymentstest.Prompt) {}))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			_, err = f.Capture(ctx, payments.CapturePaymentCardNumber)
			return err
		}},
		"unknown, for a reason that has a status too": {504, func(*testing.T) error {
			return fmt.Errorf("%w: %w", flow.ErrOutcomeUnknown, payments.ErrInvalidParams)
		}},
		"no record":    {404, func(*testing.T) error { return fmt.Errorf("resume: %w", flow.ErrNoRecord) }},
		"expired":      {410, func(*testing.T) error { return flow.ErrExpired }},
		"busy":         {409, func(*testing.T) error { return flow.ErrBusy }},
		"taken over":   {409, func(*testing.T) error { return flow.ErrTakenOver }},
		"completing":   {409, func(*testing.T) error { return flow.ErrCompleting }},
		"full":         {503, func(*testing.T) error { return flow.ErrFull }},
		"cancelled":    {504, func(*testing.T) error { return context.Canceled }},
		"someone else": {500, func(*testing.T) error { return errors.New("database is down") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.err(t)
			if got := flow.HTTPStatus(err); got != tt.status {
				t.Errorf("%v is %d, want %d", err, got, tt.status)
			}
			if err != nil {
				if got := flow.HTTPStatus(fmt.Errorf("step: %w", err)); got != tt.status {
					t.Errorf("wrapped: %v is %d, want %d", err, got, tt.status)
				}
			}
		})
	}
}
