package pgbus_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// pair is a primary and a standby that has all that is acknowledged.
func pair(t *testing.T) (primary, standby *pgserver.Server, url string) {
	t.Helper()
	primary = pgserver.Start(t, "fsync=off", "synchronous_standby_names=standby", "synchronous_commit=local")
	standby = primary.Standby(t, "fsync=off")
	owner := newPool(t, primary.URL("postgres"))
	waitFor(t, func() bool {
		var n int
		must(t, owner.QueryRow(bounded(t), "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'").Scan(&n))
		return n == 1
	})
	url = fmt.Sprintf("postgres://postgres@127.0.0.1:%d,127.0.0.1:%d/postgres?sslmode=disable&target_session_attrs=read-write&synchronous_commit=on", primary.Port, standby.Port)
	return primary, standby, url
}

// TestFailover: the primary is lost and the standby takes over, at another
// address. A step that waits returns, the session goes on, and is charged once.
func TestFailover(t *testing.T) {
	t.Parallel()
	primary, standby, url := pair(t)
	pool := newPool(t, url)
	bus := newBus(t, pool, newSchema(t, pool), pgbus.WithKey(key))
	d := newDesk(t, bus)
	f := d.start(bus, noPostalCode)
	d.capture(f, payments.CapturePaymentCardNumber)
	d.call.AnswerWith(nil)
	waiting := make(chan error, 1)
	go func() {
		_, err := f.Capture(bounded(t), payments.CaptureExpirationDate)
		waiting <- err
	}()
	must(t, d.call.Await(bounded(t), payments.CaptureExpirationDate))
	must(t, d.srv.Wait(bounded(t)))

	primary.Kill()
	standby.Promote()
	exec(t, newPool(t, standby.URL("postgres")), "ALTER SYSTEM SET synchronous_standby_names = ''; ")
	must(t, d.call.Enter("1299"))
	must(t, <-waiting)
	d.call.AnswerWith(nil)
	coded := make(chan error, 1)
	go func() {
		_, err := f.Capture(bounded(t), payments.CaptureSecurityCode)
		coded <- err
	}()
	must(t, d.call.Await(bounded(t), payments.CaptureSecurityCode))
	must(t, d.call.Enter("123"))
	must(t, <-coded)
	result, err := f.Complete(bounded(t))
	must(t, err)
	if charges := d.srv.Charges(); len(charges) != 1 || charges[0].ConfirmationCode != result.ConfirmationCode.Reveal() {
		t.Errorf("charges %+v", charges)
	}
}

// TestAPrimaryThatBecomesAStandby: connections that lead to a server that only
// reads now are closed, and made anew to the one that is written to.
func TestAPrimaryThatBecomesAStandby(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t, "fsync=off")
	pool := newPool(t, s.URL("postgres"), func(c *pgxpool.Config) { c.MaxConns = 1 })
	bus := newBus(t, pool, newSchema(t, pool))
	exec(t, pool, "ALTER SYSTEM SET default_transaction_read_only = on")
	exec(t, pool, "SELECT pg_reload_conf()")
	before := backend(t, pool)
	waitFor(t, func() bool { // until the server has read its configuration
		ctx, cancel := contextFor(t, time.Second)
		defer cancel()
		err := bus.Publish(ctx, flow.Message{Session: newSession(), ID: "id"})
		if err != nil && !strings.Contains(err.Error(), "target_session_attrs=read-write") {
			t.Fatalf("publish to a server that only reads: %v", err)
		}
		return err != nil
	})
	if backend(t, pool) == before {
		t.Error("the connection to a server that only reads was kept")
	}
	back := newPool(t, s.URL("postgres")+"&default_transaction_read_only=off")
	exec(t, back, "ALTER SYSTEM RESET default_transaction_read_only")
	exec(t, back, "SELECT pg_reload_conf()")
	must(t, bus.Publish(bounded(t), flow.Message{Session: newSession(), ID: "id"}))
}

// backend returns the process of the server behind the pool's one connection.
func backend(t *testing.T, pool *pgxpool.Pool) (pid int) {
	t.Helper()
	must(t, pool.QueryRow(bounded(t), "SELECT pg_backend_pid()").Scan(&pid))
	return pid
}

// TestAStandby is refused by New.
func TestAStandby(t *testing.T) {
	t.Parallel()
	primary := pgserver.Start(t, "fsync=off")
	schema := newSchema(t, newPool(t, primary.URL("postgres")))
	standby := primary.Standby(t, "fsync=off")
	pool := newPool(t, standby.URL("postgres"))
	waitFor(t, func() bool {
		_, err := pgbus.New(bounded(t), pool, schema)
		e, ok := errors.AsType[*pgbus.SettingError](err)
		return ok && e.Setting == "server" && e.Found == "a standby"
	})
}

// TestSynchronousCommitIsOff is refused: what Twilio was told is kept would be
// lost.
func TestSynchronousCommitIsOff(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"), func(c *pgxpool.Config) {
		c.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	})
	_, err := pgbus.New(bounded(t), pool, newSchema(t, pool))
	if e, ok := errors.AsType[*pgbus.SettingError](err); !ok || e.Setting != "synchronous_commit" {
		t.Errorf("New: %v", err)
	}
}

// TestLostEvents: a server takes over that was behind, so that events which were
// read are not there, and others have their numbers. Who has read them is told,
// one who reads by itself too, and who begins later reads what there is. A swap
// that rests on a lost record is a conflict.
func TestLostEvents(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	exec(t, pool, "CREATE SCHEMA IF NOT EXISTS behind")
	schema := pgbus.WithSchema("behind")
	must(t, pgbus.Migrate(bounded(t), pool, schema))
	for name, again := range map[string]int{"and no others": 0, "and one other": 1, "and many others": 40} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := newBus(t, pool, schema, pgbus.WithPollInterval(100*time.Millisecond))
			s := newSession()
			publish := func(n int, id string) {
				for i := range n {
					must(t, bus.Publish(bounded(t), flow.Message{Session: s, ID: fmt.Sprint(id, i)}))
				}
			}
			first, err := bus.Swap(bounded(t), s, []byte("first"), 0)
			must(t, err)
			publish(3, "kept")
			before := table(t, pool, "behind", s.CallSID)
			publish(20, "lost")
			lost, err := bus.Swap(bounded(t), s, []byte("lost"), first)
			must(t, err)
			past, live, err := bus.Subscribe(bounded(t), s)
			must(t, err)
			_, slow, err := bus.Subscribe(bounded(t), s)
			must(t, err)
			if len(past) != 23 {
				t.Fatalf("%d events, want 23", len(past))
			}

			before.restore(t, pool)
			publish(again, "other")
			if m, err := live.Next(bounded(t)); !errors.Is(err, flow.ErrExpired) {
				t.Errorf("got %v, %v, want ErrExpired", m, err)
			}
			if m, err := slow.Next(bounded(t)); !errors.Is(err, flow.ErrExpired) {
				t.Errorf("the other: got %v, %v, want ErrExpired", m, err)
			}
			past, _, err = bus.Subscribe(bounded(t), s)
			if must(t, err); len(past) != 3+again {
				t.Errorf("%d events, want %d", len(past), 3+again)
			}
			if _, err := bus.Swap(bounded(t), s, []byte("late"), lost); !errors.Is(err, flow.ErrConflict) {
				t.Errorf("a swap that rests on a lost one: %v, want ErrConflict", err)
			}
			_, err = bus.Swap(bounded(t), s, []byte("again"), first)
			must(t, err)
			if _, err := bus.Swap(bounded(t), s, []byte("late"), lost); !errors.Is(err, flow.ErrConflict) {
				t.Errorf("a swap that rests on a lost one, after another: %v, want ErrConflict", err)
			}
		})
	}
}

// saved is what the tables have of a call.
type saved struct {
	schema, call string
	last         int64
	record       []byte
	revision     int64
}

func table(t *testing.T, pool *pgxpool.Pool, schema, call string) (s saved) {
	t.Helper()
	s.schema, s.call = schema, call
	must(t, pool.QueryRow(bounded(t), "SELECT last FROM "+schema+".calls WHERE call_sid = $1", call).Scan(&s.last))
	must(t, pool.QueryRow(bounded(t), "SELECT record, revision FROM "+schema+".sessions WHERE call_sid = $1", call).Scan(&s.record, &s.revision))
	return s
}

// restore puts it back, as on a server that is behind.
func (s saved) restore(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	tx, err := pool.Begin(bounded(t))
	must(t, err)
	for sql, args := range map[string][]any{
		"DELETE FROM " + s.schema + ".events WHERE call_sid = $1 AND number > $2":             {s.call, s.last},
		"UPDATE " + s.schema + ".calls SET last = $2 WHERE call_sid = $1":                     {s.call, s.last},
		"UPDATE " + s.schema + ".sessions SET record = $2, revision = $3 WHERE call_sid = $1": {s.call, s.record, s.revision},
	} {
		_, err := tx.Exec(bounded(t), sql, args...)
		must(t, err)
	}
	must(t, tx.Commit(bounded(t)))
}
