package pgbus_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

func TestTheServerIsDownWhileTwilioDelivers(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*pgserver.Server){"stopped": (*pgserver.Server).Stop, "killed": (*pgserver.Server).Kill} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pgserver.Start(t)
			pool := newPool(t, s.URL("postgres"))
			bus := newBus(t, pool, newSchema(t, pool), pgbus.WithKey(key))
			flowtest.Outage(t, bus, func() { stop(s) }, s.Start)
		})
	}
}

// TestASwapWhoseResponseIsLost is retried and recognizes itself: it succeeds,
// and is written once. So is a first record.
func TestASwapWhoseResponseIsLost(t *testing.T) {
	t.Parallel()
	s := pgserver.Shared(t)
	owner := newPool(t, s.URL("postgres"))
	schema := newSchema(t, owner)
	p := newProxy(t, s.Port)
	bus := newBus(t, newPool(t, p.url()), schema)
	session := flowtest.NewSession()
	revision := uint64(0)
	for i := range 4 {
		value := fmt.Sprintf("value %d", i)
		p.cutOnce(value)
		next, err := bus.Swap(bounded(t), session, []byte(value), revision)
		if err != nil || next == revision {
			t.Fatalf("swap %d: %d, %v", i, next, err)
		}
		got, loaded, err := bus.Load(bounded(t), session)
		if err != nil || string(got) != value || loaded != next {
			t.Errorf("after swap %d: %q, %d, %v, want %d", i, got, loaded, err, next)
		}
		if _, err := bus.Swap(bounded(t), session, []byte("late"), revision); !errors.Is(err, flow.ErrConflict) {
			t.Errorf("a swap of the revision before: %v, want ErrConflict", err)
		}
		revision = next
	}
	m := flow.Message{Session: session, ID: "once"}
	p.cutOnce(session.SID)
	must(t, bus.Publish(bounded(t), m))
	if past, _, err := bus.Subscribe(bounded(t), session); err != nil || len(past) != 1 {
		t.Errorf("%d events, %v, want 1", len(past), err)
	}
	if p.wasCut() != 5 {
		t.Errorf("%d responses were lost, want 5", p.wasCut())
	}
}

// TestABackendIsTerminatedInTheMiddleOfASwap: the statement waits for a lock
// when an operator terminates its backend. It is retried, and is written once.
func TestABackendIsTerminatedInTheMiddleOfASwap(t *testing.T) {
	t.Parallel()
	s := pgserver.Shared(t)
	owner := newPool(t, s.URL("postgres"))
	exec(t, owner, "CREATE SCHEMA IF NOT EXISTS cut")
	schema := pgbus.WithSchema("cut")
	must(t, pgbus.Migrate(bounded(t), owner, schema))
	bus := newBus(t, newPool(t, s.URL("postgres")+"&application_name=cut_here"), schema)
	session := flowtest.NewSession()
	first, err := bus.Swap(bounded(t), session, []byte("first"), 0)
	must(t, err)
	for i := range 3 {
		tx, err := owner.Begin(bounded(t))
		must(t, err)
		_, err = tx.Exec(bounded(t), "SELECT FROM cut.calls WHERE call_sid = $1 FOR UPDATE", session.CallSID)
		must(t, err)
		type outcome struct {
			revision uint64
			err      error
		}
		done := make(chan outcome, 1)
		go func() {
			revision, err := bus.Swap(bounded(t), session, fmt.Appendf(nil, "value %d", i), first)
			done <- outcome{revision, err}
		}()
		waitFor(t, func() bool {
			var n int
			must(t, owner.QueryRow(bounded(t), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE application_name = 'cut_here' AND wait_event_type = 'Lock'`).Scan(&n))
			return n == 1
		})
		must(t, tx.Commit(bounded(t)))
		o := <-done
		must(t, o.err)
		value, revision, err := bus.Load(bounded(t), session)
		if err != nil || string(value) != fmt.Sprintf("value %d", i) || revision != o.revision {
			t.Errorf("record %q, %d, %v, want revision %d", value, revision, err, o.revision)
		}
		first = o.revision
	}
}

// TestALostNotification: polling finds what the listening connection misses
// because it was ended or its network is silent.
func TestALostNotification(t *testing.T) {
	t.Parallel()
	s := pgserver.Shared(t)
	owner := newPool(t, s.URL("postgres"))
	schema := newSchema(t, owner)
	p := newProxy(t, s.Port)
	here := newBus(t, newPool(t, s.URL("postgres")), schema, pgbus.WithListenConn(connecting(p.url()+"&application_name=lost_here")), pgbus.WithPollInterval(100*time.Millisecond))
	there := newBus(t, newPool(t, s.URL("postgres")), schema)
	session := flowtest.NewSession()
	_, live, err := here.Subscribe(bounded(t), session)
	must(t, err)
	expect := func(id string) {
		t.Helper()
		must(t, there.Publish(bounded(t), flow.Message{Session: session, ID: id}))
		m, err := live.Next(bounded(t))
		if err != nil || m.ID != id {
			t.Fatalf("got %v, %v, want %s", m, err, id)
		}
	}
	expect("listening")
	p.Silence(true)
	expect("silent")
	p.Silence(false)
	backends := func(sql string) (n int) {
		must(t, owner.QueryRow(bounded(t), "SELECT count("+sql+") FROM pg_stat_activity WHERE application_name = 'lost_here'").Scan(&n))
		return n
	}
	if n := backends("pg_terminate_backend(pid)"); n != 1 {
		t.Errorf("%d connections listen, want 1", n)
	}
	expect("terminated")
	waitFor(t, func() bool { return backends("pid") == 1 }) // another one is opened
	expect("listening again")
}

// TestAConnectionThatGetsNoNotifications, although its server responds, is
// noticed and reopened: it may lead to a server that is no longer the primary.
func TestAConnectionThatGetsNoNotifications(t *testing.T) {
	t.Parallel()
	s := pgserver.Shared(t)
	owner := newPool(t, s.URL("postgres"))
	schema := newSchema(t, owner)
	p := newProxy(t, s.Port)
	here := newBus(t, owner, schema, pgbus.WithListenConn(connecting(p.url()+"&application_name=deaf_here")),
		pgbus.WithPollInterval(time.Minute), pgbus.WithSilence(200*time.Millisecond))
	there := newBus(t, newPool(t, s.URL("postgres")), schema)
	listens := func(sql, query string) (n int) {
		must(t, owner.QueryRow(bounded(t), "SELECT count("+sql+") FROM pg_stat_activity WHERE application_name = 'deaf_here' AND query LIKE $1", query).Scan(&n))
		return n
	}
	p.change("_events", "_others") // from the next connection on
	if n := listens("pg_terminate_backend(pid)", "LISTEN%_events%"); n != 1 {
		t.Fatalf("%d connections listen, want 1", n)
	}
	waitFor(t, func() bool { return listens("pid", "LISTEN%_others%") == 1 })
	p.change("", "")
	waitFor(t, func() bool { return listens("pid", "LISTEN%_events%") == 1 })
	_, live, err := here.Subscribe(bounded(t), flowtest.NewSession())
	must(t, err)
	must(t, live.Close())
	session := flowtest.NewSession()
	_, live, err = here.Subscribe(bounded(t), session)
	must(t, err)
	must(t, there.Publish(bounded(t), flow.Message{Session: session, ID: "heard"}))
	ctx, cancel := contextFor(t, 20*time.Second)
	defer cancel()
	if m, err := live.Next(ctx); err != nil || m.ID != "heard" {
		t.Errorf("got %v, %v, want ID heard", m, err)
	}
}

// TestAServerThatRefusesLogins for a while ends no subscription.
func TestAServerThatRefusesLogins(t *testing.T) {
	t.Parallel()
	s := pgserver.Shared(t)
	owner := newPool(t, s.URL("postgres"))
	schema := newSchema(t, owner)
	grants, err := pgbus.Privileges("locked_out", schema)
	must(t, err)
	exec(t, owner, "CREATE ROLE locked_out LOGIN; "+grants)
	bus := newBus(t, newPool(t, s.URL("locked_out")), schema, pgbus.WithPollInterval(100*time.Millisecond))
	there := newBus(t, owner, schema)
	session := flowtest.NewSession()
	_, live, err := bus.Subscribe(bounded(t), session)
	must(t, err)
	exec(t, owner, "ALTER ROLE locked_out NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'locked_out'")
	must(t, there.Publish(bounded(t), flow.Message{Session: session, ID: "id"}))
	ctx, cancel := contextFor(t, time.Second)
	defer cancel()
	if m, err := live.Next(ctx); !errors.Is(err, ctx.Err()) {
		t.Errorf("got %v, %v, want to wait", m, err)
	}
	ctx, cancel = contextFor(t, time.Second)
	defer cancel()
	if err := bus.Publish(ctx, flow.Message{Session: session, ID: "other"}); err == nil || !strings.Contains(err.Error(), "not permitted to log in") {
		t.Errorf("publish: %v", err)
	}
	exec(t, owner, "ALTER ROLE locked_out LOGIN")
	if m, err := live.Next(bounded(t)); err != nil || m.ID != "id" {
		t.Errorf("got %v, %v, want ID id", m, err)
	}
}

// TestAFrozenServer: a request returns with its context, or reports that the
// server does not respond; when the server is back, everything continues.
func TestAFrozenServer(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t, "fsync=off")
	pool := newPool(t, s.URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool))
	session := flowtest.NewSession()
	_, live, err := bus.Subscribe(bounded(t), session)
	must(t, err)
	frozen := s.PIDs()
	s.Signal(syscall.SIGSTOP)
	ctx, cancel := contextFor(t, time.Second)
	defer cancel()
	began := time.Now()
	err = bus.Publish(ctx, flow.Message{Session: session, ID: "frozen"})
	if took := time.Since(began); err == nil || !errors.Is(err, ctx.Err()) || took > 2500*time.Millisecond || !strings.Contains(err.Error(), "pgbus: ") {
		t.Errorf("publish to a frozen server: %v (want %v) after %s", err, ctx.Err(), took)
	}
	for _, pid := range frozen {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
	must(t, bus.Publish(bounded(t), flow.Message{Session: session, ID: "back"}))
	for {
		m, err := live.Next(bounded(t))
		must(t, err)
		if m.ID == "back" {
			break
		}
		if m.ID != "frozen" { // it may have been committed after all
			t.Errorf("got %v, want ID frozen", m)
		}
	}
}

// TestAnUnreachableServer is named in the error.
func TestAnUnreachableServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := contextFor(t, 4*time.Second)
	defer cancel()
	_, err := pgbus.New(ctx, newPool(t, "postgres://127.0.0.1:1/none"))
	if err == nil || !strings.Contains(err.Error(), "no connection to a PostgreSQL server") || strings.Contains(err.Error(), "\n") {
		t.Errorf("New: %q, want one line that says that there is no connection", err)
	}
}

// TestAnExhaustedPool: the error says so, and not that the server does not
// respond.
func TestAnExhaustedPool(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"), func(c *pgxpool.Config) { c.MaxConns = 1 })
	bus := newBus(t, pool, newSchema(t, pool))
	held, err := pool.Acquire(bounded(t))
	must(t, err)
	ctx, cancel := contextFor(t, 200*time.Millisecond)
	defer cancel()
	err = bus.Publish(ctx, flow.Message{Session: flowtest.NewSession(), ID: "id"})
	if !errors.Is(err, ctx.Err()) || !strings.Contains(err.Error(), "no connection of the pool became free") {
		t.Errorf("publish: %v, want %v", err, ctx.Err())
	}
	held.Release()
	must(t, bus.Publish(bounded(t), flow.Message{Session: flowtest.NewSession(), ID: "id"}))
	pool.Close()
	if err := bus.Publish(bounded(t), flow.Message{Session: flowtest.NewSession(), ID: "id"}); !errors.Is(err, flow.ErrClosed) {
		t.Errorf("publish with a closed pool: %v, want ErrClosed", err)
	}
}

// TestConnectionsThatAFirewallForgot cost the next request one attempt, however many
// the pool has: it does not try them one by one.
func TestConnectionsThatAFirewallForgot(t *testing.T) {
	t.Parallel()
	const conns = 8
	p := newProxy(t, pgserver.Shared(t).Port)
	pool := newPool(t, p.url(), func(c *pgxpool.Config) { c.MaxConns, c.MinConns = conns, conns })
	waitFor(t, func() bool { return pool.Stat().IdleConns() == conns })
	bus := newBus(t, pool, newSchema(t, pool), pgbus.WithPollInterval(time.Minute))
	session := flowtest.NewSession()
	_, live, err := bus.Subscribe(bounded(t), session)
	must(t, err)
	time.Sleep(1500 * time.Millisecond) // the pool pings what was idle for longer than a second
	p.forget()
	ctx, cancel := contextFor(t, 9*time.Second) // what Handler has
	defer cancel()
	must(t, bus.Publish(ctx, flow.Message{Session: session, ID: "id"}))
	if m, err := live.Next(bounded(t)); err != nil || m.ID != "id" {
		t.Errorf("got %v, %v, want ID id", m, err)
	}
}
