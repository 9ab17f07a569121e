// Package otel checks that a client with an instrumented transport is traced,
// although the SDK uses no tracing library.
package otel

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

const (
	account = "AC00000000000000000000000000000001"
	token   = "marked-auth-token"
	callSID = "CA00000000000000000000000000000001"
	sid     = "PK00000000000000000000000000000001"
)

// server responds to attempts with the statuses in turn, and keeps
// traceparents.
func server(t *testing.T, parents *[]string, statuses ...int) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*parents = append(*parents, r.Header.Get("Traceparent"))
		status := statuses[min(len(*parents), len(statuses))-1]
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"sid":"`+sid+`","code":20500}`)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Two failed attempts and a successful one are three client spans, each a child
// of the caller's span and sent to the server as its parent. None contains a
// secret.
func TestOneSpanPerAttempt(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	provider := trace.NewTracerProvider(trace.WithSyncer(spans))
	var parents []string
	url := server(t, &parents, http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusCreated)
	client, err := payments.NewClient(
		payments.WithCredentials(account, token),
		payments.WithBaseURL(url),
		payments.WithHTTPClient(&http.Client{Transport: otelhttp.NewTransport(payments.NewTransport(),
			otelhttp.WithTracerProvider(provider), otelhttp.WithPropagators(propagation.TraceContext{}))}),
	)
	if err != nil {
		t.Fatal(err)
	}

	ctx, caller := provider.Tracer("shop").Start(t.Context(), "take payment")
	_, err = client.Create(ctx, callSID, payments.CreateParams{
		StatusCallback: "https://pay.example.com/status?token=marked-callback",
		Parameter:      wire.NewParameters(map[string]string{"AVSName": "marked-name"}),
	})
	caller.End()
	if err != nil {
		t.Fatal(err)
	}

	var attempts tracetest.SpanStubs
	for _, span := range spans.GetSpans() {
		if span.Name != "take payment" {
			attempts = append(attempts, span)
		}
	}
	if len(attempts) != 3 || len(parents) != 3 {
		t.Fatalf("%d spans for %d attempts, want 3 each", len(attempts), len(parents))
	}
	for i, span := range attempts {
		if span.Parent.SpanID() != caller.SpanContext().SpanID() || span.SpanContext.TraceID() != caller.SpanContext().TraceID() {
			t.Errorf("attempt %d is not a child of the caller's span", i+1)
		}
		if !strings.Contains(parents[i], span.SpanContext.SpanID().String()) {
			t.Errorf("attempt %d announced %q, and its span is %s", i+1, parents[i], span.SpanContext.SpanID())
		}
		if failed := span.Status.Code == codes.Error; failed != (i < 2) {
			t.Errorf("attempt %d failed: %v", i+1, failed)
		}
		want := attribute.Int("http.response.status_code", []int{503, 429, 201}[i])
		if !has(span, want) {
			t.Errorf("attempt %d lacks %v: %v", i+1, want, span.Attributes)
		}
		for _, a := range span.Attributes {
			if text := a.Value.String(); strings.Contains(text, "marked") || strings.Contains(text, "Basic") {
				t.Errorf("attempt %d shows a secret: %s", i+1, a.Key)
			}
		}
		if i > 0 && span.StartTime.Before(attempts[i-1].EndTime) {
			t.Errorf("attempt %d began before attempt %d ended", i+1, i)
		}
	}
	t.Logf("| %d attempts, %d spans below the caller's", len(parents), len(attempts))
}

func has(span tracetest.SpanStub, want attribute.KeyValue) bool {
	for _, a := range span.Attributes {
		if a == want {
			return true
		}
	}
	return false
}
