package otelpay

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Flow returns the option for flow.Start and flow.Resume.
func (t *Telemetry) Flow() flow.Option {
	return flow.WithHooks(flow.Hooks{Step: t.step, Carrier: carrier, Open: t.opened})
}

var traceContext propagation.TraceContext

// carrier returns the trace that starts a session as a W3C traceparent.
func carrier(ctx context.Context) string {
	header := propagation.MapCarrier{}
	traceContext.Inject(ctx, header)
	return header["traceparent"]
}

func (t *Telemetry) step(ctx context.Context, s flow.StepInfo) (context.Context, func(error)) {
	began := time.Now()
	opts := []trace.SpanStartOption{trace.WithAttributes(sids(s.Session.AccountSID, s.Session.CallSID, s.Session.SID)...)}
	if s.Capture.Valid() {
		opts = append(opts, trace.WithAttributes(attribute.String("twilio.payment.capture", string(s.Capture))))
	}
	started := trace.SpanContextFromContext(traceContext.Extract(context.Background(), propagation.MapCarrier{"traceparent": s.Carrier}))
	if started.IsValid() && started.TraceID() != trace.SpanContextFromContext(ctx).TraceID() {
		opts = append(opts, trace.WithLinks(trace.Link{SpanContext: started}))
	}
	ctx, span := t.tracer.Start(ctx, "payments step "+s.Name, opts...)
	return ctx, func(err error) {
		outcome := stepOutcome(err)
		t.steps.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(
			attribute.String("twilio.step", s.Name), attribute.String("twilio.outcome", outcome)))
		if err != nil {
			span.SetAttributes(attribute.String("error.type", outcome))
			span.SetStatus(codes.Error, outcome)
		}
		span.End()
	}
}

func (t *Telemetry) opened(delta int) { t.open.Add(context.Background(), int64(delta)) }

// stepOutcome returns the twilio.outcome of a step, one of a few words.
func stepOutcome(err error) string {
	var entry *flow.EntryError
	var call *payments.Error
	switch {
	case err == nil:
		return "success"
	case errors.Is(err, flow.ErrOutcomeUnknown):
		return "unknown"
	case errors.As(err, &entry):
		return "entry"
	case errors.Is(err, payments.ErrDeclined):
		return "declined"
	case errors.Is(err, flow.ErrStar), errors.Is(err, flow.ErrHungUp), errors.Is(err, flow.ErrCancelled), errors.Is(err, flow.ErrNotCharged):
		return "ended"
	case errors.Is(err, flow.ErrBusy), errors.Is(err, flow.ErrTakenOver), errors.Is(err, flow.ErrCompleting):
		return "busy"
	case errors.As(err, &call):
		return outcomeOf(call)
	case errors.Is(err, payments.ErrInvalidParams):
		return "invalid"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "canceled"
	}
	return "error"
}
