package otelpay

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// Client returns the option for payments.NewClient.
func (t *Telemetry) Client() payments.Option {
	return payments.WithHooks(payments.Hooks{Operation: t.operation, Attempt: t.attempt})
}

func (t *Telemetry) operation(ctx context.Context, op payments.Operation) (context.Context, func(payments.Outcome)) {
	began := time.Now()
	ctx, span := t.tracer.Start(ctx, "payments "+op.Name)
	return ctx, func(o payments.Outcome) {
		defer span.End()
		outcome := outcomeOf(o.Err)
		attrs := metric.WithAttributes(attribute.String("twilio.operation", op.Name), attribute.String("twilio.outcome", outcome))
		t.operations.Record(ctx, time.Since(began).Seconds(), attrs)
		if o.Session != nil {
			op.SID = o.Session.SID
			t.requests.put(op, span.SpanContext()) // the session created now has a SID
		}
		if o.Attempts > 0 { // otherwise the SIDs are unchecked
			span.SetAttributes(sids(op.AccountSID, op.CallSID, op.SID)...)
		}
		span.SetAttributes(requestID(o.RequestID)...)
		if o.Err == nil {
			return
		}
		if o.Err.OutcomeUnknown() {
			t.unknown.Add(ctx, 1, metric.WithAttributes(attribute.String("twilio.operation", op.Name)))
		}
		if o.Err.Code != 0 {
			span.SetAttributes(attribute.Int("twilio.error.code", o.Err.Code))
		}
		span.SetAttributes(attribute.String("error.type", outcome))
		span.SetStatus(codes.Error, outcome)
	}
}

func (t *Telemetry) attempt(ctx context.Context, op payments.Operation, number int) (context.Context, func(payments.AttemptOutcome)) {
	if number == 1 {
		t.requests.put(op, trace.SpanContextFromContext(ctx))
	}
	var span trace.Span = noop.Span{}
	if t.attemptSpans {
		ctx, span = t.tracer.Start(ctx, "POST "+op.Template, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(request(op, number)...))
	}
	return ctx, func(o payments.AttemptOutcome) {
		attrs := []attribute.KeyValue{attribute.String("twilio.operation", op.Name)}
		switch {
		case o.Status != 0:
			attrs = append(attrs, attribute.Int("http.response.status_code", o.Status))
			span.SetAttributes(attribute.Int("http.response.status_code", o.Status))
		default:
			attrs = append(attrs, attribute.String("error.type", errorType(o.Err)))
		}
		t.attempts.Add(ctx, 1, metric.WithAttributes(attrs...))
		switch {
		case o.Err != nil:
			span.SetAttributes(attribute.String("error.type", errorType(o.Err)))
			span.SetStatus(codes.Error, "")
		case o.Status >= 400:
			span.SetAttributes(attribute.String("error.type", strconv.Itoa(o.Status)))
			span.SetStatus(codes.Error, "")
		}
		if o.Code != 0 {
			span.SetAttributes(attribute.Int("twilio.error.code", o.Code))
		}
		span.SetAttributes(requestID(o.RequestID)...)
		span.End()
	}
}

// request returns the attributes of an attempt that are known before it.
func request(op payments.Operation, number int) []attribute.KeyValue {
	path := strings.NewReplacer("{AccountSid}", op.AccountSID, "{CallSid}", op.CallSID, "{Sid}", op.SID).Replace(op.Template)
	attrs := append(sids(op.AccountSID, op.CallSID, op.SID), attribute.String("http.request.method", "POST"),
		attribute.String("url.template", op.Template), attribute.String("url.full", op.Server+path))
	if number > 1 {
		attrs = append(attrs, attribute.Int("http.request.resend_count", number-1))
	}
	if u, err := url.Parse(op.Server); err == nil {
		attrs = append(attrs, attribute.String("server.address", u.Hostname()), attribute.Int("server.port", port(u)))
	}
	return attrs
}

// requestID returns the attribute for a request id, and nothing for any other text:
// the header is untrusted input.
func requestID(id string) []attribute.KeyValue {
	if !sid.Request.Is(id) {
		return nil
	}
	return []attribute.KeyValue{attribute.String("twilio.request_id", id)}
}

func port(u *url.URL) int {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return n
	}
	if u.Scheme == "http" {
		return 80
	}
	return 443
}

// sids returns the attributes of the known SIDs. Before a start or create there is
// no session.
func sids(account, call, session string) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 10)
	for _, a := range []attribute.KeyValue{
		attribute.String("twilio.account.sid", account),
		attribute.String("twilio.call.sid", call),
		attribute.String("twilio.payment.sid", session),
	} {
		if a.Value.AsString() != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}

// outcomeOf returns the twilio.outcome of an operation, one of a few words.
func outcomeOf(err *payments.Error) string {
	switch {
	case err == nil:
		return "success"
	case err.OutcomeUnknown():
		return "unknown"
	case errors.Is(err, payments.ErrCredentials):
		return "credentials"
	case errors.Is(err, payments.ErrDeclined):
		return "declined"
	case errors.Is(err, payments.ErrRateLimited):
		return "rate_limited"
	case errors.Is(err, payments.ErrInvalidParams):
		return "invalid"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "canceled"
	case err.Status >= 500, err.Status == 0:
		return "unavailable"
	}
	return "refused"
}

// errorType returns the kind of a transport's failure, one of a few words.
func errorType(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, payments.ErrAttemptTimeout):
		return "timeout"
	case errors.As(err, &dns):
		return "dns"
	case errors.As(err, &op):
		return "connection_" + opName(op.Op)
	}
	return "_OTHER"
}

// opName returns the operation of a net.OpError if it is a known one.
func opName(op string) string {
	switch op {
	case "dial", "read", "write":
		return op
	}
	return "other"
}
