package otel

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/otelpay"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestPrometheusScrape takes a payment and reads its metrics as Prometheus
// does.
func TestPrometheusScrape(t *testing.T) {
	t.Parallel()
	registry := prom.NewRegistry()
	exporter, err := prometheus.New(prometheus.WithRegisterer(registry))
	if err != nil {
		t.Fatal(err)
	}
	telemetry, err := otelpay.New(otelpay.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(exporter))))
	if err != nil {
		t.Fatal(err)
	}
	srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	client, err := payments.NewClient(append(srv.ClientOptions(), telemetry.Client())...)
	if err != nil {
		t.Fatal(err)
	}
	bus, err := flow.NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	handler, err := flow.Handler(bus, callback.WithAuthTokens(srv.AuthToken()), callback.WithPublicURL("https://pay.example.com"), telemetry.Handler())
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Handle("https://pay.example.com/status", handler); err != nil {
		t.Fatal(err)
	}
	f, err := flow.Start(t.Context(), client, bus, srv.NewCall().SID, payments.CreateParams{StatusCallback: "https://pay.example.com/status", ChargeAmount: "49.90", PostalCode: new(false)})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, field := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode} {
		if _, err := f.Capture(t.Context(), field); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Complete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := srv.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	page := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer page.Close()
	resp, err := http.Get(page.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`twilio_payments_operation_duration_seconds_count\{.*twilio_operation="create",twilio_outcome="success"\} 1`,
		`twilio_payments_operation_duration_seconds_count\{.*twilio_operation="capture",twilio_outcome="success"\} 3`,
		`twilio_payments_operation_duration_seconds_count\{.*twilio_operation="complete",twilio_outcome="success"\} 1`,
		`twilio_payments_attempts_total\{http_response_status_code="202".*twilio_operation="capture"\} 3`,
		`twilio_payments_callback_duration_seconds_count\{http_response_status_code="204".*twilio_verdict="handled"\} \d+`,
	} {
		if !regexp.MustCompile(want).Match(text) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "CA00") || regexp.MustCompile(`(AC|CA|PK)[0-9a-f]{32}`).Match(text) {
		t.Error("a metric has a SID")
	}
}
