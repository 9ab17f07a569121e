package otelpay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/otelpay"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

const statusURL = "https://pay.example.com/status?token=marked-query"

// desk is an application with telemetry in memory.
type desk struct {
	srv     *paymentstest.Server
	client  *payments.Client
	spans   *tracetest.InMemoryExporter
	metrics *sdkmetric.ManualReader
	fails   error // of the callback's function
}

func openDesk(t *testing.T, opts ...paymentstest.Option) *desk {
	t.Helper()
	d := &desk{spans: tracetest.NewInMemoryExporter(), metrics: sdkmetric.NewManualReader()}
	telemetry, err := otelpay.New(
		otelpay.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(d.spans))),
		otelpay.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(d.metrics))))
	if err != nil {
		t.Fatal(err)
	}
	d.srv = paymentstest.NewServer(t, append([]paymentstest.Option{paymentstest.WithCaller(paymentstest.VisaCaller())}, opts...)...)
	if d.client, err = payments.NewClient(append(d.srv.ClientOptions(), telemetry.Client())...); err != nil {
		t.Fatal(err)
	}
	handler, err := callback.NewHandler(func(context.Context, callback.Event) error { return d.fails },
		callback.WithAuthTokens(d.srv.AuthToken()), callback.WithPublicURL("https://pay.example.com"), telemetry.Handler())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.srv.Handle("https://pay.example.com/status", handler); err != nil {
		t.Fatal(err)
	}
	return d
}

// attributesOf returns the attributes of a span by name.
func attributesOf(s tracetest.SpanStub) map[string]any {
	all := map[string]any{}
	for _, a := range s.Attributes {
		all[string(a.Key)] = a.Value.AsInterface()
	}
	return all
}

func (d *desk) named(name string) (found []tracetest.SpanStub) {
	for _, s := range d.spans.GetSpans() {
		if s.Name == name {
			found = append(found, s)
		}
	}
	return found
}

const createPath = "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json"

// TestOperation checks the spans of a create whose first attempt is refused: the
// operation, its two attempts, and the callbacks, which are linked to it.
func TestOperation(t *testing.T) {
	t.Parallel()
	d := openDesk(t, paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, paymentstest.TooManyRequests("0"))))
	call := d.srv.NewCall().SID
	session, err := d.client.Create(t.Context(), call, payments.CreateParams{StatusCallback: statusURL, Description: "marked-description", PostalCode: new(false)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.client.Update(t.Context(), call, session.SID, payments.UpdateParams{StatusCallback: statusURL + "&step=1", Capture: payments.CaptureExpirationDate}); err != nil {
		t.Fatal(err)
	}
	if err := d.srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	operations, attempts := d.named("payments create"), d.named("POST "+createPath)
	if len(operations) != 1 || len(attempts) != 2 {
		t.Fatalf("%d operations, want 1; %d attempts, want 2", len(operations), len(attempts))
	}
	host, port, _ := strings.Cut(strings.TrimPrefix(d.srv.URL, "http://"), ":")
	var number int
	_, _ = fmt.Sscan(port, &number)
	common := map[string]any{
		"twilio.account.sid": d.srv.AccountSID(), "twilio.call.sid": call, "http.request.method": "POST", "url.template": createPath,
		"url.full":       d.srv.URL + strings.NewReplacer("{AccountSid}", d.srv.AccountSID(), "{CallSid}", call).Replace(createPath),
		"server.address": host, "server.port": int64(number),
	}
	for i, more := range []map[string]any{
		{"http.response.status_code": int64(429), "error.type": "429", "twilio.error.code": int64(20429)},
		{"http.response.status_code": int64(201), "http.request.resend_count": int64(1)},
	} {
		got := attributesOf(attempts[i])
		if id, _ := got["twilio.request_id"].(string); !strings.HasPrefix(id, "RQ") {
			t.Errorf("attempt %d has request id %q", i+1, id)
		}
		delete(got, "twilio.request_id")
		for k, v := range common {
			more[k] = v
		}
		if diff := cmp.Diff(more, got); diff != "" {
			t.Errorf("attempt %d: %s", i+1, diff)
		}
		if attempts[i].Parent.SpanID() != operations[0].SpanContext.SpanID() || attempts[i].SpanKind != trace.SpanKindClient {
			t.Errorf("attempt %d is not a client span below its operation", i+1)
		}
		if (attempts[i].Status.Code == codes.Error) != (i == 0) {
			t.Errorf("attempt %d has status %v", i+1, attempts[i].Status)
		}
	}
	started, updated := d.named("payments callback started"), d.named("payments callback updated")
	if len(started) != 1 || len(updated) < 2 {
		t.Fatalf("%d (want 1) and %d callbacks", len(started), len(updated))
	}
	capture := d.named("payments capture")[0].SpanContext.SpanID()
	for _, s := range append(started, updated...) {
		want := capture
		if s.Name == "payments callback started" {
			want = operations[0].SpanContext.SpanID()
		}
		if len(s.Links) != 1 || s.Links[0].SpanContext.SpanID() != want {
			t.Errorf("%s is linked to %v, want %v", s.Name, s.Links, want)
		}
	}
	for _, s := range d.spans.GetSpans() {
		text := fmt.Sprintf("%+v", s)
		for _, secret := range []string{"marked-", d.srv.AuthToken(), "4111", "Basic"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %s", s.Name, secret)
			}
		}
	}
}

// TestOutcomes checks the outcomes of operations in spans and metrics.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for want, tt := range map[string]struct {
		fault  paymentstest.Fault
		params payments.CreateParams
		opts   []payments.Option
		ctx    func(context.Context) context.Context
	}{
		"success":      {},
		"unknown":      {fault: paymentstest.Reset().AfterCommit(), opts: []payments.Option{payments.WithMaxRetries(0)}},
		"rate_limited": {fault: paymentstest.TooManyRequests("0"), opts: []payments.Option{payments.WithMaxRetries(0)}},
		"refused":      {fault: paymentstest.Refuse(http.StatusNotFound, 20404, "marked-message"), opts: []payments.Option{payments.WithMaxRetries(0)}},
		"invalid":      {params: payments.CreateParams{StatusCallback: statusURL, ChargeAmount: "marked"}},
		"credentials": {opts: []payments.Option{payments.WithCredentialSource(func(context.Context, string) (payments.Credentials, error) {
			return payments.Credentials{}, errors.New("marked-vault")
		}), payments.WithAccount(paymentstest.DefaultAccountSID)}},
		"canceled": {ctx: func(ctx context.Context) context.Context {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx
		}},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			d := openDesk(t)
			d.srv.Inject(paymentstest.On(paymentstest.Create, 1, tt.fault))
			ctx := t.Context()
			if tt.ctx != nil {
				ctx = tt.ctx(ctx)
			}
			if tt.params.StatusCallback == "" {
				tt.params.StatusCallback = statusURL
			}
			_, err := d.client.Create(ctx, d.srv.NewCall().SID, tt.params, tt.opts...)
			if (err == nil) != (want == "success") {
				t.Fatal(err)
			}
			span := d.named("payments create")[0]
			got, _ := attributesOf(span)["error.type"].(string)
			if want != "success" && (got != want || span.Status.Code != codes.Error) || want == "success" && (got != "" || span.Status.Code == codes.Error) {
				t.Errorf("error.type %q, status %v", got, span.Status)
			}
			if strings.Contains(fmt.Sprintf("%+v", d.spans.GetSpans()), "marked") {
				t.Error("a span has marked text")
			}
			counts := d.counts(t)
			key := "twilio.payments.operation.duration twilio.operation=create twilio.outcome=" + want
			if counts[key] != 1 || (counts["twilio.payments.outcomes.unknown twilio.operation=create"] == 1) != (want == "unknown") {
				t.Errorf("metrics %v", counts)
			}
		})
	}
}

// counts returns the number of measurements of each series, by name and attributes.
func (d *desk) counts(t *testing.T) map[string]int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := d.metrics.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					counts[series(m.Name, p.Attributes)] += int64(p.Count)
				}
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					counts[series(m.Name, p.Attributes)] += p.Value
				}
			}
		}
	}
	return counts
}

func series(name string, attrs attribute.Set) string {
	words := []string{name}
	for _, a := range attrs.ToSlice() {
		words = append(words, string(a.Key)+"="+a.Value.String())
	}
	slices.Sort(words[1:])
	return strings.Join(words, " ")
}

// TestCallbackVerdicts counts callbacks by their verdict.
func TestCallbackVerdicts(t *testing.T) {
	t.Parallel()
	for want, fails := range map[string]error{"http.response.status_code=204 twilio.verdict=handled": nil, "http.response.status_code=500 twilio.verdict=failed": errors.New("marked")} {
		d := openDesk(t)
		d.fails = fails
		if _, err := d.client.Create(t.Context(), d.srv.NewCall().SID, payments.CreateParams{StatusCallback: statusURL}); err != nil {
			t.Fatal(err)
		}
		if err := d.srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := d.counts(t)["twilio.payments.callback.duration "+want]; n != 1 {
			t.Errorf("%s: %v, want one", want, d.counts(t))
		}
		if spans := d.named("payments callback started"); len(spans) != 1 || (spans[0].Status.Code == codes.Error) != (fails != nil) || strings.Contains(fmt.Sprint(spans), "marked") {
			t.Errorf("spans %v", spans)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for want, opt := range map[string]otelpay.Option{
		"WithTracerProvider: the provider must not be nil": otelpay.WithTracerProvider(nil),
		"WithMeterProvider: the provider must not be nil":  otelpay.WithMeterProvider(nil),
		"option 1: must not be nil":                        nil,
	} {
		if _, err := otelpay.New(opt); err == nil || err.Error() != "otelpay: "+want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := otelpay.New(); err != nil {
		t.Error(err)
	}
}

// TestWithoutAttemptSpans: attempts have no spans and are still counted.
func TestWithoutAttemptSpans(t *testing.T) {
	t.Parallel()
	spans, metrics := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	telemetry, err := otelpay.New(otelpay.WithoutAttemptSpans(),
		otelpay.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))),
		otelpay.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(metrics))))
	if err != nil {
		t.Fatal(err)
	}
	srv := paymentstest.NewServer(t)
	client, err := payments.NewClient(append(srv.ClientOptions(), telemetry.Client())...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), srv.NewCall().SID, payments.CreateParams{StatusCallback: statusURL}); err != nil {
		t.Fatal(err)
	}
	d := &desk{spans: spans, metrics: metrics}
	if n := len(spans.GetSpans()); n != 1 || d.counts(t)["twilio.payments.attempts http.response.status_code=201 twilio.operation=create"] != 1 {
		t.Errorf("%d (want 1) spans, metrics %v", n, d.counts(t))
	}
}
