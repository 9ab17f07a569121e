// Package otelpay makes OpenTelemetry traces and metrics of payments: what the
// client calls, what Twilio posts, and the steps of package flow. It is a module
// of its own, so that programs without OpenTelemetry download none of it.
//
//	telemetry, err := otelpay.New() // the global providers
//	client, err := payments.NewClient(telemetry.Client())
//	handler, err := flow.Handler(bus, callback.WithPublicURL("https://pay.example.com"), telemetry.Handler())
//	f, err := flow.Start(ctx, client, bus, callSID, params, telemetry.Flow())
//
// # Spans
//
//	payments create|capture|complete|cancel   internal  an operation, over its attempts
//	POST …/Payments.json                      client    an attempt, by the conventions for HTTP clients
//	payments callback started|updated|…       consumer  a verified delivery, around your function
//	payments step start|resume|capture|…      internal  a step of a flow, over its operation
//
// A callback's span is linked to the span of the request that caused it, if that
// request was sent by this process and is among its last 10,000. The span
// of a capture, complete or cancel in another trace than the start's is linked to
// the span of the start, on every machine and after flow.Resume: the trace context
// travels in the session's record. Nothing of it is sent to Twilio.
//
// Attributes are those of the stable semantic conventions (http.request.method,
// http.response.status_code, http.request.resend_count, url.template, url.full,
// server.address, server.port, error.type), and twilio.account.sid,
// twilio.call.sid, twilio.payment.sid, twilio.request_id and twilio.error.code.
// Spans, and no metric, have SIDs. No attribute has a form value, a callback's URL, a
// credential, or text that Twilio or a caller wrote. url.full is the API's URL, which
// holds SIDs only.
//
// # Metrics
//
//	twilio.payments.operation.duration   s          twilio.operation, twilio.outcome
//	twilio.payments.attempts             {attempt}  twilio.operation, http.response.status_code or error.type
//	twilio.payments.outcomes.unknown     {call}     twilio.operation
//	twilio.payments.callback.duration    s          http.response.status_code, twilio.verdict
//	twilio.payments.step.duration        s          twilio.step, twilio.outcome
//	twilio.payments.sessions.open        {session}
//
// twilio.outcome is success, invalid, declined, refused, rate_limited, unavailable,
// credentials, canceled, unknown or error, and of a step also entry (the caller's
// entry was refused), ended and busy; twilio.verdict is handled, refused or
// failed. Alert on outcomes.unknown: each is a call whose effect Twilio alone knows
// until the callback comes.
//
// # Cost
//
// An attempt's span replaces that of otelhttp. Where otelhttp stays, give
// [WithoutAttemptSpans].
package otelpay
