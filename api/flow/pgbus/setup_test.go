package pgbus_test

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

var must, bounded, waitFor = flowtest.Must, flowtest.Bounded, flowtest.WaitFor

func TestMain(m *testing.M) { os.Exit(pgserver.Main(m)) }

// newPool returns a pool of connections to a server.
func newPool(t testing.TB, url string, edit ...func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	c, err := pgxpool.ParseConfig(url)
	must(t, err)
	c.ConnConfig.ConnectTimeout = 2 * time.Second
	for _, e := range edit {
		e(c)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), c)
	must(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// newSchema creates a schema with a random name, and its tables.
func newSchema(t testing.TB, pool *pgxpool.Pool) pgbus.Option {
	t.Helper()
	schema := pgbus.WithSchema("pay_" + strings.ToLower(rand.Text()))
	must(t, pgbus.Migrate(bounded(t), pool, schema))
	return schema
}

func newBus(t testing.TB, pool *pgxpool.Pool, opts ...pgbus.Option) *pgbus.Bus {
	t.Helper()
	bus, err := pgbus.New(bounded(t), pool, opts...)
	must(t, err)
	t.Cleanup(func() { _ = bus.Close() })
	return bus
}

func contextFor(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

// connecting returns a function that connects, for pgbus.WithListenConn.
func connecting(url string) func(context.Context) (*pgx.Conn, error) {
	return func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, url) }
}
