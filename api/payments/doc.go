// Package payments is a client for Twilio's Payments resource. It starts a
// payment session on a phone call, asks the caller for one field after another,
// and completes or cancels the session.
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
// A nil error means that Twilio accepted the request. What the caller entered,
// and whether the gateway charged, arrive later as status callbacks at
// StatusCallback; package callback receives them. Package paymentstest
// simulates Twilio in tests. See
// https://www.twilio.com/docs/voice/api/payment-resource
//
// # Quick reference, also for coding agents
//
// The API has two operations on a call in progress. Create starts a session;
// Update asks for one field (Capture), completes or cancels (Status). It has no
// GET, list or refund, and no response carries an outcome. Five rules avoid a
// double charge:
//
//  1. Use package flow, which keeps these rules across processes and restarts.
//  2. One idempotency key per operation. To try again, send the same key again
//     ([Error.IdempotencyKey]); a new key is a new charge.
//  3. When complete fails with [Error.OutcomeUnknown], never complete again: wait
//     for the callback, or settle the session with flow.Reconcile.
//  4. A payment counts as charged only when a verified callback reports success.
//     Count a success once for each session.
//  5. Acknowledge a callback only after it is stored. It may arrive again, late or
//     out of order.
//
// # Credentials
//
// Authenticate with an auth token ([WithCredentials]), an API key
// ([WithAPIKey]), an OAuth app ([WithOAuth]) or a function that reads
// credentials from where you keep them ([WithCredentialSource]). By default the
// client uses the credentials in the environment. Fetched credentials are
// cached by server and account and renewed before they expire; one fetch runs
// at a time. After a 401 the client fetches new credentials once and continues
// the call, complete included: Twilio did not process the refused request. A
// call that gets no credentials sends nothing and fails with [ErrCredentials].
//
// # What is sent
//
// Requests are forms; their fields are in the order of the type. A field with
// its zero value is not sent, so Twilio's default applies; a *bool of false is
// sent. An amount is sent as it was written, Parameter as one JSON object,
// ValidCardTypes separated by spaces and RequireMatchingInputs by commas. The
// client never follows redirects and allows plain http for loopback addresses
// only.
//
// # Validation before sending
//
// SIDs are always validated. Unless [WithoutValidation] is given, the client
// also checks that StatusCallback is an absolute URL; that amount, Timeout and
// MinPostalCodeLength are within the contract's limits; that enum values are
// valid; that exactly one of Capture and Status is set; that ACH comes with
// AVSName; and that a card comes without BankAccountType. Each violation is a
// [ValidationError].
//
// # Errors
//
// Every failed call returns one [*Error]. It has Twilio's status, code and
// request id if there was a response, and always the operation's idempotency
// key. Test for its meaning with errors.Is ([ErrNotFound], [ErrRateLimited],
// …). When [Error.OutcomeUnknown] is true, Twilio may have acted: wait for the
// status callback or, except for complete, send the same operation again with
// [Error.IdempotencyKey]. [Error.Raw] returns the response body, for details
// this package does not know.
//
// # Retries
//
// Each operation uses one idempotency key across all attempts. For each way in
// which an attempt can end, the table says whether the client retries, and
// whether the outcome is unknown if it does not. The client retries when the
// table allows it, [WithMaxRetries] (default 3) is not used up, and the wait
// ends before the context's deadline; otherwise it returns the failure at once.
// Once an attempt has left the outcome unknown, it stays unknown even if a
// later attempt fails for another reason.
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
// "Only if asked" means [WithRetryComplete]. An update with both or neither of
// Capture and Status, which takes [WithoutValidation], is retried as complete is.
// "Not sent" means that net/http's
// own transport reported, through a trace in the request's context, that it did
// not write the request's headers. "Not processed" is guaranteed by RFC 9113,
// sections 6.8 and 8.7, and by a first write of no bytes, when the request was
// sent once. The client also sees both below a middleware, whether or not that
// reads the body, if the middleware passes the request's context on. With a
// custom RoundTripper, a request counts as sent and processed once its body has
// been read; a RoundTripper that also sends requests through net/http must not
// pass the same context to them. net/http never retries a request of this
// package by itself.
//
// Retries use exponential backoff with full jitter: a random wait of up to 250
// ms, doubling per attempt, capped at 8 s. The client honors Retry-After, in
// seconds or as a date, up to 30 s. Each attempt may take 15 s
// ([WithAttemptTimeout]).
//
// When an attempt was sent and then lost its connection, or got no complete
// response in time, the next one uses a new connection, since the other pooled
// connections may be dead too. After a timeout the client closes the idle ones,
// and all its attempts use new connections for one second. By then a silent
// HTTP/2 connection is idle and is closed too, unless another call still waits on
// it: then later calls use it again until that call times out or a ping fails.
// The default transport pings an HTTP/2 connection after 10 s of silence and
// closes it 5 s later if there is no reply. Below a middleware, use a transport
// from [NewTransport], which does all of this. With another transport there, the
// client can only call CloseIdleConnections, if the middleware has that method.
//
// # Too many requests
//
// Twilio limits concurrent requests. After a 429, the client limits its
// concurrent attempts for that account to half as many as it had in progress;
// each further 429 halves the limit, and each round of other responses raises
// it by one. Calls above the limit wait in order of arrival for at most 8 s and
// then proceed regardless. A minute without a 429 removes the limit.
// [WithoutSharedBackoff] turns this off.
//
// # Secrets
//
// Credentials, callback URLs, the values of Parameter, and bodies never appear
// in a log, error text, JSON or fmt output. Where one of Twilio's messages or a
// transport's error repeats one of them, or a value of the callback's query,
// that part is replaced, in any case and however it is escaped for a URL, JSON
// or HTML; values shorter than four bytes are not searched for. Nothing is
// logged without [WithLogger], which logs only operation, account_sid,
// call_sid, payment_sid, attempt, status, code, request_id, duration and delay.
//
// # Tracing
//
// Give [WithHTTPClient] a client whose transport is otelhttp's; each attempt
// then becomes one span under the caller's:
//
//	payments.WithHTTPClient(&http.Client{Transport: otelhttp.NewTransport(payments.NewTransport())})
//
// # Compatibility
//
// The types are generated from Twilio's document. New fields, enum values and
// options are not breaking changes; write parameters with field names. Error
// texts and log messages are for people and may change.
package payments
