// Package pgbus implements the bus of package flow for many machines over
// PostgreSQL: its tables are in the same database as your orders, and in the
// same backup. It is a separate module, so that programs that do not use it do
// not download pgx.
//
//	pool, err := pgxpool.New(ctx, "postgres://pay@a.example.com,b.example.com/shop?target_session_attrs=read-write&connect_timeout=2")
//	bus, err := pgbus.New(ctx, pool, pgbus.WithKey(key)) // after Migrate, which a deployment calls
//	defer bus.Close()
//	http.Handle("POST /status", handler) // of flow.Handler(bus), on every machine
//	f, err := flow.Start(ctx, client, bus, callSID, params)
//
// It needs PostgreSQL 14 or later; the tests run on Debian's.
//
// # Which bus
//
//	flow.NewMemory   one process, whose restart may lose the sessions in progress
//	pgbus            many machines that already have PostgreSQL: nothing more to operate; the only
//	                 bus whose events are committed with the application's own data, see InTx
//	natsbus          many machines and thousands of steps a second; a NATS cluster continues within
//	                 seconds when a server is lost, without a failover of a database
//
// The documentation of package flow lists the guarantees of each.
//
// # Storage
//
// The tables are in their own schema, "twiliopay" unless [WithSchema] names
// another:
//
//	calls       a row per call: its newest event's number, and when it expires
//	sessions    a row per session: its record and the record's revision
//	events      a row per status callback
//	migrations  the versions of the tables
//
// [Migrate] creates them; call it from a deployment command. The SQL is in the
// directory migrations, and [Migrations] returns it, if you run migrations by
// other means. [New] changes nothing, and its error names everything that is
// missing.
//
// Every write for a call first locks the call's row, in the one statement that
// writes, until that is committed. The events of a call are therefore numbered
// and seen in one order: no event becomes visible after one with a higher
// number, as could happen with numbers from a sequence. A call also expires as
// a whole, and a write at that moment keeps it. Different calls do not wait for
// each other.
//
// A delivery's event is stored once, for as long as the session is kept. A
// record is written by compare-and-swap: one statement writes it if its
// revision is still the given one. A write whose response was lost is retried
// and recognizes itself: revisions are never reused.
//
// # How events arrive
//
// Each process has one listening connection, outside of the pool, however many
// flows it has. When an event is committed, the process that published it sends
// a notification with call and number on the channel <schema>_events, and each
// process that waits for that call reads what is new. A process that is woken
// for many calls reads them in one statement. In addition, each process polls
// once per [WithPollInterval] for events of all calls it waits for: a lost
// notification delays an event but does not lose it. [New] sends itself a
// notification, and fails if it does not arrive.
//
// Notifications are sent after the commit, in separate transactions, many at a
// time: PostgreSQL serializes the commits of transactions that notify across
// the whole server, each with its own write to disk (measured with 20
// connections, a tenth of the rate of transactions that do not notify). Only
// [Bus.PublishTx] notifies within the application's transaction.
//
// # PgBouncer
//
// In transaction mode the pool needs default_query_exec_mode=exec in its
// connection string (before PgBouncer 1.21, which supports prepared
// statements), and the listening connection must go to the server directly:
// [WithListenConn].
//
// # Privileges
//
// The processes need these privileges and no others; [Privileges] prints the
// statements for a role and a schema:
//
//	GRANT USAGE ON SCHEMA twiliopay TO pay;
//	GRANT SELECT ON twiliopay.migrations TO pay;
//	GRANT SELECT, INSERT, UPDATE, DELETE ON twiliopay.calls TO pay;
//	GRANT SELECT, INSERT, UPDATE, DELETE ON twiliopay.sessions TO pay;
//	GRANT SELECT, INSERT, DELETE ON twiliopay.events TO pay;
//
// A missing privilege is a [*PermissionError], from New or from the operation
// that needs it. [Migrate] needs a role that owns the schema, or may create it.
// Anyone who can connect to the database can listen on the channel and learn
// the SIDs of calls; they can also notify it, which makes processes poll for
// nothing.
//
// # Secrets
//
// With [WithKey] events and records are encrypted with AES-256-GCM and bound to
// their table and session: someone who can read or write the tables, or has a
// backup, can neither read a callback nor pass one off as another session's.
// Account, call and payment SIDs are in columns and stay readable. All machines
// need the same key.
//
// Without a key events are stored in plain text, except that payment tokens,
// profile IDs and undocumented parameters are left out:
// [flow.Result].TokenWithheld is then set, and the token is lost. Card numbers,
// security codes and account numbers are masked, whatever Twilio sent. Expiry
// dates, postal codes and routing numbers are stored. Records hold the
// StatusCallback URL.
//
// # Expiry
//
// A call expires, its sessions with their events and records together, when
// nothing has been written for it for [WithExpiry]. Once a minute each process
// deletes expired calls, a hundred per statement, and skips locked rows;
// [Bus.Forget] does it at once. A deletion holds its locks for some
// milliseconds, on rows that are no longer needed.
//
// # Sizing
//
// With a key, a card session with 40 callbacks takes about 60 kB of tables and
// indexes: 100,000 sessions a day with the default expiry take 6 GB. Rows of
// calls and sessions are updated in place (19 of 20 updates are heap-only);
// nothing else is updated, and autovacuum needs no special settings.
//
// "make bench-buses" compares the buses in one run: two machines in one
// process, one server of each kind in its own process, events encrypted and on
// disk. These results are from two virtual cores that were busy with other
// work, so the rows show how the buses compare, not how fast each can be:
//
//	                               steps/s,       delivery to waiter,         100 sessions:   an open flow
//	                               100 sessions   1 session: p50, p99         p50, p99        in its process
//	memory                         1850           0.05 ms, 12 ms              2 ms, 230 ms    10 kB, events included
//	PostgreSQL                     467            3.2 ms, 31 ms               120 ms, 370 ms  17 kB
//	NATS, fsync every two minutes  1917           0.5 ms, 6 ms                24 ms, 89 ms    17 kB
//	NATS, sync_interval always     248            1.1 ms, 10 ms               220 ms, 590 ms  17 kB
//
// An open flow has one goroutine on PostgreSQL and NATS, and none in memory. Ten
// thousand flows in one process, over a pool of three connections, had an event
// from another process within 0.6 ms (median, a server without fsync). When the
// listening connection was lost and polling had to read all of them, it took
// 1.0 s, and 1.3 s at worst.
//
// A process uses the pool's connections for one statement at a time and holds
// none while it waits, so a pool of one connection is enough. If the
// application shares the pool, it may exhaust it: requests wait for a
// connection until their context ends, for ten seconds at most. A subscription
// has no goroutine; it buffers 16 unread events and reads later ones again.
//
// # When PostgreSQL fails
//
// A publish returns nil when the event is committed, as durably as
// synchronous_commit says; [New] refuses the value off. Failed requests are
// retried with exponential backoff until their context ends, for ten seconds at
// most. Twilio then gets 500 and may retry. The error says what failed: no
// connection, a server that does not respond, no free connection in the pool,
// no space on disk (flow.ErrFull), a missing privilege.
//
// Subscriptions survive the loss of the connection and of the server, and
// continue where they were. After a failover the pool connects to the new
// primary if its connection string has all addresses and
// target_session_attrs=read-write; a connection to a server that has become a
// standby is closed when that refuses to write. When an idle connection does not
// respond within a few seconds, as after a firewall has forgotten it, the bus
// resets the pool, also one that the application shares: idle connections are
// closed, and those in use are closed when they are returned.
//
// A standby that takes over must have everything that was acknowledged: with
// synchronous_standby_names it does. Without it, the last moments before the
// failover are lost, including records and claims. A reader notices lost events
// and ends with flow.ErrExpired, and a write based on a lost record is a
// conflict; but a machine that dies together with the primary may have sent a
// complete whose claim is lost. See [flow.WithRiskOfSecondCharge].
package pgbus
