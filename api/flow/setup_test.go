package flow_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

const statusURL = "https://pay.example.com/status?shop=7"

// noPostalCode is a charge of 49.90 on card number, expiry and security code.
var noPostalCode = payments.CreateParams{ChargeAmount: "49.90", PostalCode: new(false), StatusCallback: statusURL}

// desk is a back end of one process in front of a simulated Twilio, without a
// socket. Create it in a synctest bubble.
type desk struct {
	t      testing.TB
	srv    *paymentstest.Server
	client *payments.Client
	bus    flow.Bus
	call   *paymentstest.Call
}

// newDesk is a desk with its own bus, and a caller who pays by Visa.
func newDesk(t testing.TB, opts ...paymentstest.Option) *desk {
	t.Helper()
	return newDeskOn(t, newMemory(t), opts...)
}

// newSpyDesk is a desk on a bus that records its calls and can be made to fail.
func newSpyDesk(t testing.TB, opts ...paymentstest.Option) (*desk, *spyBus) {
	t.Helper()
	spy := newSpyBus(newMemory(t))
	return newDeskOn(t, spy, opts...), spy
}

func newDeskOn(t testing.TB, bus flow.Bus, opts ...paymentstest.Option) *desk {
	t.Helper()
	opts = append([]paymentstest.Option{paymentstest.InMemory(), paymentstest.WithCaller(paymentstest.VisaCaller())}, opts...)
	srv := paymentstest.NewServer(t, opts...)
	must(t, srv.Handle("https://pay.example.com/", newHandler(t, bus)))
	return &desk{t: t, srv: srv, client: newClient(t, srv), bus: bus, call: srv.NewCall()}
}

func newClient(t testing.TB, srv *paymentstest.Server, opts ...payments.Option) *payments.Client {
	t.Helper()
	client, err := payments.NewClient(append(srv.ClientOptions(), opts...)...)
	must(t, err)
	return client
}

func newMemory(t testing.TB, opts ...flow.MemoryOption) *flow.Memory {
	t.Helper()
	bus, err := flow.NewMemory(opts...)
	must(t, err)
	t.Cleanup(func() { must(t, bus.Close()) })
	return bus
}

func newHandler(t testing.TB, bus flow.Bus) http.Handler {
	t.Helper()
	h, err := flow.Handler(bus, callback.WithAuthTokens(paymentstest.DefaultAuthToken), callback.WithHosts("pay.example.com", "new.example.com", "fresh.example.com"), callback.WithLogger(slog.New(slog.DiscardHandler)))
	must(t, err)
	return h
}

// start starts a session on the desk's call.
func (d *desk) start(p payments.CreateParams, opts ...flow.Option) *flow.Flow {
	d.t.Helper()
	f, err := flow.Start(d.t.Context(), d.client, d.bus, d.call.SID, p, opts...)
	must(d.t, err)
	d.t.Cleanup(func() { _ = f.Close() })
	return f
}

// resume resumes f's session on another machine.
func (d *desk) resume(f *flow.Flow, opts ...flow.Option) *flow.Flow {
	d.t.Helper()
	return d.resumeWith(d.client, d.bus, f.Session(), opts...)
}

// resumeWith resumes a session with another client or bus.
func (d *desk) resumeWith(client flow.Client, bus flow.Bus, s flow.Session, opts ...flow.Option) *flow.Flow {
	d.t.Helper()
	f, err := flow.Resume(d.t.Context(), client, bus, s.AccountSID, s.CallSID, s.SID, opts...)
	must(d.t, err)
	d.t.Cleanup(func() { _ = f.Close() })
	return f
}

// capture captures fields, by default those of a card.
func (d *desk) capture(f *flow.Flow, fields ...payments.Capture) {
	d.t.Helper()
	if fields == nil {
		fields = []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode}
	}
	for _, field := range fields {
		if _, err := f.Capture(d.t.Context(), field); err != nil {
			d.t.Fatalf("%s: %v", field, err)
		}
	}
}

// capturing captures the card number in a goroutine, and returns once it waits
// for the entry.
func (d *desk) capturing(ctx context.Context, f *flow.Flow) (captured <-chan error) {
	done := make(chan error, 1)
	go func() {
		_, err := f.Capture(ctx, payments.CapturePaymentCardNumber)
		done <- err
	}()
	synctest.Wait()
	return done
}

// captureDate captures the expiration date, which the caller enters when asked.
func (d *desk) captureDate(f *flow.Flow) {
	d.t.Helper()
	go func() {
		must(d.t, d.call.Await(d.t.Context(), payments.CaptureExpirationDate))
		must(d.t, d.call.Enter("1299"))
	}()
	d.capture(f, payments.CaptureExpirationDate)
}

// requests counts the requests of an operation that reached the server.
func (d *desk) requests(op paymentstest.Operation) int {
	n := 0
	for _, r := range d.srv.Requests() {
		if r.Operation == op {
			n++
		}
	}
	return n
}

// never delivers no callback.
func never(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Never() }

// silent is a caller who presses nothing.
func silent(*paymentstest.Call, paymentstest.Prompt) {}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func jsonOf(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

// form is the form of a callback, with one value per name.
type form map[string]string

func (f form) values() url.Values {
	v := make(url.Values)
	for name, value := range f {
		v.Set(name, value)
	}
	return v
}

// post posts a callback to a handler as Twilio does, and returns the status.
func post(t testing.TB, h http.Handler, target, token string, f form) int {
	t.Helper()
	target, _, _ = strings.Cut(target, "#")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(f.values().Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", callback.Sign(paymentstest.DefaultAuthToken, target, f.values()))
	if token != "" {
		r.Header.Set("I-Twilio-Idempotency-Token", token)
	}
	return record(h, r)
}

func record(h http.Handler, r *http.Request) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// deliver posts a callback and expects it to be accepted.
func deliver(t testing.TB, h http.Handler, target string, f form) {
	t.Helper()
	if code := post(t, h, target, rand.Text(), f); code != http.StatusNoContent {
		t.Fatalf("the callback got status %d, want %d", code, http.StatusNoContent)
	}
	synctest.Wait()
}
