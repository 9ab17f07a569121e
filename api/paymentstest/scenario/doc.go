// Package scenario plays payments that are written down in files. A file says
// who answers the phone and what they enter, what the gateway decides, which
// faults are injected, and what the result must be. About twenty scenarios come
// with the package; see [Shipped].
//
// A scenario is a JSON file that may contain comments and a comma after the
// last element. In this one, the response to complete is lost:
//
//	// The card is charged, and the connection breaks before Twilio can say so.
//	{
//	  "title": "the response to complete is lost",
//	  "payment": {"ChargeAmount": "49.90", "PostalCode": false},
//	  "caller": {"payment-card-number": ["check-digit", "visa"]}, // the first entry is wrong
//	  "faults": {
//	    "requests": [{"operation": "complete", "fault": "reset", "takesEffect": true}],
//	  },
//	  "expect": {
//	    "results": ["success"],
//	    "charges": ["49.90 USD visa 1111"],
//	    "requests": {"complete": 1}, // it is not sent again
//	  },
//	}
//
// Without an application, [Scenario.Run] plays it: it sends the requests
// itself, with package payments, and receives the callbacks.
//
//	sc, err := scenario.Load("lost-response.json")
//	report, err := sc.Run(ctx, srv)
//	err = report.Err() // the expectations that were not met
//
// In an application's test, the server takes caller, gateway and faults from
// the scenario, and the application sends the requests:
//
//	srv := paymentstest.NewServer(t, sc.Options()...)
//	… the application takes its payment …
//	report, err := sc.Check(ctx, srv)
//
// For applications in any language, the program api/paymentstest/sandbox does
// both: "sandbox run FILE…", and "sandbox exec -scenario FILE -- COMMAND".
//
// [FromJournal] turns a run into a scenario, to be edited and kept as a test.
//
// The format is JSON because every language and editor reads and writes it, and
// the standard library reports where in it a value is. Comments are blanked out
// before it is parsed.
//
// # The caller
//
// caller lists, by the name of the capture, what the caller does each time a
// field is asked for: one action, or a list whose last element repeats. Prompts
// are counted over the whole call, across all its sessions. A field that is not
// listed gets a valid entry: a Visa test card, a future date, a code that fits
// the card.
//
//	"good", "visa", "check-digit", …  an entry by its name; see paymentstest.TypedNames
//	"nothing"                         no key is pressed
//	"unfinished"                      the first digit, and then nothing
//	"star", "hang-up"                 * ends the session, hanging up the call
//	"4111 1111 1111 1111"             these digits, and # to end them
//	"12#", "41*"                      these keys, as they stand, where there is a # or *
//
// confirmation is the caller's reaction to the final question whether to
// continue: "confirm", which is the default, "refuse", "nothing", "star" or
// "hang-up".
//
// # The gateway
//
// gateway has a verdict for each payment on the call, in order: "approve", or
// {"verdict": "decline", "code": 64008, "connectorError": "insufficient_funds",
// "after": "2s"}, where after is how long the gateway takes. Payments after the
// end of the list, and those with "approve" only, are decided by the server as
// usual: in TEST mode it accepts the vendor's test cards.
//
// # Faults
//
// faults.requests lists the faults injected into requests:
//
//	operation    create, capture, complete or cancel; any of them if omitted
//	nth          the first affected request of the operation on the call, counted from 1, which is the default
//	times        how many requests are affected from then on: 1 by default, 0 for all
//	fault        too-many-requests, unavailable, server-error, reset, half-body, never-answer or slow
//	takesEffect  the request takes effect nevertheless
//	retryAfter   the header, with too-many-requests and unavailable
//	delay        the time before the fault; required for slow
//
// Retries count as requests. faults.callbacks says how callbacks are delivered:
//
//	event  started, entering (a partial callback), captured, failed or ended; any if omitted
//	nth    only the nth of them on the call; all by default
//	way    once, twice, late, never or out-of-order
//	delay  required for late, not allowed otherwise
//
// # Expectations
//
// Parts of expect that are omitted are not checked; an empty list means none may
// occur. Words omitted at the end of a text are not checked, nor is the word "*":
// "49.90 USD visa 1111", "49.90", "* * visa". Among events, a "*" alone matches
// any number of events, including none.
//
//	results    how each session ended, in the order they started: "success", "payment-connector-error 64008",
//	           or "open" if no callback has reported its end
//	charges    AMOUNT CURRENCY CARD LAST-DIGITS of each charge; the card of ACH is ach-debit
//	tokens     TYPE CARD LAST-DIGITS of each token
//	events     every event except partial ones, call by call: "started", "captured FIELD",
//	           "failed FIELD ERROR", "ended RESULT CODE"
//	requests   how many requests of an operation arrived, including retries: {"complete": 1}
//	delivered  how many callbacks of an event were accepted, including repetitions: {"ended": 2}
//
// Three more things are always checked: that no call was charged twice, unless
// charges lists the charges; that the contract allowed every request; and that
// every callback was accepted with a 2xx status, unless allowUndelivered is true.
// If the scenario has faults, each must have fired.
//
// # Without an application
//
// payment has the fields of create under Twilio's names, except IdempotencyKey
// and StatusCallback. steps are the agent's actions: "create", "capture FIELD",
// "complete", "cancel", each of which may end in "refused CODE"; "wait 2s"; and
// "star" and "hang-up", which the caller does between prompts. Each step waits
// for its effect, for at most patience (default 10s). Without steps the agent
// asks for what Required lists, up to three times per field, and completes; it
// cancels if no callback arrives in time.
//
// With an application, payment, steps and patience are ignored: the application
// decides what it charges. Most of the shipped scenarios leave amounts open,
// and so suit any application that takes cards.
package scenario
