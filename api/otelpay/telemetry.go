package otelpay

import (
	"errors"
	"fmt"
	"io"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/twiliopay/twiliopay-go/internal/option"
	"github.com/twiliopay/twiliopay-go/internal/version"
)

const scope = "github.com/twiliopay/twiliopay-go/api/otelpay"

// Telemetry produces spans and metrics. One serves any number of clients, handlers
// and flows; it is safe for concurrent use. Make it with [New].
type Telemetry struct {
	tracer       trace.Tracer
	attemptSpans bool
	requests     requests

	operations, callbacks, steps metric.Float64Histogram
	attempts, unknown            metric.Int64Counter
	open                         metric.Int64UpDownCounter
}

// Format prints only the type, and none of the remembered URLs.
func (*Telemetry) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "otelpay.Telemetry") }

// An Option configures [New].
type Option func(*config) error

type config struct {
	tracers      trace.TracerProvider
	meters       metric.MeterProvider
	attemptSpans bool
}

// WithTracerProvider sets the provider for spans. Default: otel.GetTracerProvider.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("WithTracerProvider: the provider must not be nil")
		}
		c.tracers = p
		return nil
	}
}

// WithMeterProvider sets the provider for metrics. Default: otel.GetMeterProvider.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("WithMeterProvider: the provider must not be nil")
		}
		c.meters = p
		return nil
	}
}

// WithoutAttemptSpans turns off spans for attempts, for a client whose transport is
// otelhttp's, which produces them. Default: spans for attempts.
func WithoutAttemptSpans() Option {
	return func(c *config) error {
		c.attemptSpans = false
		return nil
	}
}

// New returns a Telemetry. It fails if an option is invalid or a metric cannot be
// created.
func New(opts ...Option) (*Telemetry, error) {
	c := config{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider(), attemptSpans: true}
	if err := option.Apply("otelpay", &c, opts); err != nil {
		return nil, err
	}
	t := &Telemetry{
		tracer:       c.tracers.Tracer(scope, trace.WithInstrumentationVersion(version.Version)),
		attemptSpans: c.attemptSpans,
	}
	if err := t.instruments(c.meters.Meter(scope, metric.WithInstrumentationVersion(version.Version))); err != nil {
		return nil, fmt.Errorf("otelpay: %w", err)
	}
	return t, nil
}

// instruments creates the metrics. Operations and callbacks have the buckets of the
// HTTP conventions; those of steps allow for the time a caller needs to type.
func (t *Telemetry) instruments(m metric.Meter) error {
	requests := metric.WithExplicitBucketBoundaries(.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10)
	typing := metric.WithExplicitBucketBoundaries(.1, .25, .5, 1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300)
	errs := make([]error, 6)
	t.operations, errs[0] = m.Float64Histogram("twilio.payments.operation.duration", metric.WithUnit("s"), requests,
		metric.WithDescription("Duration of operations of the client, retries included."))
	t.attempts, errs[1] = m.Int64Counter("twilio.payments.attempts", metric.WithUnit("{attempt}"),
		metric.WithDescription("Requests that the client sent or tried to send."))
	t.unknown, errs[2] = m.Int64Counter("twilio.payments.outcomes.unknown", metric.WithUnit("{call}"),
		metric.WithDescription("Operations that failed although Twilio may have acted."))
	t.callbacks, errs[3] = m.Float64Histogram("twilio.payments.callback.duration", metric.WithUnit("s"), requests,
		metric.WithDescription("Time until the response to a status callback."))
	t.steps, errs[4] = m.Float64Histogram("twilio.payments.step.duration", metric.WithUnit("s"), typing,
		metric.WithDescription("Duration of steps of flows, the caller's typing included."))
	t.open, errs[5] = m.Int64UpDownCounter("twilio.payments.sessions.open", metric.WithUnit("{session}"),
		metric.WithDescription("Open flows of this process."))
	return errors.Join(errs...)
}
