// Package otelpay produces OpenTelemetry traces and metrics of payments: the
// client's calls, Twilio's callbacks, and the steps of package flow. It is a
// separate module, so that programs without OpenTelemetry download none of it.
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
// A callback's span is linked to the span of the request that caused it, if
// this process sent that request and it is among its last 10,000. If a capture,
// complete or cancel runs in another trace than the start, its span is linked
// to the span of the start, on every machine and after flow.Resume: the trace
// context is stored in the session's record. Nothing of it is sent to Twilio.
//
// Attributes are those of the stable semantic conventions (http.request.method,
// http.response.status_code, http.request.resend_count, url.template, url.full,
// server.address, server.port, error.type), and twilio.account.sid,
// twilio.call.sid, twilio.payment.sid, twilio.payment.capture,
// twilio.payment.result, twilio.callback.kind, twilio.callback.duplicate,
// twilio.request_id and twilio.error.code. Spans have SIDs; metrics do not. No
// attribute contains card data, a callback's URL, a credential, or free text of
// Twilio or a caller. url.full is the API's URL, whose only variable parts are
// SIDs.
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
// twilio.outcome is success, invalid, declined, refused, rate_limited,
// unavailable, credentials, canceled, unknown or error, and for a step also
// entry (the caller's entry was refused), ended and busy; twilio.verdict is
// handled, refused or failed. Alert on outcomes.unknown: each is a call whose
// effect only Twilio knows until the callback arrives.
//
// # Cost
//
// This package's span for an attempt replaces otelhttp's. If you keep otelhttp,
// give [WithoutAttemptSpans].
package otelpay
