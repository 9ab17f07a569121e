package otelpay

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// Handler returns the option for callback.NewHandler and flow.Handler.
func (t *Telemetry) Handler() callback.Option {
	return callback.WithHooks(callback.Hooks{Delivery: t.delivery, Responded: t.responded})
}

func (t *Telemetry) delivery(ctx context.Context, e callback.Event) (context.Context, func(again bool, err error)) {
	opts := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		append(sids(e.AccountSID, e.CallSID, e.SID), attribute.String("twilio.callback.kind", string(e.Kind)))...)}
	if e.Result.Valid() {
		opts = append(opts, trace.WithAttributes(attribute.String("twilio.payment.result", string(e.Result))))
	}
	if span, ok := t.requests.of(e); ok {
		opts = append(opts, trace.WithLinks(trace.Link{SpanContext: span}))
	}
	ctx, span := t.tracer.Start(ctx, "payments callback "+string(e.Kind), opts...)
	return ctx, func(again bool, err error) {
		if again {
			span.SetAttributes(attribute.Bool("twilio.callback.duplicate", true))
		}
		if err != nil {
			span.SetAttributes(attribute.String("error.type", "_OTHER"))
			span.SetStatus(codes.Error, "") // its text is the application's
		}
		span.End()
	}
}

func (t *Telemetry) responded(ctx context.Context, status int, took time.Duration) {
	verdict := "refused"
	switch {
	case status < 300:
		verdict = "handled"
	case status >= 500:
		verdict = "failed"
	}
	t.callbacks.Record(ctx, took.Seconds(), metric.WithAttributes(
		attribute.Int("http.response.status_code", status), attribute.String("twilio.verdict", verdict)))
}
