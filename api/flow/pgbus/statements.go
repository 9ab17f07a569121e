package pgbus

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// statements are those of a schema. Each is a complete transaction by itself,
// so none depends on the connection of another.
type statements struct {
	publish, publishFinal     string
	publishIn, publishFinalIn string // in a transaction of the application: includes the notification
	create, swap, load, list  string
	heads, read               string
	forget                    string
	notify                    string
}

// expires renews a call's expiry when less than the full expiry is left. It
// adds a sixteenth, so that most writes leave the indexed column unchanged.
const expires = `CASE WHEN c.expires < clock_timestamp() + make_interval(secs => {expiry})
	THEN clock_timestamp() + make_interval(secs => {expiry} * 17 / 16) ELSE c.expires END`

// publish numbers an event under the lock of the call's row, which is held
// until the transaction commits: no reader sees a number before all lower ones.
const publish = `WITH c AS (
	INSERT INTO {schema}.calls AS c (call_sid, last, expires)
	VALUES ($1::text, 1, clock_timestamp() + make_interval(secs => $6::float8 * 17 / 16))
	ON CONFLICT (call_sid) DO UPDATE SET last = c.last + 1, expires = {expires($6)}
	RETURNING c.call_sid, c.last
), s AS (
	INSERT INTO {schema}.sessions AS s (call_sid, account_sid, sid, over)
	SELECT c.call_sid, $2::text, $3::text, {final} FROM c
	ON CONFLICT (call_sid, account_sid, sid) DO {again}
), e AS (
	INSERT INTO {schema}.events (call_sid, number, account_sid, sid, digest, data)
	SELECT c.call_sid, c.last, $2::text, $3::text, $4::bytea, $5::bytea FROM c
	ON CONFLICT (call_sid, digest) DO NOTHING
	RETURNING call_sid, number
) SELECT {result} FROM e`

// create writes the first record of a session, swap all later ones.
const create = `WITH c AS (
	INSERT INTO {schema}.calls AS c (call_sid, last, expires)
	VALUES ($1::text, 0, clock_timestamp() + make_interval(secs => $6::float8 * 17 / 16))
	ON CONFLICT (call_sid) DO UPDATE SET expires = {expires($6)}
	RETURNING c.call_sid
) INSERT INTO {schema}.sessions AS s (call_sid, account_sid, sid, record, revision, changed)
SELECT c.call_sid, $2::text, $3::text, $4::bytea, $5::bigint, clock_timestamp() FROM c
ON CONFLICT (call_sid, account_sid, sid) DO UPDATE
	SET record = excluded.record, revision = excluded.revision, changed = excluded.changed
	WHERE s.revision = 0
RETURNING s.revision`

const swap = `WITH c AS (
	UPDATE {schema}.calls AS c SET expires = {expires($6)} WHERE c.call_sid = $1::text RETURNING c.call_sid
) UPDATE {schema}.sessions AS s SET record = $4::bytea, revision = $5::bigint, changed = clock_timestamp()
FROM c
WHERE s.call_sid = c.call_sid AND s.account_sid = $2::text AND s.sid = $3::text AND s.revision = $7::bigint
RETURNING s.revision`

const load = `SELECT record, revision FROM {schema}.sessions
WHERE call_sid = $1::text AND account_sid = $2::text AND sid = $3::text AND revision <> 0`

const list = `SELECT account_sid, call_sid, sid, record, revision, changed FROM {schema}.sessions
WHERE NOT over AND revision <> 0 AND ($1::text = '' OR account_sid = $1::text)
	AND (account_sid, call_sid, sid) > ($2::text, $3::text, $4::text)
ORDER BY account_sid, call_sid, sid LIMIT $5::bigint`

// heads returns which calls exist, and how many events each has had.
const heads = `SELECT w.i::bigint, (extract(epoch FROM c.born) * 1000000)::bigint, c.last
FROM unnest($1::text[]) WITH ORDINALITY AS w (call_sid, i)
JOIN {schema}.calls c ON c.call_sid = w.call_sid`

// read returns the events of calls from a number on, some of each, all from one
// snapshot.
const read = `SELECT w.i::bigint, (extract(epoch FROM c.born) * 1000000)::bigint, c.last, e.number, e.account_sid, e.sid, e.digest, e.data
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w (call_sid, number, i)
JOIN {schema}.calls c ON c.call_sid = w.call_sid
LEFT JOIN LATERAL (
	SELECT * FROM {schema}.events e WHERE e.call_sid = w.call_sid AND e.number >= w.number
	ORDER BY e.number LIMIT $3::bigint
) e ON true
ORDER BY w.i, e.number`

// forget deletes some expired calls and everything stored for them. It skips
// calls that are being written to: their expiry is renewed. Arrays make the
// planner use the keys, whatever its statistics say.
const forget = `WITH c AS (
	DELETE FROM {schema}.calls WHERE call_sid = ANY (ARRAY (
		SELECT call_sid FROM {schema}.calls WHERE expires < now()
		ORDER BY expires LIMIT $1::bigint FOR UPDATE SKIP LOCKED))
	RETURNING call_sid
), s AS (
	DELETE FROM {schema}.sessions WHERE call_sid = ANY (ARRAY (SELECT call_sid FROM c))
), e AS (
	DELETE FROM {schema}.events WHERE call_sid = ANY (ARRAY (SELECT call_sid FROM c))
) SELECT count(*) FROM c`

const notify = `SELECT pg_notify($1::text, p) FROM unnest($2::text[]) AS p`

func newStatements(schema string) statements {
	fill := func(text string, pairs ...string) string {
		for _, p := range []string{"$6"} {
			text = strings.ReplaceAll(text, "{expires("+p+")}", strings.ReplaceAll(expires, "{expiry}", p+"::float8"))
		}
		return strings.NewReplacer(append(pairs, "{schema}", identifier(schema))...).Replace(text)
	}
	const (
		number    = "number"
		andNotify = "number, pg_notify($7::text, call_sid || ' ' || number)::text"
	)
	open := []string{"{final}", "false", "{again}", "NOTHING"}
	final := []string{"{final}", "true", "{again}", "UPDATE SET over = true"}
	return statements{
		publish:        fill(publish, append(open, "{result}", number)...),
		publishFinal:   fill(publish, append(final, "{result}", number)...),
		publishIn:      fill(publish, append(open, "{result}", andNotify)...),
		publishFinalIn: fill(publish, append(final, "{result}", andNotify)...),
		create:         fill(create), swap: fill(swap), load: fill(load), list: fill(list),
		heads: fill(heads), read: fill(read), forget: fill(forget), notify: notify,
	}
}

func identifier(name string) string { return pgx.Identifier{name}.Sanitize() }

// channel is the channel on which the processes notify each other.
func (c config) channel() string { return c.schema + "_events" }
