// Package pgbus is the bus of package flow for many machines, over PostgreSQL: its
// tables stand beside those of the orders, in one backup. It is a module of its
// own, so that programs that do not use it do not download pgx.
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
//	flow.NewMemory   one process, whose restart may lose the sessions under way
//	pgbus            many machines, and a PostgreSQL is there: nothing more to operate; the only
//	                 one whose events are committed with the application's own data, see InTx
//	natsbus          many machines and thousands of steps a second; a NATS cluster goes on within
//	                 seconds when a server is lost, without a failover of a database
//
// What each promises is in the documentation of package flow.
//
// # What it keeps where
//
// In a schema of its own, "twiliopay" unless [WithSchema] says otherwise:
//
//	calls       a row per call: its newest event's number, and when it is forgotten
//	sessions    a row per session: its record and the record's revision
//	events      a row per status callback
//	migrations  the versions of the tables
//
// [Migrate] makes them, called by a deployment's command; the SQL is in the
// directory migrations and by [Migrations], for those who run it by other means.
// [New] changes nothing, and its error names all that is missing.
//
// Whoever writes anything of a call locks the call's row first, in the one
// statement that writes, until that is committed. So the events of a call are
// numbered and seen in one order: no event becomes visible after one with a
// higher number, as it would with numbers of a sequence. So, too, a call is
// forgotten as a whole, and what is written to it at that moment keeps it.
// Different calls do not wait for each other.
//
// Events of one delivery are kept once, for as long as the session is. A record
// is written by one statement if its revision is still the given one. A write
// whose response was lost is tried again and recognizes itself: revisions are
// never made twice.
//
// # How events arrive
//
// A process has one connection that listens, outside of the pool, whatever the
// number of its flows. When an event is committed, the process that has published
// it notifies the channel <schema>_events of call and number, and each process
// that waits for that call reads what is new. A process that is woken for many
// calls reads them by one statement. Besides, each process looks once per
// [WithPollInterval] for news of all calls it waits for: a notification that is
// lost delays an event, and loses none. [New] sends itself a notification, and
// fails when it does not arrive.
//
// Notifications are sent after the commit, in transactions of their own, many at
// a time: PostgreSQL commits transactions that notify one after the other, on the
// whole server, each with its own write to disk (measured with 20 connections, a
// tenth of the rate of transactions that do not notify). Only [Bus.PublishTx] notifies in the transaction of the
// application.
//
// # PgBouncer
//
// In transaction mode the pool needs default_query_exec_mode=exec in its
// connection string (before PgBouncer 1.21, which knows prepared statements), and
// the listening connection must lead to the server itself: [WithListenConn].
//
// # Privileges
//
// All that the processes need; [Privileges] prints it for a role and a schema:
//
//	GRANT USAGE ON SCHEMA twiliopay TO pay;
//	GRANT SELECT ON twiliopay.migrations TO pay;
//	GRANT SELECT, INSERT, UPDATE, DELETE ON twiliopay.calls TO pay;
//	GRANT SELECT, INSERT, UPDATE, DELETE ON twiliopay.sessions TO pay;
//	GRANT SELECT, INSERT, DELETE ON twiliopay.events TO pay;
//
// A privilege that is missing is a [*PermissionError], from New or from what needs
// it. [Migrate] needs a role that owns the schema, or may create it. Whoever can
// connect to the database can listen on the channel, and learns the SIDs of calls;
// and can notify it, which makes processes look in vain.
//
// # Secrets
//
// With [WithKey] events and records are sealed with AES-256-GCM, bound to their
// table and their session: who can read or write the tables, or has a backup, can
// neither read a callback nor pass one off as another session's. Account, call
// and payment SIDs are in columns and stay readable. All machines need the same
// key.
//
// Without a key events are stored as they are, but for payment tokens, profile
// IDs and parameters that are not documented, which are left out: then
// [flow.Result].TokenWithheld is set, and the token is lost. Card numbers,
// security codes and account numbers are masked, whatever Twilio sent. Expiry
// dates, postal codes and routing numbers are stored. Records hold the
// StatusCallback URL.
//
// # Forgetting
//
// A call is forgotten, its sessions with their events and records together, when
// nothing has been written of it for [WithExpiry]. Each process deletes what is
// over once a minute, a hundred calls by one statement, and passes over rows that
// are locked; [Bus.Forget] does it at once. A deletion holds its locks for some
// milliseconds, on rows nobody needs any more.
//
// # Sizing
//
// A card session with 40 callbacks takes about 60 kB of tables and indexes with a
// key: 100,000 sessions a day with the default expiry are 6 GB. Rows of calls and
// sessions are changed in place (19 of 20 are heap-only updates); nothing else is
// changed, and autovacuum needs no settings of its own.
//
// "make bench-buses" compares the buses in one run: two machines in one process, one
// server of each kind in a process of its own, events sealed and on disk. Here on
// two virtual cores that were busy with other work, so that the rows say how the
// buses compare, and not how fast each can be:
//
//	                               steps/s,       delivery to waiter,         100 sessions:   an open flow
//	                               100 sessions   1 session: p50, p99         p50, p99        in its process
//	memory                         1850           0.05 ms, 12 ms              2 ms, 230 ms    38 kB, events included
//	PostgreSQL                     467            3.2 ms, 31 ms               120 ms, 370 ms  28 kB
//	NATS, fsync every two minutes  1917           0.5 ms, 6 ms                24 ms, 89 ms    28 kB
//	NATS, sync_interval always     248            1.1 ms, 10 ms               220 ms, 590 ms  28 kB
//
// An open flow has one goroutine on all of them. Ten thousand in one process, over
// a pool of three connections, had an event from another process within 0.6 ms
// (median, a server without fsync), and within 1.1 s when the listening connection
// was lost and all of them were looked at.
//
// A process uses the pool's connections for one statement at a time and holds none
// while it waits; a pool of one connection is enough, and one that the
// application shares may be exhausted by it: requests wait for a connection until
// their context ends, ten seconds at most. A subscription has no goroutine; it
// holds 16 events that nobody has asked for, and reads what comes beyond that
// again.
//
// # When PostgreSQL fails
//
// A publish returns nil when the event is committed, as safely as
// synchronous_commit says; [New] refuses the value off. Requests that fail are
// tried again with exponential backoff until their context ends, ten seconds at
// most; Twilio is answered 500 then and may deliver again. What failed is in the
// error: no connection, a server that does not respond, no connection free in the
// pool, no room on disk (flow.ErrFull), a missing privilege.
//
// Subscriptions survive the loss of the connection and of the server, and go on
// where they were. After a failover the pool's connections lead to the new
// primary if its connection string has all addresses and
// target_session_attrs=read-write; a connection to a server that has become a
// standby is closed when it refuses to write.
//
// A standby that takes over must have what was acknowledged: with
// synchronous_standby_names it does. Without, the last moments before the failover
// are lost, records and claims among them. What reads lost events notices, and
// ends with flow.ErrExpired, and a write that rests on a lost record is a conflict;
// but a machine that dies together with the primary may have sent a complete whose
// claim is lost. See [flow.WithRiskOfSecondCharge].
package pgbus
