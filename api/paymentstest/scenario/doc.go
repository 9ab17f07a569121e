// Package scenario plays payments that are written down in files: who answers the
// phone and how, what the gateway decides, what breaks, and what must come out.
// About twenty come with the package; see [Shipped].
//
// A scenario is a JSON file in which comments and a comma after the last element
// are allowed. This one loses the response to complete:
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
// Without an application [Scenario.Run] plays it: it sends the requests itself, by
// package payments, and takes the callbacks.
//
//	sc, err := scenario.Load("lost-response.json")
//	report, err := sc.Run(ctx, srv)
//	err = report.Err() // what did not come as expected
//
// In the test of an application the server gets caller, gateway and faults from
// the scenario, and the application sends the requests:
//
//	srv := paymentstest.NewServer(t, sc.Options()...)
//	… the application takes its payment …
//	report, err := sc.Check(ctx, srv)
//
// For an application in any language the program api/paymentstest/sandbox does
// both: "sandbox run FILE…", and "sandbox exec -scenario FILE -- COMMAND".
//
// [FromJournal] makes a scenario of a run, to be edited and kept as a test.
//
// JSON was chosen because every language and editor reads and writes it, and the
// standard library knows where in it a value stands. Comments are blanked out
// before it is read.
//
// # The caller
//
// caller has what is done each time a field is asked for, by the name of the
// capture: one answer, or a list of which the last one stays. Times are counted on
// the whole call, over all its sessions. A field that is not there gets a good
// entry: a Visa test card, a date to come, a code that fits the card.
//
//	"good", "visa", "check-digit", …  an entry by its name; see [paymentstest.TypedNames]
//	"nothing"                         no key is pressed
//	"unfinished"                      the first digit, and then nothing
//	"star", "hang-up"                 * ends the session, hanging up the call
//	"4111 1111 1111 1111"             these digits, and # to end them
//	"12#", "41*"                      these keys, as they stand, where there is a # or *
//
// confirmation is the question whether to go on: "confirm", which is the default,
// "refuse", "nothing", "star" or "hang-up".
//
// # The gateway
//
// gateway has a verdict for each payment on the call in turn: "approve", or
// {"verdict": "decline", "code": 64008, "connectorError": "insufficient_funds",
// "after": "2s"}, where after is how long the gateway takes. Payments after the
// list, and those approved by the word alone, are decided as the server does
// otherwise: in TEST mode it takes the vendor's test cards.
//
// # What breaks
//
// faults.requests has what goes wrong with requests:
//
//	operation    create, capture, complete or cancel; any of them when it is left out
//	nth          the first request of the operation on the call that it happens to, from 1, which is the default
//	times        to how many it happens from then on: 1 by default, 0 for all
//	fault        too-many-requests, unavailable, server-error, reset, half-body, never-answer or slow
//	takesEffect  the request is acted on nevertheless
//	retryAfter   the header, with too-many-requests and unavailable
//	delay        the time before it happens; slow needs one
//
// Requests that are sent again count. faults.callbacks has how callbacks are
// delivered:
//
//	event  started, entering (asked for, or digits arrive), captured, failed or ended; any when it is left out
//	nth    only the nth of them on the call; all by default
//	way    once, twice, late, never or out-of-order
//	delay  with late
//
// # What must come out
//
// Of expect, what is left out is not checked, and an empty list means that there
// must be none. Each text goes from the general to the particular. Words that are
// left out at its end are not checked, nor is one that is "*": "49.90 USD visa 1111",
// "49.90", "* * visa". Among events "*" stands for any of them, or none.
//
//	results    how each session ended, in the order they began: "success", "payment-connector-error 64008",
//	           "open" for one of which no callback has said how it ended
//	charges    AMOUNT CURRENCY CARD LAST-DIGITS of each charge; the card of ACH is ach-debit
//	tokens     TYPE CARD LAST-DIGITS of each token
//	events     every event but for those while digits arrive, call by call: "started", "captured FIELD",
//	           "failed FIELD ERROR", "ended RESULT CODE"
//	requests   how many there were of an operation, those sent again included: {"complete": 1}
//	delivered  how many callbacks of an event were taken, repetitions included: {"ended": 2}
//
// Three more things are checked always: that no call was charged twice, unless
// charges lists what is charged; that every request was one that the contract
// allows; and that every callback was taken with a 2xx, unless allowUndelivered is
// true. With faults it is checked that they happened.
//
// # Without an application
//
// payment has the fields of create as Twilio names them, but for IdempotencyKey and
// StatusCallback. steps are what the agent does: "create", "capture FIELD",
// "complete", "cancel", each of which may end in "refused CODE"; "wait 2s"; and
// "star" and "hang-up", which the caller does while nothing is asked. Each waits for
// what it leads to, at most patience (default 10s). Without steps the agent asks
// for what Required lists, up to three times for a field, and completes; it cancels
// when nothing comes in time.
//
// With an application neither payment nor steps nor patience mean anything: what it
// charges is its own affair. Of the scenarios that come along most leave amounts
// open, and so suit any application that takes cards.
package scenario
