// Package callback receives the status callbacks of Twilio's Payments resource:
// it verifies the signature, parses the form into an [Event] and calls your
// function once per event. The REST API only says that a request was accepted.
// What the caller entered, and whether the payment succeeded, arrives only by
// callback.
//
//	h, err := callback.NewHandler(func(ctx context.Context, e callback.Event) error {
//		switch {
//		case e.Succeeded():
//			return orders.Paid(ctx, e.SID)
//		case e.Err() != nil: // errors.Is(e.Err(), payments.ErrDeclined), …
//			return desk.Show(ctx, e.SID, e.Err(), e.Retryable())
//		}
//		return desk.Progress(ctx, e.SID, e.Missing())
//	}, callback.WithPublicURL("https://pay.example.com"))
//	http.Handle("POST /status", h)
//
// [Handler] is what you need for payments. [State] combines the events of a
// session, in whatever order they arrive. [Verify] is a middleware for other
// webhooks of the account. [Explain] says why a signature does not match, [Sign]
// makes one for a test, and package paymentstest posts whole sessions of signed
// callbacks to your handler. Package flow is built on this package; with it you
// rarely need your own handler.
//
// # Response status codes
//
// No response has a body, and none gives the reason; the log does.
//
//   - 204: handled, now or before
//   - 400: the body ended early or has a broken escape, AccountSid, CallSid or
//     Sid is not a SID, or the form is not split as Twilio splits it
//   - 403: the signature is missing or wrong, the account is unknown, or the
//     host is not one of this server's
//   - 405: the method is not POST
//   - 408: the body did not arrive in time
//   - 413: the body is larger than [WithBodyLimit] or has over 1000 parameters, or
//     the URL is longer than 64 KiB
//   - 415: the body is not application/x-www-form-urlencoded
//   - 500: the function failed, panicked or took longer than
//     [WithHandlingTimeout], or a token source or deduplicator failed
//   - 503: the same event is being handled right now and may still fail, or
//     1024 verified deliveries are still running after their timeout, or 16384
//     calls of a token source are running
//
// The handler checks method, type, signature header and size before it computes
// a signature. Before the signature is verified, it makes no event, remembers
// nothing and does not call your function.
//
// # Signature
//
// A delivery is accepted when X-Twilio-Signature is the HMAC-SHA1 of the public
// URL and the form, under any of the auth tokens. Twilio signs the URL as it is
// stored, but its HTTP client or a proxy may escape it differently. The handler
// tries at most seven forms of the URL, which are those that Twilio's library for
// Node.js accepts, the most lenient one:
//
//   - as received, without its port, or with its scheme's default port
//   - as the WHATWG URL standard writes it: host in lower case, no dot segments,
//     an apostrophe in the query and text beyond ASCII escaped
//   - the latter with its query decoded and encoded again, so that "jane@x",
//     "a+b" and "%c3%a9" may be signed as "jane%40x", "a%20b" and "%C3%A9"
//
// Everything else must match exactly, user info included. A form is derived only
// when no simpler one matches. Each comparison takes constant time. The form that
// was signed is [Event.SignedURL].
//
// The parameters of a form are always signed. For [Verify], any other body, such
// as JSON, is checked by its SHA-256: the URL holds it as bodySHA256, and only the
// URL is signed. A body without one, a multipart body, and a body that was read
// before it could be checked are refused.
//
// The host is signed too, but a sender can write any Host header and request
// target, so the handler must know its own host. Give [WithPublicURL], which a
// server behind a proxy needs anyway because the URL that arrives is not the one
// Twilio used, or [WithPublicURLFunc] or [WithHosts]. Without one it accepts
// requests for loopback hosts only, which is enough for development. It does not
// trust forwarded headers. Do not mount the handler behind a redirect, such as one
// that adds a slash: Twilio follows it with GET and loses the form.
//
// When no signature matches, the log says at most once a second which of scheme,
// host, port, path, query, token or body differs from what was signed, if that
// can be found out. [Explain] returns the same; the sender gets only the status.
//
// # Duplicate deliveries
//
// Delivery is at least once: Twilio may deliver an event again. A delivery is
// identified by what is signed, the URL and the form, whose digest is
// [Event.DeliveryID]; see [Deduplicator]. The header I-Twilio-Idempotency-Token
// is not signed and therefore ignored: with it, someone who recorded a delivery
// could suppress another or have the same one handled again.
//
// Two callbacks with equal parameters at one URL are therefore one event. To
// distinguish them, such as two timeouts of the same field without dates, give
// each request its own StatusCallback with a different query parameter, such as
// "https://pay.example.com/status?step=3", and read it from [Event.SignedURL].
// Package flow does that.
//
// Twilio retries after a failed connection, and after a 5xx response only when
// the StatusCallback asks for it with a fragment such as "#rc=3&rp=all". See
// https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
// Twilio does not document whether Payments honors these overrides; it
// probably does.
//
// # Failures of your code
//
// Your function, token source, deduplicator and public URL function may fail,
// panic, return an error whose methods panic, or take too long. The response is
// then 500, the log has the reason, and the process keeps running. A panic of the
// logger is written to net/http's error log.
//
// Memory for a body is allocated as it arrives, whatever its Content-Length says.
// Before a signature is verified, only a call of a token source can outlive the
// request, so a token source must return when its context ends.
//
// # What an attacker can make of a recorded delivery
//
// What Twilio signs has no separators: "Capture" and "postal-code" are signed as
// "Capturepostal-code". Someone who recorded a delivery can split its text into
// other parameters, or move text between the end of the URL and the start of the
// form, and its signature still matches. [NewHandler] refuses a form
//
//   - whose SIDs are malformed,
//   - whose first parameter cannot be a name, such as the end of a URL,
//   - in which another parameter has absorbed Result, ErrorType, Capture, Required,
//     PartialResult or PayErrorCode with a value that this package knows,
//   - in which one of these has absorbed the next parameter.
//
// So nobody can turn a failure into a start, a refused entry into an accepted
// one, or a success into a failure.
//
// What remains is little, and needs a recording, which TLS prevents. Parameters
// that decide nothing, such as PaymentError and ConnectorError, and values that
// this package does not know yet, can still be absorbed or split: conclude nothing
// from an error text, or from its being there. An [Event] does not print a value
// that may have absorbed another parameter. The result is another event of the
// same kind for the same session, with its own [Event.DeliveryID]. The end of your
// URL, from a capital A on, can be moved into the form, so a value you read from
// [Event.SignedURL] must show when its end is missing: "17" does not show that it
// was "17A". Count a success once for each session, as [State] does, and rely on a
// token or a confirmation code only when your gateway knows it. A form of another
// webhook of the account, such as one for messages, can hold a stranger's text:
// use a separate path for callbacks, and [Verify] for JSON only where no form is
// posted.
//
// # Secrets
//
// Tokens, bodies and queries are never logged, and an [Event] hides its secrets
// however it is printed. Errors and panics of your own functions are logged
// unchanged.
package callback
