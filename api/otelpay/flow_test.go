package otelpay_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/otelpay"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// machine is one of several processes that share a bus.
type machine struct {
	*desk
	bus       flow.Bus
	telemetry *otelpay.Telemetry
}

func machines(t *testing.T, n int) []*machine {
	t.Helper()
	srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	bus, err := flow.NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	var all []*machine
	for range n {
		m := &machine{desk: &desk{srv: srv, spans: tracetest.NewInMemoryExporter(), metrics: sdkmetric.NewManualReader()}, bus: bus}
		if m.telemetry, err = otelpay.New(
			otelpay.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(m.spans))),
			otelpay.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(m.metrics)))); err != nil {
			t.Fatal(err)
		}
		if m.client, err = payments.NewClient(append(srv.ClientOptions(), m.telemetry.Client())...); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	handler, err := flow.Handler(bus, callback.WithAuthTokens(srv.AuthToken()), callback.WithPublicURL("https://pay.example.com"), all[0].telemetry.Handler())
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Handle("https://pay.example.com/status", handler); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestStepsAcrossMachines: a payment starts on one machine and completes on another,
// whose spans are linked to the span of the start.
func TestStepsAcrossMachines(t *testing.T) {
	t.Parallel()
	all := machines(t, 2)
	first, second := all[0], all[1]
	f, err := flow.Start(t.Context(), first.client, first.bus, first.srv.NewCall().SID,
		payments.CreateParams{StatusCallback: statusURL, PostalCode: new(false), ChargeAmount: "49.90"}, first.telemetry.Flow())
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode} {
		if _, err := f.Capture(t.Context(), field); err != nil {
			t.Fatal(err)
		}
	}
	s := f.Session()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	g, err := flow.Resume(t.Context(), second.client, second.bus, s.AccountSID, s.CallSID, s.SID, second.telemetry.Flow())
	if err != nil {
		t.Fatal(err)
	}
	if n := second.counts(t)["twilio.payments.sessions.open"]; n != 1 {
		t.Errorf("%d open sessions, want 1", n)
	}
	if _, err := g.Complete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	start, complete := first.named("payments step start"), second.named("payments step complete")
	if len(start) != 1 || len(complete) != 1 || len(first.named("payments step capture")) != 3 || len(second.named("payments step resume")) != 1 {
		t.Fatalf("%d starts, want 1; %d completes, want 1", len(start), len(complete))
	}
	if len(complete[0].Links) != 1 || complete[0].Links[0].SpanContext.SpanID() != start[0].SpanContext.SpanID() {
		t.Errorf("complete is linked to %v, want the start's %v", complete[0].Links, start[0].SpanContext.SpanID())
	}
	if got := attributesOf(complete[0]); got["twilio.payment.sid"] != s.SID || got["twilio.call.sid"] != s.CallSID || got["twilio.account.sid"] != s.AccountSID {
		t.Errorf("attributes %v", got)
	}
	// The operation's span is a child of the step's.
	if ops := second.named("payments complete"); len(ops) != 1 || ops[0].Parent.SpanID() != complete[0].SpanContext.SpanID() {
		t.Errorf("operations %v", ops)
	}
	if n := second.counts(t)["twilio.payments.step.duration twilio.outcome=success twilio.step=complete"]; n != 1 {
		t.Errorf("metrics %v", second.counts(t))
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if a, b := first.counts(t)["twilio.payments.sessions.open"], second.counts(t)["twilio.payments.sessions.open"]; a == 0 && b == 0 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("%d and %d sessions are open", a, b)
		}
	}
}

// TestFailedSteps checks the outcomes of a decline and of a malformed amount.
func TestFailedSteps(t *testing.T) {
	t.Parallel()
	m := machines(t, 1)[0]
	m.srv.DeclineNext(paymentstest.Decline(64008, "marked-declined"))
	f, err := flow.Start(t.Context(), m.client, m.bus, m.srv.NewCall().SID,
		payments.CreateParams{StatusCallback: statusURL, PostalCode: new(false), SecurityCode: new(false), ChargeAmount: "49.90"}, m.telemetry.Flow())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, field := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate} {
		if _, err := f.Capture(t.Context(), field); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Complete(t.Context()); !errors.Is(err, payments.ErrDeclined) {
		t.Fatal(err)
	}
	if _, err := flow.Start(t.Context(), m.client, m.bus, m.srv.NewCall().SID, payments.CreateParams{StatusCallback: statusURL, ChargeAmount: "marked"}, m.telemetry.Flow()); err == nil {
		t.Fatal("a malformed amount was accepted")
	}
	counts := m.counts(t)
	for _, want := range []string{"twilio.outcome=declined twilio.step=complete", "twilio.outcome=invalid twilio.step=start"} {
		if counts["twilio.payments.step.duration "+want] != 1 {
			t.Errorf("no %s in %v", want, counts)
		}
	}
	for _, s := range m.spans.GetSpans() {
		if s.Name == "payments step complete" && s.Status.Code != codes.Error {
			t.Errorf("a decline has status %v", s.Status)
		}
		for _, a := range s.Attributes {
			if strings.Contains(a.Value.String(), "marked") {
				t.Errorf("%s has %s=%s", s.Name, a.Key, a.Value.String())
			}
		}
	}
}
