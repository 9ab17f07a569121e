package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func nothing(string) string { return "" }

func TestDemoTellsTwoPayments(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := run(t.Context(), nil, nothing, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// live runs the program as it runs with Twilio, against a simulated one.
func live(t *testing.T, srv *paymentstest.Server, args ...string) (string, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close() // the program listens there next
	env := map[string]string{"TWILIO_ACCOUNT_SID": srv.AccountSID(), "TWILIO_AUTH_TOKEN": srv.AuthToken()}
	var out bytes.Buffer
	args = append([]string{
		"-base-url", srv.URL, "-call", srv.NewCall().SID, "-listen", addr, "-callback", "http://" + addr + "/status?shop=1",
	}, args...)
	err = run(t.Context(), args, func(name string) string { return env[name] }, &out)
	return out.String(), err
}

func TestTakesAPayment(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	out, err := live(t, srv, "-amount", "7.50", "-currency", "EUR")
	if err != nil {
		t.Fatal(err)
	}
	charges := srv.Charges()
	if len(charges) != 1 || charges[0].Amount != "7.50" || charges[0].Currency != "EUR" {
		t.Fatalf("charges %+v", charges)
	}
	if !strings.Contains(out, "charged, confirmation code "+charges[0].ConfirmationCode) {
		t.Errorf("output:\n%s", out)
	}
}

func TestGivesUpWhenTheCallerDoes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		caller paymentstest.Caller
		want   string // of the error
		last   paymentstest.Operation
	}{
		{"wrong number again and again", paymentstest.CardCaller("4111111111111112", "1299", "123", ""), "did not enter the card number", paymentstest.Cancel},
		{"hang-up", func(c *paymentstest.Call, _ paymentstest.Prompt) { c.HangUp() }, "caller-hung-up", paymentstest.Capture},
		{"silence", func(*paymentstest.Call, paymentstest.Prompt) {}, "no callback for 50ms", paymentstest.Cancel},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := paymentstest.NewServer(t, paymentstest.WithCaller(tt.caller))
			args := []string{}
			if tt.name == "silence" {
				args = append(args, "-wait", "50ms")
			}
			out, err := live(t, srv, args...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q; output:\n%s", err, tt.want, out)
			}
			requests := srv.Requests()
			if last := requests[len(requests)-1]; last.Operation != tt.last || last.Status != 202 {
				t.Errorf("the last request was %v", last)
			}
		})
	}
}

func TestDeclineIsAnError(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	srv.DeclineNext(paymentstest.Decline(payments.CodeCardRejected, "stolen_card"))
	if _, err := live(t, srv); !errors.Is(err, payments.ErrDeclined) {
		t.Errorf("error %v, want a decline", err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	account := map[string]string{"TWILIO_ACCOUNT_SID": paymentstest.DefaultAccountSID, "TWILIO_AUTH_TOKEN": "token"}
	tests := []struct {
		name string
		args []string
		env  map[string]string
		want string
	}{
		{"no token", nil, map[string]string{"TWILIO_ACCOUNT_SID": paymentstest.DefaultAccountSID}, "TWILIO_AUTH_TOKEN is needed"},
		{"no call", nil, account, "-call is needed"},
		{"no callback", []string{"-call", "CA1"}, account, "-callback is needed"},
		{"call without account", []string{"-call", "CA1"}, nil, "need TWILIO_ACCOUNT_SID"},
		{"amount", []string{"-amount", "1e3"}, nil, "-amount must be decimal text"},
		{"argument", []string{"now"}, nil, "unexpected argument"},
		{"call of the wrong form", []string{"-call", "CA1", "-callback", "https://pay.example.com/", "-listen", "127.0.0.1:0"}, account, "CallSid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := run(context.Background(), tt.args, func(name string) string { return tt.env[name] }, &out)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
