// Package flow turns a payment session into steps that block until they are
// done. A response of Twilio's REST API says only that the request was
// accepted; Twilio posts the outcome to a URL, and any machine behind it may
// receive it. A flow sends the request on one machine, receives the callback
// from any machine, and returns the outcome.
//
//	bus, err := flow.NewMemory()
//	handler, err := flow.Handler(bus, callback.WithPublicURL("https://pay.example.com"))
//	http.Handle("POST /status", handler)
//
//	f, err := flow.Start(ctx, client, bus, callSID, payments.CreateParams{
//		ChargeAmount:   "49.90",
//		StatusCallback: "https://pay.example.com/status#rc=5&rp=all",
//	})
//	defer f.Close() // when this machine is done with the session
//	card, err := f.Capture(ctx, payments.CapturePaymentCardNumber) // returns when the entry is accepted or refused
//	…
//	result, err := f.Complete(ctx) // charge or token, or a typed error
//
// Another machine can resume the session, or only follow it:
//
//	g, err := flow.Resume(ctx, client, bus, s.AccountSID, s.CallSID, s.SID)
//	for p := range g.Events(ctx) { … } // what the agent's screen may show
//
// # Steps
//
// A session runs one step at a time, across all machines; a second step fails
// with [ErrBusy] and sends nothing. The one exception is Cancel, which may run
// while a capture waits, and ends it. The context bounds each step: every
// method returns within 250 ms of the context's end, even if the bus hangs. A
// step without a deadline waits as long as the session lives, at most 24 hours,
// which is longer than any call.
//
//	error                       of                          what now
//	*EntryError                 Capture                     ask again if Again, else for another field
//	*EndedError                 any step                    the session is over: ErrStar, ErrHungUp, ErrCancelled,
//	                                                        payments.ErrDeclined, ErrNotCharged and others, by
//	                                                        errors.Is
//	*payments.Error             any step, Start             Twilio refused; the session is as it was
//	ErrOutcomeUnknown           Start                       start again with the IdempotencyKey of the *StartError
//	ErrOutcomeUnknown           Capture                     capture again; if the caller hung up during a complete, complete again
//	ErrOutcomeUnknown           Complete                    complete again, which sends nothing and waits; or cancel
//	ErrOutcomeUnknown           Cancel                      cancel again
//	the context's error         Capture                     the caller is still being asked: capture again, or cancel
//	ErrBusy, ErrTakenOver       any step                    another step, or another machine, has the session
//	ErrCompleting               Capture                     a complete was sent, or may have been
//	ErrClosed, ErrExpired       any step                    the flow is closed, or the session has expired on the bus; with
//	                                                        ErrOutcomeUnknown too after a complete that may have been sent
//	ErrNoRecord                 Resume                      the bus does not know the session, see WithStatusCallback
//	ErrFormat                   any step, Resume            a newer version of this package wrote the record, or the key is missing
//	payments.ErrInvalidParams   any step, Start, Resume     a *payments.ValidationError names field and rule
//	ErrContradicted             Reconcile                   the gateway and Twilio disagree: a person must look
//
// [HTTPStatus] maps these errors to HTTP status codes for your back end.
//
// # A charge is never doubled
//
// Before a flow sends complete, it writes a claim to the session's record by
// compare-and-swap, so that exactly one machine sends it. The claim is
// withdrawn only when Twilio is known not to have acted: it refused the
// request, or was never reached. When the response is lost, the context ends or
// the machine dies, no machine sends complete again, whatever the client's
// options, and the callback reports the outcome. This guarantee depends on the
// bus and on no clock. That one capture runs at a time depends on a lease as
// well, see [WithLease].
//
// A flow acts only on a record that it has just read or written. If the record
// is gone, the flow ends with [ErrExpired]. If the record was lost, or an older
// one was restored and a callback of a later step shows it, a complete may
// already have been sent: the flow sends no other, and Complete waits for the
// callback, unless [WithRiskOfSecondCharge] is given. If nothing shows that an
// old record was restored, the second complete has the same idempotency key as
// the first, because the key derives from session and start and is the same on
// every machine.
//
// A success counts whenever it arrives. After a complete that was or may have
// been sent, a cancel that Twilio reports is not final at once: the flow waits
// another 5 s for a success that may still arrive. In that case Cancel never
// returns nil solely because of Twilio's response. A hang-up, a star, an internal
// error and a result that this package does not know are not final at all then,
// unless they come with an error code of the payment (PayErrorCode): the gateway
// may still be working. The flow waits for its outcome, for 5 s and
// [WithPatience] more, and then the outcome is unknown until a callback or
// [Reconcile] reports it.
//
// A test runs this protocol through the interleavings of two and three machines
// with lost requests and responses, crashes, lost and old records, and clocks
// that are an hour apart ("make explore" runs a million of them).
//
// # When an outcome stays unknown
//
// If a callback never arrives, nobody knows whether the session was charged; if
// a machine dies between two steps, the session stays open. [Unfinished] lists
// both kinds, on every bus: alert on sessions that are Completing and older
// than 15 minutes. [Reconcile] asks the gateway about those through a function
// of yours and records the outcome for all machines; it sends nothing to Twilio
// and charges nothing. [WithReferenceInDescription] or [WithReferenceParameter]
// gives the gateway a reference for each session, by which to find its charge.
// OPERATIONS.md beside this package leads from the alert to the closed case:
// https://github.com/twiliopay/twiliopay-go/blob/main/api/flow/OPERATIONS.md
//
// # How callbacks find their flow
//
// [Start] adds one parameter to the query of StatusCallback, which Twilio keeps
// and signs: it holds the call, the number of the request and the start. With
// it a flow distinguishes its session's callbacks from those of an earlier
// session of the call, and the callbacks of one capture from those of the
// previous one; finds its session when the response to create was lost; and
// receives callbacks that name the parent leg of the call. If a proxy drops the
// query, the session's SID and the field still identify the callback, but a
// lost create cannot be resolved. Also, a machine that continues a capture
// whose entry arrived before it took over may wait until its context ends:
// capture again then.
//
// # What holds on which bus
//
//	                             NewMemory                     pgbus                            natsbus
//	for                          one process                   many, beside a PostgreSQL        many, over a NATS cluster
//	a callback gets 2xx          when it is in memory          when it is committed             when a majority of the replicas has it
//	survives                     nothing                       a restart; with a synchronous    a restart; with 3 replicas the
//	                                                           standby the loss of the server   loss of a server
//	in                           at least once, as Twilio delivers; the same delivery is kept once
//	the same delivery is known   while the session is held     while the session is held        for two minutes, and by each flow for good
//	with your own data           no                            in one transaction               no
//	out, per session             once, on all of them
//	order, per session           as published, the same for all subscribers
//	claims                       exact                         exact, by revision of a row      exact, by revision of a key
//	bounds                       100000 sessions of each       those of the disk                WithMaxBytes
//	                             account, 1000 events each
//	when full                    ErrFull, Twilio gets 500; nothing open is dropped
//	expires, as a whole          a call idle for 24 h          a call idle for 24 h             a session idle for 24 h
//	tokens                       in memory                     encrypted with a key, or not stored, on both
//	card numbers, codes          as Twilio masked them         encrypted with a key, or masked again, on both
//
// There is no order between sessions, and no session receives another's events.
//
// [Flow.Events] is stricter than the bus: it leaves out callbacks that Twilio
// delivers late or out of order when a later one has overtaken them. It orders
// them by the number of the request, then by whether the entry is over, then by
// Twilio's date.
//
// # What happens when
//
//	Twilio posts a callback twice      it is kept and shown once
//	callbacks come out of order        each belongs to the request it was posted for; events do not go backwards
//	a callback is lost                 the step waits until its context ends; the next digit shows a lost one too
//	the bus is down at Start           nothing is sent
//	the bus is down at a step          nothing is sent; a step that waits continues when the bus is back
//	the bus is down at a callback      500: Twilio delivers again if StatusCallback ends in #rc=5&rp=all
//	the bus loses a claim's response   the flow reads the record back to see whose claim it is
//	the bus has deleted the session    steps and events end with ErrExpired, and nothing is sent
//	the record is lost or an old one   no complete is sent; Complete waits for the callback
//	the first record is not written    Start cancels a session it certainly created; else a *StartError has key and SID
//	a machine dies in Capture          another resumes and continues; the caller is not asked twice
//	a machine dies in Complete         another resumes, sends nothing, and waits for the callback
//	a machine was only slow            its step ends with ErrTakenOver; its complete was the only one
//	… between claim and complete       after 45 s complete is not sent, and the claim is withdrawn
//	a hook or transport panics         the step panics in its caller, and its turn is released
//	a subscriber is slow or gone       others do not wait for it; the bus has what it missed
//	the caller hangs up or presses *   every step that waits ends, on all machines
//	… while the gateway works          Complete waits on, then ErrOutcomeUnknown; Unfinished lists the session
//	a session is cancelled elsewhere   every step that waits ends, whether Twilio posts a callback or not
//	a cancel fails during a capture    the capture continues, on whichever machine it runs
//	a complete overtakes a cancel      the cancel waits for the callback; a charge counts whatever was accepted
//	a success follows another result   the session has succeeded
//	the gateway settled the session    waiting and later steps end, on all machines; nothing is sent
//	an older version runs beside       it refuses records and messages of the newer one with ErrFormat
//
// A flow does not rely on Twilio to retry a failed delivery or to send a
// callback after a cancel where Twilio is not known to do so. Only a callback
// reports how complete ended: if it never arrives, ask the gateway, see
// [Reconcile].
//
// # Sizing
//
// A card session has about 40 callbacks, one per key, of about 600 bytes each.
// On the memory bus an open session in the middle of its entries takes about 10
// kB including its flow, and no goroutine; a step has two. The documentation of
// package natsbus gives its sizes; its servers keep about 30 kB on disk per
// session, times replicas, for twice its expiry. A step changes the record
// twice, besides its callbacks.
//
// Measured by the benchmarks of this package and natsbus, medians of three runs,
// on four virtual cores that ran everything, servers included, with messages
// encrypted and on disk. Delivery to waiter is the time from a callback's arrival
// to the return of the step that waits for it:
//
//	                      steps/s,       delivery to waiter,
//	                      100 sessions   1 session               100 sessions
//	memory                41000          p50 64 µs, p99 0.2 ms   p50 0.7 ms, p99 7 ms
//	NATS, one server      8000           p50 0.7 ms, p99 2.5 ms  p50 7 ms, p99 22 ms
//	NATS, three servers   4600           p50 1.4 ms, p99 2.6 ms  p50 12 ms, p99 39 ms
//
// The documentation of package pgbus compares PostgreSQL with both, on a smaller
// and busy machine.
//
// When one of three NATS servers dies, steps that wait on it continue within a few
// seconds: see natsbus.WithHeartbeat.
//
// # Secrets
//
// Digits in [Progress] are masked, by this package too in case Twilio did not
// mask them. Tokens are only in [Result] and [Message], which hide them when
// printed. They are behind functions, see [wire.Hidden]: no struct of yours
// that holds one prints it. The record of a session holds the StatusCallback
// URL.
package flow
