package pgbus_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// inClear stands in what is stored without a key, and is too long to occur in
// sealed data by chance.
var inClear = []string{`ExpirationDate=1299`, `PaymentCardType=visa`, "PaymentCardNumber"}

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
	d := newDesk(t, bus)
	f, result := d.tokenise(bus)
	token := d.srv.Tokens()[0]
	if result.Token.Reveal() != token.Token || result.ProfileID.Reveal() != token.ProfileID || result.TokenWithheld {
		t.Error("the token did not come through")
	}
	stored := raw(t, pool, bus.Schema())
	if len(stored) < 30 {
		t.Fatalf("only %d messages are stored", len(stored))
	}
	for _, data := range stored {
		for _, text := range append([]string{token.Token, token.ProfileID, f.Session().SID}, inClear...) {
			if bytes.Contains(data, []byte(text)) {
				t.Fatalf("%s is stored in clear", text)
			}
		}
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", bus, bus, bus, bus); strings.Contains(printed, "127.0.0.1") || strings.Contains(printed, "7, 7") {
		t.Errorf("the bus prints %s", printed)
	}
}

func TestWithoutAKeyNoTokenIsStored(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool))
	d := newDesk(t, bus)
	f, result := d.tokenise(bus)
	if result.Token.Reveal() != "" || result.ProfileID.Reveal() != "" || !result.TokenWithheld {
		t.Errorf("token %q, profile %q, withheld %t", result.Token.Reveal(), result.ProfileID.Reveal(), result.TokenWithheld)
	}
	token, stored := d.srv.Tokens()[0], raw(t, pool, bus.Schema())
	for _, text := range append([]string{f.Session().SID}, inClear...) {
		if !slices.ContainsFunc(stored, func(data []byte) bool { return bytes.Contains(data, []byte(text)) }) {
			t.Errorf("%s is not stored: the test looks at the wrong rows", text)
		}
	}
	for _, data := range stored {
		if bytes.Contains(data, []byte(token.Token)) || bytes.Contains(data, []byte(token.ProfileID)) {
			t.Fatal("a token is stored")
		}
	}
}

func TestKeysThatDoNotFit(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	schema := newSchema(t, pool)
	other := bytes.Repeat([]byte{8}, 32)
	sealed := newBus(t, pool, schema, pgbus.WithKey(key))
	d := newDesk(t, sealed)
	f := d.start(sealed, noPostalCode)
	d.capture(f, payments.CapturePaymentCardNumber)
	session := f.Session()
	for name, c := range map[string]struct {
		opts []pgbus.Option
		want error
	}{
		"another key":            {[]pgbus.Option{pgbus.WithKey(other)}, pgbus.ErrUnreadable},
		"no key":                 {nil, pgbus.ErrUnreadable},
		"a new key, and the old": {[]pgbus.Option{pgbus.WithKey(other, key)}, nil},
		"the old key, and a new": {[]pgbus.Option{pgbus.WithKey(key, other)}, nil},
	} {
		bus := newBus(t, pool, append(c.opts, schema)...)
		if _, _, err := bus.Load(bounded(t), session); !errors.Is(err, c.want) {
			t.Errorf("%s: load: %v, want %v", name, err, c.want)
		}
		if _, _, err := bus.Subscribe(bounded(t), session); !errors.Is(err, c.want) {
			t.Errorf("%s: subscribe: %v, want %v", name, err, c.want)
		}
		page, err := bus.List(bounded(t), flow.ListQuery{Limit: 10})
		must(t, err)
		if len(page.Records) != 1 || !errors.Is(page.Records[0].Err, c.want) || (page.Records[0].Value == nil) != (c.want != nil) {
			t.Errorf("%s: listed %+v, want error %v", name, page.Records, c.want)
		}
	}
}

// TestSealedDataStaysWhereItIs: what is copied to another session, another table,
// another schema or another row, or changed, is not taken for what belongs there.
func TestSealedDataStaysWhereItIs(t *testing.T) {
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
		"an event again": {
			"INSERT INTO sealed_a.events (call_sid, number, account_sid, sid, digest, data) SELECT call_sid, number + 1, account_sid, sid, decode('00', 'hex'), data FROM sealed_a.events WHERE call_sid = $2 AND $1 <> ''", nil,
		},
		"an event that was changed": {
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
			s, victim := newSession(), newSession()
			for _, s := range []flow.Session{s, victim} {
				must(t, here.Publish(bounded(t), flow.Message{Session: s, ID: "id", Body: wire.Hide("Result=success")}))
				_, err := here.Swap(bounded(t), s, []byte("record"), 0)
				must(t, err)
			}
			tag, err := pool.Exec(bounded(t), c.sql, s.CallSID, victim.CallSID)
			must(t, err)
			if tag.RowsAffected() != 1 {
				t.Fatalf("%d rows were forged", tag.RowsAffected())
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
