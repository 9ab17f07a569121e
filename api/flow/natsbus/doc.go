// Package natsbus implements the bus of package flow for many machines over
// NATS JetStream. It is a separate module, so that programs that do not use it
// do not download NATS.
//
//	nc, err := natsbus.Connect("tls://a.example.com,tls://b.example.com", nats.UserCredentials("pay.creds"))
//	bus, err := natsbus.New(ctx, nc, natsbus.WithKey(key)) // WithReplicas(3) where there is a cluster
//	http.Handle("POST /status", handler)                   // of flow.Handler(bus), on every machine
//	f, err := flow.Start(ctx, client, bus, callSID, params)
//
// The servers need JetStream; the tests run on NATS Server 2.15.
//
// # Storage
//
// With the default name "twiliopay" (see [WithName]), the bus uses:
//
//   - the stream TWILIOPAY_EVENTS, one message per status callback, on the
//     subject twiliopay.events.<account SID>.<call SID>.<payment SID>;
//   - the bucket twiliopay-claims, one key per session, by which machines agree
//     who acts. Its stream is KV_twiliopay-claims.
//
// [New] creates them if they do not exist and never changes them: it uses what
// an operator has created or changed, and returns an error if a setting differs
// from an option. [Update] changes them; call it from a deployment command, not
// from every process.
//
// A session expires, events and record together, when nothing has happened to
// it for [WithExpiry]; servers keep both for twice as long, which is the
// maximum age of stream and bucket. Within the duplicate window of two minutes
// a repeated delivery is not stored again; after that it is stored, and flows
// ignore it by its ID.
//
// # Connection
//
// [Connect] opens a connection with suitable settings. If you open one
// yourself, note that the client's defaults give up for good after two minutes
// without a server, and take six minutes to notice a silent server: set
// nats.MaxReconnects(-1), nats.PingInterval and nats.MaxPingsOutstanding as
// Connect does. Over a leaf node, or with streams in another domain, use
// [NewWithJetStream].
//
// # Permissions
//
// Once the stream and bucket exist, a process's user needs these "publish" and
// "subscribe" permissions and no others:
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
// The permissions for the bucket's consumers are needed by List only, which
// flow.Unfinished and flow.Reconcile use: leave them out where neither runs. To
// create stream and bucket, a user also needs $JS.API.STREAM.CREATE of both; to
// [Update] them, $JS.API.STREAM.UPDATE of both. An operation that lacks a
// permission fails at once with a [*PermissionError] that names the subject.
//
// # Secrets
//
// With [WithKey] messages and records are encrypted with AES-256-GCM and bound
// to their stream and session: someone who can read or write the stream can
// neither read a callback nor pass one off as another session's or another
// stream's. Account, call and payment SIDs are in subjects and stay readable.
// All machines need the same key. Data encrypted by a version that did not yet
// bind it to the stream is refused with [ErrUnreadable]: upgrade when no
// session is open, or change the name with [WithName].
//
// Without a key messages are stored in plain text, except that payment tokens,
// profile IDs and undocumented parameters are left out:
// [flow.Result].TokenWithheld is then set, and the token is lost. Card numbers,
// security codes and account numbers are masked, whatever Twilio sent. Expiry
// dates, postal codes and routing numbers are stored. Records hold the
// StatusCallback URL.
//
// # Sizing
//
// Servers keep about 30 kB per card session (40 callbacks, including the
// overhead of encryption), times replicas, for twice the expiry: 100,000
// sessions a day with the default expiry and three replicas take 6 GB on each
// of three servers. The bucket takes less than a fiftieth of that.
// [WithMaxBytes] limits both; a full bus drops nothing and refuses new data
// with flow.ErrFull: callbacks then get 500, and Twilio retries them if
// StatusCallback asks for it.
//
// All subscriptions of a process share one consumer, which has flow control. A
// process with open flows receives the events of all sessions, including those
// on other machines, about 30 kB per session, and decrypts only those it waits
// for. A subscription has no goroutine; it buffers 16 unread messages and reads
// later ones from the stream again. An open flow in the middle of its entries
// takes about 17 kB and one goroutine in its process, and nothing on the
// servers except its messages.
//
// # When NATS fails
//
// A publish returns nil when the stream has the message: with three replicas,
// when two of them have it. Failed requests are retried with exponential
// backoff until their context ends, for ten seconds at most, and return within
// 250 ms of the context's end whatever the state of the connection. Twilio then
// gets 500 and may retry. The error says what failed: no connection, a server
// that does not respond, no JetStream, no leader because too few servers are
// up, no space (flow.ErrFull), a missing permission.
//
// Subscriptions survive the loss of a server and of the connection: the process
// recreates its one consumer where it left off, as soon as there is a
// connection again or within two heartbeats, see [WithHeartbeat]. For ten
// thousand flows over one server that was frozen for six seconds, or killed,
// this takes a single request.
//
// Power failure: servers write to disk at once and call fsync every two minutes
// by default (sync_interval). A server that loses power may lose what it
// received since, although it acknowledged it; with three replicas in different
// places that takes two of them failing at the same moment. With a single
// server, set "sync_interval: always" in its jetstream block, which makes
// publishing slower, or accept that sessions in progress at that moment end
// without an outcome: their steps end with flow.ErrExpired or
// flow.ErrOutcomeUnknown, and the gateway knows whether a charge was made. A
// complete is not sent again: a flow whose record is gone ends. Subscriptions
// notice when the stream has lost what they read.
//
// If a stream or bucket is deleted, the flows that read it end with
// jetstream.ErrStreamNotFound or flow.ErrExpired. Recreate it with [Update] and
// the options it had, or by starting any process; the others need no restart.
// The open sessions are lost to the bus, not to Twilio: look them up at the
// gateway before anything is charged again.
package natsbus
