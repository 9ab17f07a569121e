package pgbus_test

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// noPostalCode is a charge of 49.90 on card number, expiry and security code.
var noPostalCode = payments.CreateParams{
	ChargeAmount: "49.90", PostalCode: new(false), StatusCallback: "https://pay.example.com/status#rc=5&rp=5xx",
}

// desk is a simulated Twilio whose callbacks go to one machine.
type desk struct {
	t      testing.TB
	srv    *paymentstest.Server
	client *payments.Client
	call   *paymentstest.Call
}

func newDesk(t testing.TB, receiver flow.Bus, opts ...callback.Option) *desk {
	t.Helper()
	srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithCaller(paymentstest.VisaCaller()))
	must(t, srv.Handle("https://pay.example.com/", newHandler(t, receiver, opts...)))
	client, err := payments.NewClient(srv.ClientOptions()...)
	must(t, err)
	return &desk{t: t, srv: srv, client: client, call: srv.NewCall()}
}

func newHandler(t testing.TB, bus flow.Bus, opts ...callback.Option) http.Handler {
	t.Helper()
	opts = append([]callback.Option{callback.WithAuthTokens(paymentstest.DefaultAuthToken), callback.WithHosts("pay.example.com"), callback.WithLogger(slog.New(slog.DiscardHandler))}, opts...)
	h, err := flow.Handler(bus, opts...)
	must(t, err)
	return h
}

func (d *desk) start(bus flow.Bus, p payments.CreateParams) *flow.Flow {
	d.t.Helper()
	f, err := flow.Start(bounded(d.t), d.client, bus, d.call.SID, p)
	must(d.t, err)
	d.t.Cleanup(func() { _ = f.Close() })
	return f
}

func (d *desk) resume(bus flow.Bus, f *flow.Flow, opts ...flow.Option) *flow.Flow {
	d.t.Helper()
	s := f.Session()
	g, err := flow.Resume(bounded(d.t), d.client, bus, s.AccountSID, s.CallSID, s.SID, opts...)
	must(d.t, err)
	d.t.Cleanup(func() { _ = g.Close() })
	return g
}

func (d *desk) capture(f *flow.Flow, fields ...payments.Capture) {
	d.t.Helper()
	for _, field := range fields {
		if _, err := f.Capture(bounded(d.t), field); err != nil {
			d.t.Fatalf("%s: %v", field, err)
		}
	}
}

// requests counts the requests of an operation.
func (d *desk) requests(op paymentstest.Operation) (n int) {
	for _, r := range d.srv.Requests() {
		if r.Operation == op {
			n++
		}
	}
	return n
}

// tokenise runs a whole session that returns a token, and returns its flow.
func (d *desk) tokenise(bus flow.Bus) (*flow.Flow, *flow.Result) {
	d.t.Helper()
	p := noPostalCode
	p.ChargeAmount = ""
	f := d.start(bus, p)
	d.capture(f, payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode)
	result, err := f.Complete(bounded(d.t))
	must(d.t, err)
	return f, result
}

// newSession makes up a session.
func newSession() flow.Session {
	sid := func(prefix string) string {
		var b [16]byte
		_, _ = rand.Read(b[:])
		return prefix + hex.EncodeToString(b[:])
	}
	return flow.Session{AccountSID: sid("AC"), CallSID: sid("CA"), SID: sid("PK")}
}

// noise is text that does not compress.
func noise(n int) string {
	b := make([]byte, n/2)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
