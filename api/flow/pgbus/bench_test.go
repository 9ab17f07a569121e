package pgbus_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/load"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// machines returns n machines over one server, which writes to disk. Events are
// sealed.
func machines(b *testing.B, n int) (machines []flow.Bus) {
	s := pgserver.Start(b)
	schema := newSchema(b, newPool(b, s.URL("postgres")))
	for range n {
		pool := newPool(b, s.URL("postgres"), func(c *pgxpool.Config) { c.MaxConns = 10 })
		machines = append(machines, newBus(b, pool, schema, pgbus.WithKey(key)))
	}
	return machines
}

func BenchmarkSteps(b *testing.B) { load.BenchSteps(b, machines(b, 2), 100) }

func BenchmarkStepAlone(b *testing.B) { load.BenchSteps(b, machines(b, 2), 1) }

func BenchmarkOpenSession(b *testing.B) { load.BenchOpen(b, machines(b, 1)) }

// BenchmarkReturn completes ten thousand sessions while the server is killed
// and restarted.
func BenchmarkReturn(b *testing.B) {
	s := pgserver.Start(b)
	pool := newPool(b, s.URL("postgres"), func(c *pgxpool.Config) { c.MaxConns = 10 })
	bus := newBus(b, pool, newSchema(b, pool), pgbus.WithKey(key))
	load.BenchReturn(b, bus, 10_000, func(broken func()) {
		s.Kill()
		broken()
		s.Start()
	})
}
