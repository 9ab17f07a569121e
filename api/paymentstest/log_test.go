package paymentstest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestUndeliveredCallbacksAreExplained runs a payment with a handler that is missing,
// or has another token, and reads the notes in the test's log.
func TestUndeliveredCallbacksAreExplained(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		base    string // of the handler; empty for none
		token   string // empty: the server's
		want    []string
		without string
	}{
		{name: "no handler", want: []string{
			`callback 1 to https://pay.example.com/status was not delivered, because its host has no handler: call srv.Handle("https://pay.example.com/", handler)`,
			`callback 2 to https://other.example.com/status was not delivered, because its host has no handler: call srv.Handle("https://other.example.com/", handler)`}},
		{name: "handler of another path", base: "https://pay.example.com/elsewhere", want: []string{"callback 1 to https://pay.example.com/status", "callback 2 to https://other.example.com/status"}},
		{name: "another token", base: "https://pay.example.com/", token: "another", want: []string{
			"callback 1 to https://pay.example.com/status was refused with 403: was the handler given srv.AuthToken()", "callback 2 to https://other.example.com/status was not delivered"}},
		{name: "all is well", base: "https://pay.example.com/", want: []string{"callback 2 to https://other.example.com/status was not delivered"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tb := &fakeTB{TB: t}
			srv := paymentstest.NewServer(tb, paymentstest.InMemory())
			if tt.base != "" {
				token := tt.token
				if token == "" {
					token = srv.AuthToken()
				}
				if err := srv.Handle(tt.base, (&receiver{}).handler(t, token)); err != nil {
					t.Fatal(err)
				}
			}
			client := newClient(t, srv)
			s, err := client.Create(t.Context(), callSID, payments.CreateParams{StatusCallback: statusURL + "?secret=marked"})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 6 {
				to := statusURL
				if i%2 == 0 {
					to = "https://other.example.com/status"
				}
				if _, err := client.Update(t.Context(), callSID, s.SID, payments.UpdateParams{StatusCallback: to, Capture: payments.CaptureExpirationDate}); err != nil {
					t.Fatal(err)
				}
				if err := srv.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			tb.cleanup()
			if len(tb.errors) > 0 {
				t.Errorf("the test fails: %q", tb.errors)
			}
			if len(tb.notes) != len(tt.want) {
				t.Fatalf("notes %q, want %d lines", tb.notes, len(tt.want))
			}
			for i, want := range tt.want {
				if !strings.Contains(tb.notes[i], want) || strings.Contains(tb.notes[i], "marked") {
					t.Errorf("note %q, want %q", tb.notes[i], want)
				}
			}
		})
	}
}

// TestHandMadeIsNoMistake: a hand-made callback that is refused, as it should be, is
// not taken for a mistake, and does not keep a real mistake from being explained.
func TestHandMadeIsNoMistake(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{TB: t}
	srv := paymentstest.NewServer(tb, paymentstest.InMemory())
	if err := srv.Handle("https://pay.example.com/", (&receiver{}).handler(t, "another")); err != nil {
		t.Fatal(err)
	}
	made := paymentstest.HandMade{URL: statusURL, Sign: paymentstest.SignWrongly, Form: url.Values{"AccountSid": {srv.AccountSID()}, "CallSid": {callSID}}}
	if a, err := srv.Send(t.Context(), made); err != nil || a.Status != http.StatusForbidden {
		t.Fatalf("status %d, %v; want 403", a.Status, err)
	}
	if _, err := newClient(t, srv).Create(t.Context(), callSID, payments.CreateParams{StatusCallback: statusURL}); err != nil {
		t.Fatal(err)
	}
	if err := srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	tb.cleanup()
	if len(tb.notes) != 1 || !strings.Contains(tb.notes[0], "callback 1 to https://pay.example.com/status was refused with 403") {
		t.Errorf("notes %q, want one about callback 1", tb.notes)
	}
}

// TestWaitErrors expects the error of a wait to name what it waited for, and what
// there was instead.
func TestWaitErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before func(b *bench)
		want   string
	}{
		"nothing":       {func(*bench) {}, "but for nothing"},
		"another field": {func(b *bench) { b.capture(payments.CaptureExpirationDate) }, "but for expiration-date"},
		"confirmation":  {func(b *bench) { b.fillCard(); b.complete() }, "but to confirm"},
		"hung up":       {func(b *bench) { b.call.HangUp() }, "but has hung up"},
		"cancelled": {func(b *bench) { b.must(b.try(payments.UpdateParams{Status: payments.StatusCancel})) },
			"but the payment session has ended with transaction-cancelled"},
		"declined": {func(b *bench) {
			b.srv.DeclineNext(paymentstest.Decline(payments.CodeChargeRejected, ""))
			b.fillCard()
			b.complete()
			b.must(b.call.Press("1"))
		}, "but the payment session has ended with payment-connector-error, code 64008"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := noPostalCode
				p.Confirmation = payments.ConfirmationTrue
				b := newBench(t, p)
				tt.before(b)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := b.call.Await(ctx, payments.CaptureSecurityCode)
				if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the caller is not asked for security-code, "+tt.want) {
					t.Errorf("error %v, want %q", err, tt.want)
				}
			})
		})
	}
	t.Run("callbacks", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, noPostalCode)
			b.must(b.srv.Wait(t.Context()))
			b.must(b.srv.Handle("https://pay.example.com/", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			})))
			b.capture(payments.CaptureExpirationDate)
			b.must(b.call.Press("12"))
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := b.srv.Wait(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "3 callbacks are not delivered, the first of them number 2 to https://pay.example.com/") {
				t.Errorf("error %v, want context.DeadlineExceeded", err)
			}
		})
	})
}
