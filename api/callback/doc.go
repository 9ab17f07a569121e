// Package callback receives, verifies and understands the status callbacks of
// Twilio's Payments resource. The REST API only says that a request was
// accepted; what the caller entered and whether the payment succeeded arrives
// by callback and nowhere else.
//
//	h, err := callback.NewHandler(func(ctx context.Context, e callback.Event) error {
//		if e.Kind != callback.Completed {
//			return nil
//		}
//		return orders.Paid(ctx, e.SID, e.Succeeded())
//	}, callback.WithPublicURL("https://pay.example.com"))
//	http.Handle("POST /status", h)
//
// # Answers
//
// No answer has a body, and none says why; the log does.
//
//   - 204: handled, now or before
//   - 400: the body broke off or has a broken escape, AccountSid, CallSid or Sid
//     is not a SID, or the form is cut in a way Twilio does not
//   - 403: the signature is missing or wrong, the account is unknown, or the
//     host was not named
//   - 405: the method is not POST
//   - 408: the body did not arrive in time
//   - 413: the body is larger than [WithBodyLimit], or has over 1000 parameters
//   - 415: the body is not application/x-www-form-urlencoded
//   - 500: the function failed, panicked or took longer than
//     [WithHandlingTimeout], or a token source or deduplicator failed
//   - 503: the same event is being handled right now and may still fail, or
//     1024 verified deliveries go on after their timeout, or 16384 calls of a
//     token source go on
//
// Method, type, signature header and size are looked at before the signature
// is computed. Nothing is parsed into an event, remembered or handed on before
// the signature is proven.
//
// # Signature
//
// A delivery is accepted when X-Twilio-Signature is the HMAC-SHA1 of the public
// URL and the form, under any of the auth tokens. Twilio signs the URL as it
// stands in its own data, and its HTTP client or a proxy may escape it in
// another way. At most seven forms of the URL are tried, those that Twilio's
// library for Node.js accepts, which accepts the most:
//
//   - as it came, without its port, or with the port its scheme stands for
//   - as the WHATWG URL standard writes it: host in lower case, no dot segments,
//     and escaped what has to be: an apostrophe in the query, text beyond ASCII
//   - in addition its query decoded and encoded again, so that "jane@x",
//     "a+b" and "%c3%a9" may be signed as "jane%40x", "a%20b" and "%C3%A9"
//
// Everything else counts as it is written, user info too. A form is derived only
// when no simpler one fits. Each comparison takes constant time. The form that
// was signed is [Event.SignedURL].
//
// The parameters of a form are always signed. For [Verify], another body, as
// JSON, is checked by its SHA-256: the URL has it as bodySHA256 and is signed
// alone. A body that has none, that is multipart, or that was read before it
// could be checked is refused.
//
// The host is part of what is signed, and the sender writes the Host header and
// the request target as he likes. So it must be known: give [WithPublicURL], also
// because behind a proxy the URL that arrives is not the one Twilio knows, or
// [WithPublicURLFunc] or [WithHosts]. Without one, requests for loopback hosts
// alone are taken, which is enough for development. Forwarded headers are never read. Do not mount the handler
// behind a redirect, such as one that adds a slash: Twilio follows it with GET
// and loses the form.
//
// When a signature does not fit, the log says which of scheme, host, port, path,
// query, token or body differs from what was signed, where that can be found
// out, at most once a second. [Explain] says it to you; the sender learns
// nothing.
//
// # Duplicate deliveries
//
// Twilio may deliver an event twice. A delivery is known by what is signed, the
// URL and the form, whose digest is [Event.DeliveryID]; see [Deduplicator]. The
// header I-Twilio-Idempotency-Token is not signed and decides nothing: whoever
// has recorded a delivery can neither suppress another with it nor have the
// same one handled again.
//
// Two callbacks with equal parameters at one URL are therefore one event. Where
// you must tell them apart, such as two timeouts of the same field without
// dates, give each request a StatusCallback of its own, with a query parameter
// that differs: "https://pay.example.com/status?step=3". Read it from
// [Event.SignedURL]. Package flow does that.
//
// Twilio delivers again after a failed connection, and after a 5xx answer only
// when the StatusCallback asks for it with a fragment such as "#rc=3&rp=all".
// See https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
// That Payments heeds these is likely and not documented.
//
// # What is yours
//
// Your function, token source, deduplicator and public URL function may fail,
// panic, return an error whose methods panic, or take too long: the delivery is
// answered 500, the log says why, and the process goes on. A panic of the logger
// is written where net/http writes its errors.
//
// A body takes memory as it arrives, whatever its Content-Length announces.
// Before a signature is verified, nothing but one call of a token source
// outlives the request, so a token source must return when its context ends.
//
// # What a recorded delivery can be made into
//
// What Twilio signs has no separators: "Capture" and "postal-code" are signed as
// "Capturepostal-code". Whoever has recorded a delivery can cut its text into
// other parameters, or move the end of the URL into the form and the beginning of
// the form into the URL, and its signature still fits. [NewHandler] refuses a form
// whose SIDs do not have their form, in which what comes first cannot be the name
// of a parameter, as the end of a URL, in which Result, ErrorType, Capture, Required
// or PartialResult was swallowed by another parameter while its value is one this
// package knows, or in which one of them has swallowed its neighbour. So a failure
// cannot be made into a start, a refused entry into a taken one, or a success into
// a failure.
//
// What remains is little, and needs a recording, which TLS prevents: a parameter
// that decides nothing can be swallowed or cut, which makes another event of the
// same kind for the same session, with a [Event.DeliveryID] of its own; and values
// that this package does not know yet can be. The end of your URL can be moved
// into the form from a capital A on: what you read from [Event.SignedURL] must show
// when its end is missing, as "17A" that became "17" does not. So count a success
// once for each session, as [State] does, and take a token or a confirmation code
// for what it is only when your gateway knows it. A form of another webhook of the account, as for
// messages, can hold text of a stranger: use a path of your own for callbacks, and
// [Verify] for JSON only where no form is posted.
//
// # Secrets
//
// Tokens, bodies and queries are never logged, and an [Event] hides what is
// secret however it is printed. Text of errors and panics of your own functions
// is logged as it is.
package callback
