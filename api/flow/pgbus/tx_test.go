package pgbus_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// orders creates a table of an application, with one order per call.
func orders(t *testing.T, pool *pgxpool.Pool, table string) {
	t.Helper()
	exec(t, pool, "CREATE TABLE "+table+" (call_sid text PRIMARY KEY, paid integer NOT NULL DEFAULT 0)")
}

// pay records in a transaction that the order of a call is paid.
func pay(table string) func(context.Context, pgx.Tx, flow.Message) error {
	return func(ctx context.Context, tx pgx.Tx, m flow.Message) error {
		e, err := m.Event()
		if err != nil || !e.Succeeded() {
			return nil
		}
		_, err = tx.Exec(ctx, "UPDATE "+table+" SET paid = paid + 1 WHERE call_sid = $1", m.Session.CallSID)
		return err
	}
}

func paid(t *testing.T, pool *pgxpool.Pool, table, call string) (n int) {
	t.Helper()
	must(t, pool.QueryRow(bounded(t), "SELECT paid FROM "+table+" WHERE call_sid = $1", call).Scan(&n))
	return n
}

// TestInTx runs a payment whose order is paid in the transaction that stores
// the event. The first attempt to commit fails: Twilio gets status 500 and
// retries. Order and event are always consistent, and the order is paid once.
func TestInTx(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool))
	orders(t, pool, "orders_in_tx")
	var refused atomic.Int32
	refuse := errors.New("the order is locked")
	d := flowtest.NewDesk(t, inTx(bus, func(ctx context.Context, tx pgx.Tx, m flow.Message) error {
		if err := pay("orders_in_tx")(ctx, tx, m); err != nil {
			return err
		}
		if m.Final && refused.Add(1) == 1 {
			return refuse
		}
		return nil
	}))
	exec(t, pool, "INSERT INTO orders_in_tx (call_sid) VALUES ('"+d.Call.SID+"')")
	p := flowtest.Charge
	f := d.Start(bus, p)
	d.Capture(f, flowtest.Card...)
	result, err := f.Complete(bounded(t))
	must(t, err)
	if result.ConfirmationCode.Reveal() == "" || refused.Load() != 2 {
		t.Errorf("confirmed by %v after %d attempts, want 2", result, refused.Load())
	}
	if n := paid(t, pool, "orders_in_tx", d.Call.SID); n != 1 {
		t.Errorf("the order was paid %d times, want 1", n)
	}
	must(t, d.Server.Wait(bounded(t)))
	failed := 0
	for _, c := range d.Server.Callbacks() {
		for _, a := range c.Attempts {
			if a.Status == http.StatusInternalServerError {
				failed++
			}
		}
	}
	if failed != 1 {
		t.Errorf("%d deliveries got status 500, want 1", failed)
	}
}

func inTx(bus *pgbus.Bus, do func(context.Context, pgx.Tx, flow.Message) error) flow.Bus {
	return bus.InTx(do)
}

// TestInTxOnce: of many deliveries of one event, concurrent and later ones,
// only one calls the function.
func TestInTxOnce(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool))
	var calls atomic.Int32
	counting := bus.InTx(func(context.Context, pgx.Tx, flow.Message) error {
		calls.Add(1)
		return nil
	})
	m := flow.Message{Session: flowtest.NewSession(), ID: "id"}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := counting.Publish(bounded(t), m); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	must(t, bus.Publish(bounded(t), m))
	if calls.Load() != 1 {
		t.Errorf("the function was called %d times, want 1", calls.Load())
	}
}

// TestInTxRetries a transaction after a serialization failure or a deadlock,
// and nothing of the first attempt remains.
func TestInTxRetries(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool))
	orders(t, pool, "orders_again")
	s := flowtest.NewSession()
	exec(t, pool, "INSERT INTO orders_again (call_sid) VALUES ('"+s.CallSID+"')")
	calls := 0
	again := bus.InTx(func(ctx context.Context, tx pgx.Tx, m flow.Message) error {
		if _, err := tx.Exec(ctx, "UPDATE orders_again SET paid = paid + 1 WHERE call_sid = $1", m.Session.CallSID); err != nil {
			return err
		}
		if calls++; calls == 1 {
			_, err := tx.Exec(ctx, "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END $$")
			return err
		}
		return nil
	})
	must(t, again.Publish(bounded(t), flow.Message{Session: s, ID: "id"}))
	past, _, err := bus.Subscribe(bounded(t), s)
	must(t, err)
	if n := paid(t, pool, "orders_again", s.CallSID); calls != 2 || n != 1 || len(past) != 1 {
		t.Errorf("%d calls, paid %d times, %d events, want 2, 1, 1", calls, n, len(past))
	}
}

// TestPublishTx: the event appears with the rest of the transaction, for all
// subscribers, or not at all.
func TestPublishTx(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	schema := newSchema(t, pool)
	here, there := newBus(t, pool, schema), newBus(t, newPool(t, pgserver.Shared(t).URL("postgres")), schema)
	s := flowtest.NewSession()
	_, live, err := there.Subscribe(bounded(t), s)
	must(t, err)

	tx, err := pool.Begin(bounded(t))
	must(t, err)
	kept, err := here.PublishTx(bounded(t), tx, flow.Message{Session: s, ID: "rolled back"})
	if !kept || err != nil {
		t.Fatalf("kept %t, %v", kept, err)
	}
	must(t, tx.Rollback(bounded(t)))

	must(t, pgx.BeginFunc(bounded(t), pool, func(tx pgx.Tx) error {
		for i, want := range []bool{true, false} {
			kept, err := here.PublishTx(bounded(t), tx, flow.Message{Session: s, ID: "committed", Final: true})
			if err != nil {
				return err
			}
			if kept != want {
				t.Errorf("%d: kept %t, want %t", i, kept, want)
			}
		}
		return nil
	}))
	m, err := live.Next(bounded(t))
	if err != nil || m.ID != "committed" {
		t.Errorf("got %v, %v, want the committed event", m, err)
	}
	past, _, err := here.Subscribe(bounded(t), s)
	if must(t, err); len(past) != 1 {
		t.Errorf("%d events, want 1", len(past))
	}
	if _, err := here.PublishTx(bounded(t), nil, m); err == nil {
		t.Error("without a transaction: no error")
	}
	if _, err := here.PublishTx(bounded(t), tx, flow.Message{}); err == nil {
		t.Error("without a session: no error")
	}
	if err := here.InTx(nil).Publish(bounded(t), m); err == nil {
		t.Error("without a function: no error")
	}
}

// TestOrdersAndEventsStayConsistent publishes while connections are terminated
// all the time, and repeats what failed, as Twilio does: each order is paid
// once, with its event.
func TestOrdersAndEventsStayConsistent(t *testing.T) {
	t.Parallel()
	const publishers, each = 8, 50
	url := pgserver.Shared(t).URL("postgres")
	owner := newPool(t, url)
	bus := newBus(t, newPool(t, url+"&application_name=never_apart"), newSchema(t, owner))
	orders(t, owner, "orders_never_apart")
	var calls atomic.Int32
	paying := bus.InTx(func(ctx context.Context, tx pgx.Tx, m flow.Message) error {
		calls.Add(1)
		_, err := tx.Exec(ctx, "INSERT INTO orders_never_apart AS o (call_sid, paid) VALUES ($1, 1) ON CONFLICT (call_sid) DO UPDATE SET paid = o.paid + 1", m.Session.CallSID)
		return err
	})
	done := make(chan struct{})
	var breaking, publishing sync.WaitGroup
	ended := 0
	breaking.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(40 * time.Millisecond):
			}
			var n int
			if err := owner.QueryRow(bounded(t), `SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
				WHERE application_name = 'never_apart' AND query NOT LIKE 'LISTEN%' ORDER BY random() LIMIT 1) a`).Scan(&n); err != nil {
				t.Error(err)
			}
			ended += n
		}
	})
	for range publishers {
		publishing.Go(func() {
			for range each {
				m := flow.Message{Session: flowtest.NewSession(), ID: "paid"}
				err := paying.Publish(bounded(t), m)
				for try := 0; err != nil && try < 20; try++ {
					err = paying.Publish(bounded(t), m)
				}
				if err != nil {
					t.Error(err)
				}
				if err := paying.Publish(bounded(t), m); err != nil { // once more, like a delivery whose response was lost
					t.Error(err)
				}
			}
		})
	}
	publishing.Wait()
	close(done)
	breaking.Wait()
	var paid, twice, apart int
	must(t, owner.QueryRow(bounded(t), "SELECT count(*), count(*) FILTER (WHERE paid <> 1) FROM orders_never_apart").Scan(&paid, &twice))
	must(t, owner.QueryRow(bounded(t), "SELECT count(*) FROM "+bus.Schema()+".events e FULL JOIN orders_never_apart o USING (call_sid) WHERE e.call_sid IS NULL OR o.call_sid IS NULL").Scan(&apart))
	t.Logf("%d connections were terminated, the function was called %d times for %d events", ended, calls.Load(), publishers*each)
	if paid != publishers*each || twice != 0 || apart != 0 || ended == 0 {
		t.Errorf("%d paid, %d more than once, %d orders or events without the other, want %d, 0, 0", paid, twice, apart, publishers*each)
	}
}
