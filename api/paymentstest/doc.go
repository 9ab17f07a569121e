// Package paymentstest simulates Twilio in tests: the Payments resource, the
// caller's keypad and the payment gateway, in process and repeatable. It is to
// package payments what net/http/httptest is to net/http. Package scenario
// plays payments written down in files, and package console shows them on a
// page.
//
//	func TestCheckout(t *testing.T) {
//		srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
//		srv.Handle("https://pay.example.com/", app) // gets the status callbacks
//		client, err := payments.NewClient(srv.ClientOptions()...)
//		…
//		call := srv.NewCall()
//		s, err := client.Create(ctx, call.SID, payments.CreateParams{ChargeAmount: "49.90", …})
//		_, err = client.Update(ctx, call.SID, s.SID, payments.UpdateParams{Capture: payments.CapturePaymentCardNumber, …})
//		err = srv.Wait(ctx) // the caller has typed, and every callback is delivered
//		…
//		_, err = client.Update(ctx, call.SID, s.SID, payments.UpdateParams{Status: payments.StatusComplete, …})
//		charges := srv.Charges()
//	}
//
// # Tour
//
// [NewServer] starts a server for a test, [Start] one for a program. An
// application connects with [Server.ClientOptions], or with any HTTP client at
// [Server.URL].
//
// A [Call] is the caller's end of the line. A test presses keys with
// [Call.Enter], [Call.Press] and [Call.HangUp], or types test cards and
// mistakes by name with [Call.Type]. A scripted [Caller] responds by itself:
// [VisaCaller], [CardCaller], [ACHCaller], or your own function.
//
// [Server.Handle] delivers status callbacks to a handler in process, whatever
// their URL; [Server.Mount] does so until the handler is removed. [Server.Callbacks], [Server.Requests], [Server.Charges] and
// [Server.Tokens] return what happened, and [Server.Wait] waits until nothing is
// left to do.
//
// For fault injection, [Server.Inject] makes requests fail, [Server.Deliver]
// delivers callbacks twice, late, out of order or never, [Server.DeclineNext]
// declines payments, and [WithAssumptions] changes behavior that Twilio does
// not document.
//
// [Server.Watch] follows the journal: every request, key press and callback is
// a numbered [Entry] that names the entry that caused it. Package console draws
// the journal as a page on which a person plays the caller. The program sandbox
// runs scenarios and the page for applications in any language.
//
// # Requests
//
// Every request is validated against the embedded contract, more strictly than
// Twilio does: an undeclared or repeated field, a number that is not a JSON
// number and a boolean other than true and false are refused
// ([AllowCapitalBooleans] accepts those of older official SDKs). Such a request
// fails the test, unless [AllowInvalidRequests] is given. Credentials are
// checked: the account has [DefaultAccountSID] and [DefaultAuthToken], or those
// of [WithCredentials]. [WithOAuthApp] adds an app that fetches access tokens;
// [Server.AddAccount] adds a subaccount or a rotated auth token while the
// server runs. Responses and errors have Twilio's form.
//
// On a socket the server accepts only requests whose Host is a loopback name
// with its port (421 otherwise, see [WithHosts]), and refuses those that a
// browser sends for a page of another origin (403). Refused requests are
// neither recorded nor fail the test.
//
// An idempotency key repeated with the same request gets the first response
// again; with a different request it is refused.
//
// # Callers and the gateway
//
// Every call SID is a call in progress until it hangs up. Card numbers, dates and
// codes are validated. [WithCaller] sets a scripted caller for all calls,
// [Call.AnswerWith] for one.
//
// The gateway accepts test cards, as a connector in TEST mode does; with
// [LiveMode] it accepts any valid card. [Server.DeclineNext],
// [Server.ArmGateway] and [WithGateway] override its decisions. A gateway may
// block: requests for other sessions are handled meanwhile.
//
// # Callbacks
//
// The server sends a callback for every session started, capture asked for,
// digit pressed, entry finished and session ended. It goes to the
// StatusCallback of the request that caused it, after the response to that
// request. It has the shape and the masks of payloads captured from Twilio, is
// signed with the account's auth token, and carries I-Twilio-Idempotency-Token.
// Callbacks of a session are delivered one after the other.
//
// Callbacks are delivered to loopback addresses, to hosts of
// [WithCallbackHosts], and to the handlers of [Server.Handle]; any other is
// only recorded. An address is checked when it is dialled. The test's log
// reports, once per host, that there is no handler, or that one responds with
// 403. Redirects are not followed. Deliveries are retried according to Twilio's
// connection overrides: by default once, when no connection is made;
// "#rc=3&rp=5xx" on the URL asks for more.
//
// # Time
//
// The server uses package time, or the clock of [WithClock]. Inside a
// testing/synctest bubble use [InMemory] with [Server.Handle]: requests and
// callbacks then stay in the process, and every delay is exact and takes no
// real time. SIDs, tokens and codes derive from a seed ([WithSeed]), so that a
// test that does the same sees the same.
//
// # Faults
//
// [Server.Inject] makes requests fail as networks and servers do: any response,
// a reset connection, half a response, or none at all, before or after the
// request takes effect; by operation and attempt, or at random with a seed.
// [Request.Committed] reports whether the request took effect.
//
// # Journal
//
// Everything that happens is an [Entry] of the journal, numbered without gaps,
// with the number of the entry that caused it: requests and responses, prompts and keys,
// callbacks and the application's response to each, the gateway, faults.
// [Server.Watch] follows it without blocking anything, [Server.Entries] returns
// past entries, and [Server.Snapshot] returns the state of calls and sessions.
// The sandbox's page is drawn from these only.
//
// Settings made at the start can be changed while the server runs:
// [Server.SetAssumptions], [Server.SetGateway], [Server.Inject],
// [Server.Deliver]. A payment can take time or wait for [Server.Decide];
// [Server.Redeliver] delivers callbacks again and [Server.Send] sends one made
// by hand; with [Call.TakeOver] a script and a person take over the keypad from
// each other.
//
// # Secrets
//
// No card number, security code, credential or body is ever printed, logged or put
// into an error. [Charge], [Callback] and [Entry] have card numbers masked. The
// confirmation codes and tokens of [Charge] and [Token] are made up, and print like
// any text.
//
// # Assumptions
//
// Where Twilio's behavior is unknown, the server assumes the following.
// [WithAssumptions] changes an assumption that an application could depend on,
// by a field of [Assumptions].
//
//	What is not known                         What is assumed                          Field
//	────────────────────────────────────────  ───────────────────────────────────────  ────────────────────────────
//	Same key, same request                    the first response, nothing happens again
//	Same key, another request                 409, code 20409                          ReuseKeys
//	Key of a request that was refused         is free again
//	Status of 64003 to 64021 in responses     400
//	Second session on a call                  400 with 64021, no callback              ReportSessionInProgress
//	Update of a session that has ended        404 with 20404                           FinishedSessionStatus
//	Session unknown, or of another call       404 with 20404
//	Create on a call that hung up             400 with 21220
//	Call that was not mentioned before        is in progress                           KnownCallsOnly
//	Account not open to the credentials       401 with 20003
//	Life of a session without requests        no end                                   SessionLifetime
//	Connector names                           all exist, "Default" too                 Connectors
//	PCI mode                                  is on
//	Parameter that is not JSON of one level   400 with 64020
//	Amount with more decimals written than    400 with 64003, also when they are
//	  the currency has                          zeros
//	Capture of the other payment method,      400 with 64020
//	  or matcher not asked for
//	Matcher before its field                  202, then input-matching-failed
//	Matchers in Required                      listed as "…-matcher"                    HideMatchers
//	Order of Required                         number, expiry, code, postal code
//	Card number captured again                security code stays captured             RecaptureForgetsSecurityCode
//	PartialResult of a finished entry         absent                                   FinalPartialResult
//	Captured fields in updates                all so far, masked, in every update
//	Mask of card numbers                      xxxxxxxxxxxx1111, no separators          DashedCardMask
//	Mask of security codes                    one x for each digit
//	Masks while digits arrive                 all hidden; dates, postal codes and
//	                                            routing numbers in clear
//	End of an entry                           #, or the last digit of a field of
//	                                            fixed length (Visa and Mastercard 16,
//	                                            amex 15, expiry 4, code 3 or 4,
//	                                            routing number 9), or digit 19
//	# before any digit                        ignored
//	Keys while nothing is asked               lost; Press and Enter say so
//	Result of a cancel                        transaction-cancelled                    CancelResult
//	URL of callbacks about * and hanging up   that of the last request accepted        EndToCreateURL
//	Confirmation: what 2 does                 as a cancel, to the URL of complete      CancelResult
//	Confirmation: while it is asked           no callback
//	Session while the gateway decides         capture, complete and cancel: 400 with
//	                                            64021; keys are lost
//	Hanging up while the gateway decides      does not stop the payment
//	Session after a decline                   has ended
//	64022 and 64023                           PayErrorCode of the last callback
//	ACH and postal code in last callbacks     masked as in updates
//	Optima cards                              count as American Express
//	Vendor's Diners Club test card            accepted, although its check digit is wrong
//	Dates of a session's callbacks            a millisecond apart at least
//	Wait before a delivery is retried         none
//	Connection overrides on these callbacks   obeyed                                   IgnoreConnectionOverrides
//	Callback URL without a path               requested and signed with "/"
//
// # Limits
//
// The server keeps everything until it closes, unless [WithHistory],
// [WithHistoryBytes] and [WithMaxSessions] limit it. For requests that the
// contract or the credentials refuse, it keeps neither header nor body. A
// connection may be idle for 2 minutes, before its first request too; the body
// of a request must arrive within 20 seconds, and a response must be read
// within 30. Injected delays are not cut short.
package paymentstest
