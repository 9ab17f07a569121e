// Package natsbus is the bus of package flow for many machines, over NATS
// JetStream. It is a module of its own, so that programs that do not use it do
// not download NATS.
//
//	nc, err := natsbus.Connect("tls://a.example.com,tls://b.example.com", nats.UserCredentials("pay.creds"))
//	bus, err := natsbus.New(ctx, nc, natsbus.WithKey(key)) // WithReplicas(3) where there is a cluster
//	http.Handle("POST /status", handler)                   // of flow.Handler(bus), on every machine
//	f, err := flow.Start(ctx, client, bus, callSID, params)
//
// The servers need JetStream; the tests run on NATS Server 2.15.
//
// # What it keeps where
//
// With the name "twiliopay", which [WithName] changes:
//
//   - the stream TWILIOPAY_EVENTS, one message per status callback, on the
//     subject twiliopay.events.<account SID>.<call SID>.<payment SID>;
//   - the bucket twiliopay-claims, one key per session, by which machines agree
//     who acts. Its stream is KV_twiliopay-claims.
//
// [New] makes them when they are not there and never changes them: what an
// operator has made or changed is used as it is, and a setting that differs from
// an option that was given is an error. [Update] changes them; call it from a
// deployment's command, not from every process.
//
// A session is forgotten, events and record together, when nothing has happened
// to it for [WithExpiry]; servers keep both for twice as long, which is the
// greatest age of stream and bucket. A delivery that comes again within the
// duplicate window of two minutes is not stored again; later than that it is
// stored, and flows leave it out by its ID.
//
// # Connection
//
// [Connect] makes a connection as payments need it. With other connections note
// that the client's defaults give up after two minutes without a server, for
// good, and notice a silent server after six: set nats.MaxReconnects(-1),
// nats.PingInterval and nats.MaxPingsOutstanding as Connect does. Over a leaf
// node, or with streams in another domain, use [NewWithJetStream].
//
// # Permissions
//
// All that a process needs whose stream and bucket are there, as "publish" and
// "subscribe" permissions of its user:
//
//	publish    twiliopay.events.*.*.*
//	publish    $KV.twiliopay-claims.>
//	publish    $JS.API.STREAM.INFO.TWILIOPAY_EVENTS
//	publish    $JS.API.STREAM.INFO.KV_twiliopay-claims
//	publish    $JS.API.STREAM.MSG.GET.TWILIOPAY_EVENTS
//	publish    $JS.API.STREAM.MSG.GET.KV_twiliopay-claims
//	publish    $JS.API.DIRECT.GET.TWILIOPAY_EVENTS
//	publish    $JS.API.CONSUMER.CREATE.TWILIOPAY_EVENTS.>
//	publish    $JS.API.CONSUMER.DELETE.TWILIOPAY_EVENTS.>
//	publish    $JS.API.CONSUMER.CREATE.KV_twiliopay-claims.>
//	publish    $JS.API.CONSUMER.MSG.NEXT.KV_twiliopay-claims.>
//	publish    $JS.API.CONSUMER.DELETE.KV_twiliopay-claims.>
//	publish    $JS.FC.TWILIOPAY_EVENTS.>
//	subscribe  _INBOX.>
//
// Those of the bucket's consumers are for List alone, which flow.Unfinished and
// flow.Reconcile use: leave them out where neither runs. To make them, also $JS.API.STREAM.CREATE of both; to [Update] them,
// $JS.API.STREAM.UPDATE of both. A permission that is missing ends what needs it
// at once, with a [*PermissionError] that names the subject.
//
// # Secrets
//
// With [WithKey] messages and records are sealed with AES-256-GCM, bound to
// their stream and their session: who can read or write the stream can neither
// read a callback nor pass one off as another session's or another stream's.
// Account, call and payment SIDs are in subjects and stay readable. All machines
// need the same key. Data that a version sealed before it was bound to the
// stream is refused with [ErrUnreadable]: upgrade when no session is open, or
// change the name with [WithName].
//
// Without a key messages are stored as they are, but for payment tokens, profile
// IDs and parameters that are not documented, which are left out: then
// [flow.Result].TokenWithheld is set, and the token is lost. Card numbers,
// security codes and account numbers are masked, whatever Twilio sent. Expiry
// dates, postal codes and routing numbers are stored. Records hold the
// StatusCallback URL.
//
// # Sizing
//
// Servers keep about 30 kB per card session, 40 callbacks with a key's overhead,
// times replicas, for twice the expiry: 100,000 sessions a day with the default
// expiry and three replicas are 6 GB on each of three servers. The bucket takes
// less than a fiftieth of that. [WithMaxBytes] bounds both; a bus that is full
// drops nothing and refuses what is new with flow.ErrFull: callbacks are answered
// 500, and Twilio delivers them again where StatusCallback asks for it.
//
// All subscriptions of a process share one consumer, which has flow control. A
// process with open flows receives the events of all sessions, also of those on
// other machines, about 30 kB per session, and decrypts those it waits for. A
// subscription has no goroutine; it holds 16 messages that nobody has asked for,
// and reads what comes beyond that from the stream again. An open flow in the
// middle of its entries takes about 17 kB and one goroutine in its process, and
// nothing on the servers but its messages.
//
// # When NATS fails
//
// A publish returns nil when the stream has the message: with three replicas,
// when two of them do. Requests that fail are tried again with exponential
// backoff until their context ends, ten seconds at most, and return within 250
// ms of their context's end whatever the connection is at; Twilio is answered 500
// then and may deliver again. What failed is in the error: no connection, a
// server that does not respond, no JetStream, no leader because too few servers
// are up, no room (flow.ErrFull), a missing permission.
//
// Subscriptions survive the loss of a server and of the connection: the process's
// one consumer is made anew where it left off, as soon as there is a connection
// again or within two heartbeats, see [WithHeartbeat]. Ten thousand flows over
// one server that was frozen for six seconds, or killed, are a single request.
//
// Loss of power: servers write to disk at once and call fsync every two minutes
// by default (sync_interval). A server that loses power may lose what it took
// since, although it was acknowledged; with three replicas in different places
// that takes two of them at the same moment. With a single server set
// "sync_interval: always" in its jetstream block, which makes publishing slower,
// or accept that sessions under way at that moment end without an outcome: their
// steps end with flow.ErrExpired or flow.ErrOutcomeUnknown, and the gateway knows
// whether a charge was made. A complete is not sent again: a flow whose record is
// gone ends. Subscriptions notice when the stream has lost what they read.
//
// A stream or bucket that was deleted ends the flows that read it, with
// jetstream.ErrStreamNotFound or flow.ErrExpired. Make it again by [Update] with
// the options it had, or by starting any process; the others need no restart.
// The sessions that were open are lost to the bus, not to Twilio: look them up at
// the gateway before anything is charged again.
package natsbus
