// Package flowtest tests buses of package flow with payments: a back end in
// front of a simulated Twilio, and sessions that several machines work on.
package flowtest

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// Charge is a charge of 49.90 that captures card number, expiration date and
// security code.
var Charge = payments.CreateParams{
	ChargeAmount: "49.90", PostalCode: new(false), StatusCallback: "https://pay.example.com/status#rc=5&rp=5xx",
}

// Card lists the fields that a session of [Charge] captures.
var Card = []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode}

// Desk is a simulated Twilio with one call, whose callbacks go to one machine.
type Desk struct {
	Server *paymentstest.Server
	Client *payments.Client
	Call   *paymentstest.Call

	tb testing.TB
}

// NewDesk returns a desk with a caller who pays by Visa. The receiver is the bus
// of the machine that callbacks go to, options are those of [Handler].
func NewDesk(tb testing.TB, receiver flow.Bus, opts ...callback.Option) *Desk {
	tb.Helper()
	srv := paymentstest.NewServer(tb, paymentstest.InMemory(), paymentstest.WithCaller(paymentstest.VisaCaller()))
	Must(tb, srv.Handle("https://pay.example.com/", Handler(tb, receiver, opts...)))
	client, err := payments.NewClient(srv.ClientOptions()...)
	Must(tb, err)
	return &Desk{Server: srv, Client: client, Call: srv.NewCall(), tb: tb}
}

// Handler returns the handler of callbacks to pay.example.com, without a log.
func Handler(tb testing.TB, bus flow.Bus, opts ...callback.Option) http.Handler {
	tb.Helper()
	opts = append([]callback.Option{
		callback.WithAuthTokens(paymentstest.DefaultAuthToken), callback.WithHosts("pay.example.com"),
		callback.WithLogger(slog.New(slog.DiscardHandler)),
	}, opts...)
	h, err := flow.Handler(bus, opts...)
	Must(tb, err)
	return h
}

// Start starts a session on the desk's call. The test closes its flow.
func (d *Desk) Start(bus flow.Bus, p payments.CreateParams) *flow.Flow {
	d.tb.Helper()
	f, err := flow.Start(Bounded(d.tb), d.Client, bus, d.Call.SID, p)
	Must(d.tb, err)
	d.tb.Cleanup(func() { _ = f.Close() })
	return f
}

// Resume resumes f's session on another machine. The test closes its flow.
func (d *Desk) Resume(bus flow.Bus, f *flow.Flow, opts ...flow.Option) *flow.Flow {
	d.tb.Helper()
	s := f.Session()
	g, err := flow.Resume(Bounded(d.tb), d.Client, bus, s.AccountSID, s.CallSID, s.SID, opts...)
	Must(d.tb, err)
	d.tb.Cleanup(func() { _ = g.Close() })
	return g
}

// Capture captures fields one after the other.
func (d *Desk) Capture(f *flow.Flow, fields ...payments.Capture) {
	d.tb.Helper()
	for _, field := range fields {
		if _, err := f.Capture(Bounded(d.tb), field); err != nil {
			d.tb.Fatalf("%s: %v", field, err)
		}
	}
}

// Ask captures a field in a goroutine, and returns once the caller, who presses
// nothing, is being asked for it.
func (d *Desk) Ask(ctx context.Context, f *flow.Flow, field payments.Capture) (captured <-chan error) {
	d.tb.Helper()
	d.Call.AnswerWith(nil)
	done := make(chan error, 1)
	go func() {
		_, err := f.Capture(ctx, field)
		done <- err
	}()
	Must(d.tb, d.Call.Await(Bounded(d.tb), field))
	return done
}

// Requests counts the requests of an operation that reached the server.
func (d *Desk) Requests(op paymentstest.Operation) (n int) {
	for _, r := range d.Server.Requests() {
		if r.Operation == op {
			n++
		}
	}
	return n
}

// Tokenize runs a complete session that returns a token.
func (d *Desk) Tokenize(bus flow.Bus) (*flow.Flow, *flow.Result) {
	d.tb.Helper()
	p := Charge
	p.ChargeAmount = ""
	f := d.Start(bus, p)
	d.Capture(f, Card...)
	result, err := f.Complete(Bounded(d.tb))
	Must(d.tb, err)
	return f, result
}

// wantOneCharge checks that the result is that of the only charge.
func (d *Desk) wantOneCharge(result *flow.Result) {
	d.tb.Helper()
	if charges := d.Server.Charges(); len(charges) != 1 || charges[0].ConfirmationCode != result.ConfirmationCode.Reveal() {
		d.tb.Errorf("charges %+v, want one with code %q", charges, result.ConfirmationCode.Reveal())
	}
}
