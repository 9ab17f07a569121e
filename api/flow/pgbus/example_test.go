package pgbus_test

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
)

// A deployment command creates the tables.
func ExampleMigrate() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("OWNER_DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if err := pgbus.Migrate(ctx, pool); err != nil {
		log.Fatal(err)
	}
	grants, err := pgbus.Privileges("payments_app")
	if err != nil {
		log.Fatal(err)
	}
	log.Print(grants) // the owner runs them
}

// Every process creates a bus, receives callbacks, and runs flows.
func ExampleNew() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://payments_app@db1.example.com,db2.example.com/shop?target_session_attrs=read-write&connect_timeout=2")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	bus, err := pgbus.New(ctx, pool, pgbus.WithKey([]byte(os.Getenv("PAY_KEY"))))
	if err != nil {
		log.Fatal(err)
	}
	defer bus.Close()
	handler, err := flow.Handler(bus, callback.WithPublicURL("https://pay.example.com"))
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("POST /status", handler)
}

// The order is marked as paid in the transaction that stores the event: neither
// exists without the other, and a repeated delivery pays only once.
func ExampleBus_InTx() {
	var bus *pgbus.Bus // from New
	handler, err := flow.Handler(bus.InTx(func(ctx context.Context, tx pgx.Tx, m flow.Message) error {
		e, err := m.Event()
		if err != nil || !e.Succeeded() {
			return nil // a note, or not the end yet
		}
		_, err = tx.Exec(ctx, "UPDATE orders SET status = 'paid', confirmation = $1 WHERE call_sid = $2",
			e.PaymentConfirmationCode.Reveal(), m.Session.CallSID)
		return err
	}), callback.WithPublicURL("https://pay.example.com"))
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("POST /status", handler)
}

// Through PgBouncer in transaction mode, the pool needs a different way to run
// statements, and listening needs a connection to the server itself.
func ExampleWithListenConn() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://payments_app@pgbouncer.example.com:6432/shop?default_query_exec_mode=exec")
	if err != nil {
		log.Fatal(err)
	}
	bus, err := pgbus.New(ctx, pool, pgbus.WithListenConn(func(ctx context.Context) (*pgx.Conn, error) {
		return pgx.Connect(ctx, "postgres://payments_app@db.example.com:5432/shop")
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer bus.Close()
}
