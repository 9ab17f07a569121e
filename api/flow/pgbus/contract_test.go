package pgbus_test

import (
	"bytes"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/bustest"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

var key = bytes.Repeat([]byte{7}, 32)

// isABus tests two machines, each with its own pool, against the contract. A
// session is forgotten as when it has expired.
func isABus(t *testing.T, newPool func(t testing.TB) *pgxpool.Pool, opts ...pgbus.Option) {
	t.Helper()
	pool := newPool(t)
	opts = append(opts, pgbus.WithSchema("contract"))
	must(t, pgbus.Migrate(bounded(t), pool, opts...))
	bustest.Run(t, func(t *testing.T) (flow.Bus, flow.Bus) {
		return newBus(t, newPool(t), opts...), newBus(t, newPool(t), opts...)
	}, bustest.WithForgetting(func(t *testing.T, here flow.Bus, s flow.Session) {
		tag, err := pool.Exec(bounded(t), "UPDATE contract.calls SET expires = clock_timestamp() - interval '1 second' WHERE call_sid = $1", s.CallSID)
		must(t, err)
		if tag.RowsAffected() != 1 {
			t.Fatalf("%d calls, want 1", tag.RowsAffected())
		}
		_, err = here.(*pgbus.Bus).Forget(bounded(t))
		must(t, err)
	}), bustest.WithClosing(func(t *testing.T, bus flow.Bus) {
		must(t, bus.(*pgbus.Bus).Close())
	}))
}

func TestIsABus(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t, "fsync=off")
	isABus(t, func(t testing.TB) *pgxpool.Pool { return newPool(t, s.URL("postgres")) }, pgbus.WithKey(key))
}

// TestIsABusWithOneConnection has one connection in each pool, besides the
// listening one.
func TestIsABusWithOneConnection(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t, "fsync=off")
	isABus(t, func(t testing.TB) *pgxpool.Pool {
		return newPool(t, s.URL("postgres"), func(c *pgxpool.Config) { c.MaxConns = 1 })
	}, pgbus.WithKey(key))
}
