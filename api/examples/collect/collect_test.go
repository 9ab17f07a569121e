package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestMain lets tests run this program as a user would.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_COLLECT") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// clean removes the machine's settings from the environment.
func clean(t *testing.T) {
	t.Helper()
	for _, name := range []string{"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_BASE_URL", "TWILIO_REGION", "TWILIO_EDGE", "ADDR", "PUBLIC_URL"} {
		t.Setenv(name, "")
	}
}

func TestDemo(t *testing.T) {
	clean(t)
	want, err := os.ReadFile("testdata/demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := run(t.Context(), nil, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// live runs the program as with the real Twilio, but against a simulated one. Its
// address and public URL come from the environment.
func live(t *testing.T, srv *paymentstest.Server, args ...string) (string, error) {
	t.Helper()
	t.Setenv("TWILIO_ACCOUNT_SID", srv.AccountSID())
	t.Setenv("TWILIO_AUTH_TOKEN", srv.AuthToken())
	t.Setenv("TWILIO_BASE_URL", srv.URL)
	var out bytes.Buffer
	err := run(t.Context(), append([]string{"-call", srv.NewCall().SID}, args...), &out)
	return out.String(), err
}

func TestTakesAPayment(t *testing.T) {
	srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	clean(t)
	out, err := live(t, srv, "-addr", "127.0.0.1:0", "-amount", "7.50", "-currency", "EUR")
	if err != nil {
		t.Fatal(err)
	}
	charges := srv.Charges()
	if len(charges) != 1 || charges[0].Amount != "7.50" || charges[0].Currency != "EUR" {
		t.Fatalf("charges %+v", charges)
	}
	if !strings.Contains(out, "Charged, confirmation code "+charges[0].ConfirmationCode) {
		t.Errorf("output:\n%s", out)
	}
}

// TestBehindProxy: callbacks arrive under another host than they are sent to.
func TestBehindProxy(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close() // frees the port for the program
	srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: addr}) // and so the Host header
	}}
	if err := srv.Handle("https://pay.example.com/", proxy); err != nil {
		t.Fatal(err)
	}
	clean(t)
	t.Setenv("ADDR", addr)
	t.Setenv("PUBLIC_URL", "https://pay.example.com")
	if out, err := live(t, srv); err != nil || len(srv.Charges()) != 1 {
		t.Errorf("%v; output:\n%s", err, out)
	}
}

// newDesk returns a desk in a synctest bubble.
func newDesk(t *testing.T, opts ...paymentstest.Option) (*desk, *paymentstest.Server, *bytes.Buffer) {
	t.Helper()
	srv := paymentstest.NewServer(t, append([]paymentstest.Option{paymentstest.InMemory(), paymentstest.WithCaller(paymentstest.VisaCaller())}, opts...)...)
	client, err := payments.NewClient(srv.ClientOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	bus, err := flow.NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() })
	handler, err := flow.Handler(bus, callback.WithAuthTokens(srv.AuthToken()), callback.WithPublicURL("https://pay.example.com"))
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Handle("https://pay.example.com/", handler); err != nil {
		t.Fatal(err)
	}
	out := new(bytes.Buffer)
	return &desk{client: client, bus: bus, wait: 2 * time.Minute, printer: printer{out: out}}, srv, out
}

// pay takes a payment of 49.90 on a new call.
func (d *desk) pay(ctx context.Context, srv *paymentstest.Server) error {
	s := settings{amount: "49.90", currency: "USD"}
	return d.take(ctx, srv.NewCall().SID, s.params("https://pay.example.com/status"))
}

// sent counts the requests of an operation.
func sent(srv *paymentstest.Server, op paymentstest.Operation) (n int) {
	for _, r := range srv.Requests() {
		if r.Operation == op {
			n++
		}
	}
	return n
}

// TestLostResponseToComplete: the card is charged although the response is lost. If a
// callback arrives, the program reports the charge; otherwise it does not claim that
// nothing was charged.
func TestLostResponseToComplete(t *testing.T) {
	t.Parallel()
	last := func(c paymentstest.Callback) bool { return c.Event.Kind == callback.Completed }
	for name, tt := range map[string]struct {
		fault   paymentstest.Fault
		deliver func(paymentstest.Callback) paymentstest.Delivery
		want    error
	}{
		"reset":       {fault: paymentstest.Reset().AfterCommit()},
		"500":         {fault: paymentstest.Refuse(500, 20500, "Internal Server Error").AfterCommit()},
		"half a body": {fault: paymentstest.HalfBody()},
		"no response": {fault: paymentstest.NeverAnswer().AfterCommit()},
		"callback late": {fault: paymentstest.Reset().AfterCommit(), deliver: func(c paymentstest.Callback) paymentstest.Delivery {
			if last(c) {
				return paymentstest.Late(time.Minute)
			}
			return paymentstest.Once()
		}},
		"callback lost too": {fault: paymentstest.Reset().AfterCommit(), want: flow.ErrOutcomeUnknown, deliver: func(c paymentstest.Callback) paymentstest.Delivery {
			if last(c) {
				return paymentstest.Never()
			}
			return paymentstest.Once()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, srv, out := newDesk(t, paymentstest.WithFaults(paymentstest.On(paymentstest.Complete, 0, tt.fault)))
				srv.Deliver(tt.deliver)
				err := d.pay(t.Context(), srv)
				if !errors.Is(err, tt.want) {
					t.Errorf("error %v, want %v", err, tt.want)
				}
				if n, completes := len(srv.Charges()), sent(srv, paymentstest.Complete); n != 1 || completes != 1 {
					t.Errorf("%d charges by %d requests, want one by one", n, completes)
				}
				if charged := strings.Contains(out.String(), "Charged, confirmation code "+srv.Charges()[0].ConfirmationCode); charged != (tt.want == nil) {
					t.Errorf("output:\n%s", out)
				}
				if tt.want != nil && !strings.Contains(err.Error(), "ask the gateway before you charge again") {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		caller paymentstest.Caller
		want   string
		is     error
		last   paymentstest.Operation
	}{
		"wrong number again and again": {paymentstest.CardCaller("4111111111111112", "1299", "123", ""), "did not enter the card number in 3 tries", nil, paymentstest.Cancel},
		"hang-up":                      {func(c *paymentstest.Call, _ paymentstest.Prompt) { c.HangUp() }, "did not enter the card number", flow.ErrHungUp, paymentstest.Capture},
		"star":                         {func(c *paymentstest.Call, _ paymentstest.Prompt) { _ = c.Star() }, "did not enter the card number", flow.ErrStar, paymentstest.Capture},
		"silence":                      {func(*paymentstest.Call, paymentstest.Prompt) {}, "did not enter the card number", context.DeadlineExceeded, paymentstest.Cancel},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, srv, out := newDesk(t, paymentstest.WithCaller(tt.caller))
				err := d.pay(t.Context(), srv)
				if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("error %v, want %q; output:\n%s", err, tt.want, out)
				}
				requests := srv.Requests()
				if last := requests[len(requests)-1]; last.Operation != tt.last || last.Status != 202 {
					t.Errorf("the last request was %v", last)
				}
			})
		})
	}
}

func TestDeclineIsAnError(t *testing.T) {
	srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	srv.DeclineNext(paymentstest.Decline(payments.CodeCardRejected, "stolen_card"))
	clean(t)
	t.Setenv("ADDR", "127.0.0.1:0")
	if _, err := live(t, srv); !errors.Is(err, payments.ErrDeclined) {
		t.Errorf("error %v, want a decline", err)
	}
}

func TestSettings(t *testing.T) {
	account := map[string]string{"TWILIO_ACCOUNT_SID": paymentstest.DefaultAccountSID, "TWILIO_AUTH_TOKEN": "token"}
	public := []string{"-public-url", "https://pay.example.com", "-addr", "127.0.0.1:0", "-call", "CA1"}
	for _, tt := range []struct {
		name string
		args []string
		env  map[string]string
		want string
	}{
		{"no token", public, map[string]string{"TWILIO_ACCOUNT_SID": paymentstest.DefaultAccountSID}, "TWILIO_AUTH_TOKEN"},
		{"no call", nil, account, "-call is required"},
		{"no public URL", []string{"-call", "CA1"}, account, "-public-url is required"},
		{"call without account", []string{"-call", "CA1"}, nil, "needs TWILIO_ACCOUNT_SID"},
		{"amount", []string{"-amount", "1e3"}, nil, "-amount must be decimal text"},
		{"argument", []string{"now"}, nil, "unexpected argument"},
		{"call of the wrong form", public, account, "CallS"},
		{"public URL of the wrong form", []string{"-public-url", "pay.example.com", "-addr", "127.0.0.1:0", "-call", "CA1"}, account, "URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clean(t)
			for name, value := range tt.env {
				t.Setenv(name, value)
			}
			var out bytes.Buffer
			err := run(context.Background(), tt.args, &out)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if err := run(t.Context(), []string{"-h"}, new(bytes.Buffer)); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: %v, want flag.ErrHelp", err)
	}
}

// TestColors runs the demo with and without a terminal, which the program script
// provides.
func TestColors(t *testing.T) {
	script, err := exec.LookPath("script")
	if err != nil {
		t.Skip("the program script, which provides a terminal, is not installed")
	}
	const charged, declined = "\x1b[32m  Charged, confirmation code", "\x1b[31m  Declined: payment-connector-error"
	for _, tt := range []struct {
		name     string
		terminal bool
		env      []string
		colors   bool
	}{
		{"terminal", true, nil, true},
		{"terminal, NO_COLOR empty", true, []string{"NO_COLOR="}, true},
		{"terminal, NO_COLOR", true, []string{"NO_COLOR=1"}, false},
		{"dumb terminal", true, []string{"TERM=dumb"}, false},
		{"pipe", false, nil, false},
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		if tt.terminal {
			cmd = exec.CommandContext(t.Context(), script, "-qec", os.Args[0], os.DevNull)
		}
		cmd.Env = append(os.Environ(), "RUN_COLLECT=1", "TERM=xterm", "NO_COLOR=", "TWILIO_ACCOUNT_SID=")
		cmd.Env = append(cmd.Env, tt.env...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", tt.name, err, out)
		}
		text := string(out)
		if !strings.Contains(text, "Charged") || strings.Contains(text, "\x1b") != tt.colors ||
			tt.colors && (!strings.Contains(text, charged) || !strings.Contains(text, declined)) {
			t.Errorf("%s: printed %q", tt.name, text)
		}
	}
}
