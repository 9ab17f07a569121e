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
// A response without an error means that Twilio accepted the request. What the
// caller entered, and whether the gateway charged, arrive at StatusCallback:
// package callback receives them. Package paymentstest simulates Twilio in tests.
// See https://www.twilio.com/docs/voice/api/payment-resource
//
// # Credentials
//
// An auth token ([WithCredentials]), an API key ([WithAPIKey]), an OAuth app
// ([WithOAuth]) or a function that reads them where they are kept
// ([WithCredentialSource]); by default those of the environment. What is fetched
// is kept by server and account and renewed before it expires; one fetch goes on
// at a time. After a 401 it is fetched once more and the call goes on, complete
// too: a request that was refused was not processed. A call that gets no
// credentials sends nothing and fails with [ErrCredentials].
//
// # What is sent
//
// Requests are forms, their fields in the order of the type. The zero value of a
// field is not sent, which leaves Twilio's default; a *bool of false is sent. An
// amount travels as it was written, Parameter as one JSON object, ValidCardTypes
// separated by spaces and RequireMatchingInputs by commas. Redirects are never
// followed, and plain http is for loopback addresses only.
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
// id where there was a response, and the operation's idempotency key always. Test
// for its meaning with errors.Is ([ErrNotFound], [ErrRateLimited], …). When
// [Error.OutcomeUnknown] is true Twilio may have acted: wait for the status
// callback, or send the same operation again with [Error.IdempotencyKey].
// [Error.Raw] has the response's body, for details this package does not know.
//
// # Retries
//
// One operation has one idempotency key, made once and kept on every attempt.
// The table says for each way in which an attempt can end whether it is followed
// by another, and whether the outcome is unknown when it is not. There is another
// attempt when the table allows it, [WithMaxRetries] (default 3) is not used up,
// and the wait ends before the context's deadline; otherwise the failure is
// returned at once. An outcome that one attempt left unknown stays unknown when a
// later one fails for another reason.
//
//	an attempt's end                              create, capture, cancel  complete       outcome
//	2xx with the session                          success                  success        known
//	2xx without one, or of another account,       no                       no             unknown
//	  call or session; 1xx, 3xx
//	2xx or 3xx whose body is cut short            retry                    only if asked  unknown
//	429                                           retry                    retry          known: not done
//	408, 500, 502, 503, 504                       retry                    only if asked  unknown
//	other 4xx                                     no                       no             known: not done
//	other 5xx                                     no                       no             unknown
//	not sent: no connection (DNS, dial, proxy,    retry                    retry          known: not done
//	  TLS), or no free stream on it
//	not processed: HTTP/2 REFUSED_STREAM,         retry                    retry          known: not done
//	  HTTP/2 GOAWAY that names a stream below it,
//	  HTTP/1 connection that took no byte
//	reset, closed, GOAWAY at or above it,         retry                    only if asked  unknown
//	  any other reset of the stream
//	no response within WithAttemptTimeout         retry                    only if asked  unknown
//	the caller's context ended                    no                       no             unknown, unless not sent
//
// Only if asked means [WithRetryComplete]. Not sent is what net/http's own
// transport reports through a trace in the request's context: it did not write
// the headers of a request. Not processed is what RFC 9113, sections 6.8 and 8.7,
// and a first write of no bytes guarantee, when the request was sent once. Both
// are seen below a middleware too, if it passes the request's context on, whether
// or not it reads the body. A transport that is not net/http's counts as having
// sent a request once it has read its body, and as having had it processed; one
// that also sends by net/http must not pass the same context on to it. net/http
// never repeats a request of this package by itself.
//
// Retries use exponential backoff with full jitter: a random wait of up to 250
// ms, doubling for each attempt, capped at 8 s. Retry-After, in seconds or as a
// date, is honoured up to 30 s. An attempt has 15 s ([WithAttemptTimeout]).
//
// After an attempt that was sent and lost its connection, or got no whole response
// in time, the next one uses a new connection, since the others of the pool may be
// as dead; after a timeout the idle ones are closed. The default transport also
// pings silent HTTP/2 connections, and closes those that do not reply within 15 s.
// Below a middleware put a transport of [NewTransport], which does all of this.
// With another one there the client can only call CloseIdleConnections, if the
// middleware has that method.
//
// # Too many requests
//
// Twilio limits concurrent requests. After a 429, the attempts that the
// client has under way for that account are limited to half as many; each further
// 429 halves the limit, and each round of other responses raises it by one. Calls
// beyond it wait in the order they came, 8 s at most, and then go on regardless.
// A minute without a 429 ends the limit. [WithoutSharedBackoff] turns this off.
//
// # Secrets
//
// Credentials, callback URLs, the values of Parameter and bodies are in no log,
// error text, JSON or output of fmt. Where a message of Twilio's or a transport's
// error repeats one, or a value of the callback's query, that part is replaced,
// in whatever case and however it is escaped for a URL, JSON or HTML; values
// below four bytes are not searched for. What is logged, by [WithLogger] only, is
// operation, account_sid, call_sid, payment_sid, attempt, status, code,
// request_id, duration and delay.
//
// # Tracing
//
// Give [WithHTTPClient] a client whose transport is otelhttp's; each attempt is
// then one span under the caller's:
//
//	payments.WithHTTPClient(&http.Client{Transport: otelhttp.NewTransport(payments.NewTransport())})
//
// # Compatibility
//
// The types are generated from Twilio's document. New fields, enum values and
// options are not breaking changes; write parameters with field names. Error
// texts and log messages are for people and may change.
package payments
