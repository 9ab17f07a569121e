// Package natsbus is the bus of package flow for many machines, over NATS
// JetStream. It is a module of its own, so that who does not use it does not
// download NATS.
//
//	nc, err := nats.Connect("tls://nats.example.com", nats.UserCredentials("pay.creds"))
//	bus, err := natsbus.New(ctx, nc, natsbus.WithReplicas(3), natsbus.WithKey(key))
//	http.Handle("POST /status", handler) // of flow.Handler(bus), on every machine
//	f, err := flow.Start(ctx, client, bus, callSID, params)
//
// # What it keeps where
//
// With the name "twiliopay", which [WithName] changes:
//
//   - the stream TWILIOPAY_EVENTS, one message per status callback, on the
//     subject twiliopay.events.<account SID>.<call SID>.<payment SID>;
//   - the bucket twiliopay-claims, one key per session, by which machines agree
//     who acts.
//
// [New] makes them, or gives them the options it is called with. A session is
// forgotten, events and record together, when nothing has happened to it for
// [WithExpiry]; servers keep both for twice as long. A delivery that comes again within the duplicate window of
// two minutes is not stored again; later than that it is stored, and flows leave
// it out by its ID.
//
// # Secrets
//
// With [WithKey] messages and records are sealed with AES-256-GCM, bound to
// their session: who can read or write the stream can neither read a callback
// nor pass one off as another session's. Account, call and payment SIDs are in
// subjects and stay readable. All machines need the same key.
//
// Without a key messages are stored as they are, but for payment tokens, profile
// IDs and parameters that are not documented, which are left out: then
// [flow.Result].TokenWithheld is set, and the token is lost. Card and account
// numbers are masked by Twilio; expiry dates, postal codes and routing numbers
// are not. Records hold the StatusCallback URL.
//
// # When NATS fails
//
// A publish returns nil when the stream has the message: with three replicas,
// when two of them do. Requests that fail are tried again until their context
// ends, ten seconds at most; Twilio is answered 500 then and may deliver again.
// All subscriptions of a process share one consumer, so that a process with
// thousands of open flows comes back from an outage with one request. Every
// process with open flows receives the events of all sessions, and leaves out
// those it does not wait for.
//
// Subscriptions survive the loss of a server and of the connection: the
// consumer is made anew where the last message left off, within a few
// heartbeats. A stream that is deleted or made anew ends them.
package natsbus
