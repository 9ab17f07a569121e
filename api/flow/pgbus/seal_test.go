package pgbus_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// raw returns all that a schema stores, events and records.
func raw(t *testing.T, pool *pgxpool.Pool, schema string) [][]byte {
	t.Helper()
	rows, err := pool.Query(bounded(t), "SELECT data FROM "+schema+".events UNION ALL SELECT record FROM "+schema+".sessions WHERE revision <> 0")
	must(t, err)
	stored, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	must(t, err)
	return stored
}

func TestWithAKeyEverythingIsSealed(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool), pgbus.WithKey(key))
	flowtest.Sealed(t, bus, func() [][]byte { return raw(t, pool, bus.Schema()) })
	if printed := fmt.Sprintf("%v %+v %#v %s", bus, bus, bus, bus); strings.Contains(printed, "127.0.0.1") || strings.Contains(printed, "7, 7") {
		t.Errorf("the bus prints %s", printed)
	}
}

func TestWithoutAKeyNoTokenIsStored(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool))
	flowtest.Unsealed(t, bus, func() [][]byte { return raw(t, pool, bus.Schema()) })
}

func TestKeys(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	schema := newSchema(t, pool)
	with := func(opts ...pgbus.Option) flow.Bus { return newBus(t, pool, append(opts, schema)...) }
	other := bytes.Repeat([]byte{8}, 32)
	flowtest.Keys(t, with(pgbus.WithKey(key)), map[string]flowtest.KeyTest{
		"another key":            {Bus: with(pgbus.WithKey(other)), Want: pgbus.ErrUnreadable},
		"no key":                 {Bus: with(), Want: pgbus.ErrUnreadable},
		"a new key, and the old": {Bus: with(pgbus.WithKey(other, key))},
		"the old key, and a new": {Bus: with(pgbus.WithKey(key, other))},
	})
}

// TestSealedDataIsBoundToItsRow: data that is changed, or copied to another
// session, table, schema or row, is refused there.
func TestSealedDataIsBoundToItsRow(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	must(t, pgbus.Migrate(bounded(t), pool, pgbus.WithSchema("sealed_a")))
	must(t, pgbus.Migrate(bounded(t), pool, pgbus.WithSchema("sealed_b")))
	here := newBus(t, pool, pgbus.WithSchema("sealed_a"), pgbus.WithKey(key))
	there := newBus(t, pool, pgbus.WithSchema("sealed_b"), pgbus.WithKey(key))
	for name, c := range map[string]struct {
		sql  string
		read func(s, victim flow.Session) error
	}{
		"an event of another session": {
			"UPDATE sealed_a.events v SET data = e.data, digest = decode('00', 'hex') FROM sealed_a.events e WHERE e.call_sid = $1 AND v.call_sid = $2", nil,
		},
		"a repeated event": {
			"INSERT INTO sealed_a.events (call_sid, number, account_sid, sid, digest, data) SELECT call_sid, number + 1, account_sid, sid, decode('00', 'hex'), data FROM sealed_a.events WHERE call_sid = $2 AND $1 <> ''", nil,
		},
		"a changed event": {
			"UPDATE sealed_a.events SET data = set_byte(data, length(data) - 1, 255 - get_byte(data, length(data) - 1)) WHERE call_sid = $2 AND $1 <> ''", nil,
		},
		"an event without a key": {
			"UPDATE sealed_a.events SET data = '{}' WHERE call_sid = $2 AND $1 <> ''", nil,
		},
		"a record of another session": {
			"UPDATE sealed_a.sessions v SET record = s.record FROM sealed_a.sessions s WHERE s.call_sid = $1 AND v.call_sid = $2",
			func(_, victim flow.Session) error { _, _, err := here.Load(bounded(t), victim); return err },
		},
		"an event as a record": {
			"UPDATE sealed_a.sessions v SET record = e.data FROM sealed_a.events e WHERE e.call_sid = $2 AND v.call_sid = $2 AND $1 <> ''",
			func(_, victim flow.Session) error { _, _, err := here.Load(bounded(t), victim); return err },
		},
		"a record of another schema": {
			"INSERT INTO sealed_b.sessions SELECT * FROM sealed_a.sessions WHERE call_sid = $2 AND $1 <> ''",
			func(_, victim flow.Session) error { _, _, err := there.Load(bounded(t), victim); return err },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, victim := flowtest.NewSession(), flowtest.NewSession()
			for _, s := range []flow.Session{s, victim} {
				must(t, here.Publish(bounded(t), flow.Message{Session: s, ID: "id", Body: wire.Hide("Result=success")}))
				_, err := here.Swap(bounded(t), s, []byte("record"), 0)
				must(t, err)
			}
			tag, err := pool.Exec(bounded(t), c.sql, s.CallSID, victim.CallSID)
			must(t, err)
			if tag.RowsAffected() != 1 {
				t.Fatalf("%d rows were forged, want 1", tag.RowsAffected())
			}
			if c.read == nil {
				_, _, err = here.Subscribe(bounded(t), victim)
			} else {
				err = c.read(s, victim)
			}
			if !errors.Is(err, pgbus.ErrUnreadable) {
				t.Errorf("%v, want ErrUnreadable", err)
			}
		})
	}
}
