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
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// pair returns a primary and a synchronous standby.
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

// TestFailover: the primary is lost and the standby takes over at another
// address. A waiting step returns, the session continues, and is charged once.
func TestFailover(t *testing.T) {
	t.Parallel()
	primary, standby, url := pair(t)
	pool := newPool(t, url)
	bus := newBus(t, pool, newSchema(t, pool), pgbus.WithKey(key))
	flowtest.ServerChange(t, bus, bus, func() {
		primary.Kill()
		standby.Promote()
		exec(t, newPool(t, standby.URL("postgres")), "ALTER SYSTEM SET synchronous_standby_names = ''; ")
	})
}

// TestAPrimaryThatBecomesAStandby: connections to a server that has become
// read-only are closed and reopened to the new primary.
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
		err := bus.Publish(ctx, flow.Message{Session: flowtest.NewSession(), ID: "id"})
		if err != nil && !strings.Contains(err.Error(), "target_session_attrs=read-write") {
			t.Fatalf("publish to a read-only server: %v", err)
		}
		return err != nil
	})
	if backend(t, pool) == before {
		t.Error("the connection to a read-only server was kept")
	}
	back := newPool(t, s.URL("postgres")+"&default_transaction_read_only=off")
	exec(t, back, "ALTER SYSTEM RESET default_transaction_read_only")
	exec(t, back, "SELECT pg_reload_conf()")
	must(t, bus.Publish(bounded(t), flow.Message{Session: flowtest.NewSession(), ID: "id"}))
}

// backend returns the server process behind the pool's one connection.
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

// TestSynchronousCommitIsOff is refused: acknowledged events could be lost.
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

// TestLostEvents: a server takes over that lagged behind, so events that were
// read are missing, and others have their numbers. Their readers get an error,
// also one that reads by itself, and later readers read what is stored. A swap
// based on a lost record is a conflict.
func TestLostEvents(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	exec(t, pool, "CREATE SCHEMA IF NOT EXISTS behind")
	schema := pgbus.WithSchema("behind")
	must(t, pgbus.Migrate(bounded(t), pool, schema))
	for name, again := range map[string]int{"no new events": 0, "one new event": 1, "many new events": 40} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := newBus(t, pool, schema, pgbus.WithPollInterval(100*time.Millisecond))
			s := flowtest.NewSession()
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
				t.Errorf("a swap based on a lost one: %v, want ErrConflict", err)
			}
			_, err = bus.Swap(bounded(t), s, []byte("again"), first)
			must(t, err)
			if _, err := bus.Swap(bounded(t), s, []byte("late"), lost); !errors.Is(err, flow.ErrConflict) {
				t.Errorf("a swap based on a lost one, after another: %v, want ErrConflict", err)
			}
		})
	}
}

// saved is what the tables store of a call.
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

// restore restores it, as on a server that lagged behind.
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
