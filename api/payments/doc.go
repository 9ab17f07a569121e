// Package payments calls Twilio's Payments resource: it starts a payment session
// on a phone call, asks the caller for one field after another, and completes or
// cancels the session.
//
//	client, err := payments.NewClient()
//	session, err := client.Create(ctx, callSID, payments.CreateParams{
//		StatusCallback: "https://pay.example.com/status",
//		ChargeAmount:   "49.90",
//	})
//	_, err = client.Update(ctx, callSID, session.SID, payments.UpdateParams{
//		StatusCallback: "https://pay.example.com/status",
//		Capture:        payments.CapturePaymentCardNumber,
//	})
//
// An answer without an error means that Twilio accepted the request. What the
// caller entered, and whether the gateway charged, arrive at StatusCallback:
// package callback receives them. Package paymentstest plays Twilio in tests.
// See https://www.twilio.com/docs/voice/api/payment-resource
//
// # What is sent
//
// Requests are forms, their fields in the order of the type. The zero value of a
// field is not sent, which leaves Twilio's default; a *bool of false is sent. An
// amount travels as it was written, Parameter as one JSON object, ValidCardTypes
// separated by spaces and RequireMatchingInputs by commas. Redirects are never
// followed, and plain http is for loopback addresses alone.
//
// # What is checked before the network
//
// SIDs, always. Unless [WithoutValidation]: that StatusCallback is an absolute
// URL; amount, Timeout and MinPostalCodeLength by the contract's limits; enum
// values; that exactly one of Capture and Status is set; AVSName with ACH; no
// BankAccountType with a card. Each is a [ValidationError].
//
// # Errors
//
// Every failure of a call is one [*Error], with Twilio's status, code and request
// id where there was an answer, and the operation's idempotency key always. What
// it means is asked by errors.Is ([ErrNotFound], [ErrRateLimited], …). When
// [Error.OutcomeUnknown] is true Twilio may have acted: send the same operation
// again with [Error.IdempotencyKey], or wait for the status callback.
//
// # What is sent again
//
// One operation has one idempotency key, made once and kept on every attempt.
// After a failed attempt there is another when this table allows it,
// [WithMaxRetries] (default 3) is not used up, and the wait ends before the
// context's deadline; otherwise the failure is returned at once.
//
//	failure of an attempt                     create, capture, cancel   complete
//	never sent: dial, DNS, TLS, refused       again                     again
//	429                                       again                     again
//	408, 500, 502, 503, 504                   again                     only by WithRetryComplete
//	reset or closed, body cut short           again                     only by WithRetryComplete
//	no answer within WithAttemptTimeout       again                     only by WithRetryComplete
//	anything else                             no                        no
//	the caller's context ended                no                        no
//
// Never sent means that there was no connection. A transport of another type than
// [http.Transport] counts as having sent what it has read: a middleware that
// reads a body before there is a connection, to log or to sign it, turns a failed
// dial into an unknown outcome.
//
// The wait is random between nothing and 250 ms, doubled for each attempt, at
// most 8 s; Retry-After, in seconds or as a date, is honoured up to 30 s. An
// attempt has 15 s ([WithAttemptTimeout]).
//
// # Secrets
//
// Credentials, callback URLs, the values of Parameter and bodies are in no log,
// error text, JSON or output of fmt. What is logged, by [WithLogger] alone, is
// operation, account_sid, call_sid, payment_sid, attempt, status, code,
// request_id, duration and delay.
//
// # Tracing
//
// Give [WithHTTPClient] a client whose transport is otelhttp's; each attempt is
// then one span under the caller's:
//
//	payments.WithHTTPClient(&http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)})
//
// # Compatibility
//
// The types are generated from Twilio's document. New fields, enum values and
// options are not breaking changes; write parameters with field names. Error
// texts and log messages are for people and may change.
package payments
