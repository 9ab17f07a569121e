package pgbus_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// TestNoEventOvertakesAnother: transactions commit in a different order than
// they started, and some are rolled back, while others read all the time. All
// readers see the same order without gaps: with numbers from a sequence,
// readers would skip some.
func TestNoEventOvertakesAnother(t *testing.T) {
	t.Parallel()
	const publishers, each = 8, 40
	url := pgserver.Shared(t).URL("postgres")
	pool := newPool(t, url)
	schema := newSchema(t, pool)
	s := flowtest.NewSession()
	var readers []flow.Subscription
	for range 4 {
		bus := newBus(t, newPool(t, url), schema, pgbus.WithPollInterval(100*time.Millisecond))
		_, live, err := bus.Subscribe(bounded(t), s)
		must(t, err)
		readers = append(readers, live)
	}
	bus := newBus(t, pool, schema)
	var all sync.WaitGroup
	for p := range publishers {
		all.Go(func() {
			for i := range each {
				m := flow.Message{Session: s, ID: fmt.Sprint(p, ".", i)}
				for committed := false; !committed; {
					tx, err := pool.Begin(bounded(t))
					if err != nil {
						t.Error(err)
						return
					}
					if _, err := bus.PublishTx(bounded(t), tx, m); err != nil {
						t.Error(err)
						return
					}
					time.Sleep(rand.N(2 * time.Millisecond))
					if committed = rand.N(4) != 0; !committed {
						_ = tx.Rollback(bounded(t))
					} else if err := tx.Commit(bounded(t)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	var orders [][]string
	for _, live := range readers {
		var order []string
		for range publishers * each {
			m, err := live.Next(bounded(t))
			if err != nil {
				t.Fatalf("after %d events: %v", len(order), err)
			}
			order = append(order, m.ID)
		}
		orders = append(orders, order)
	}
	all.Wait()
	for _, order := range orders[1:] {
		if fmt.Sprint(order) != fmt.Sprint(orders[0]) {
			t.Error("two readers have seen different orders")
		}
	}
}

// TestCallsDoNotWaitForEachOther: an open transaction blocks writes to its own
// call, and to no other.
func TestCallsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool))
	s, other := flowtest.NewSession(), flowtest.NewSession()
	done := make(chan error, 1)
	must(t, pgx.BeginFunc(bounded(t), pool, func(tx pgx.Tx) error {
		if _, err := bus.PublishTx(bounded(t), tx, flow.Message{Session: s, ID: "first"}); err != nil {
			return err
		}
		if err := bus.Publish(bounded(t), flow.Message{Session: other, ID: "id"}); err != nil {
			return err
		}
		go func() { done <- bus.Publish(bounded(t), flow.Message{Session: s, ID: "second"}) }()
		select {
		case err := <-done:
			t.Errorf("an event of the same call did not wait: %v", err)
		case <-time.After(200 * time.Millisecond):
		}
		return nil
	}))
	must(t, <-done)
	past, _, err := bus.Subscribe(bounded(t), s)
	if must(t, err); len(past) != 2 || past[0].ID != "first" {
		t.Errorf("events %v", past)
	}
}

// TestASlowSubscriber holds few of its unread events, and reads the others when
// they are needed. It delays neither publishers nor other subscribers.
func TestASlowSubscriber(t *testing.T) {
	t.Parallel()
	const events = 500
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool))
	s := flowtest.NewSession()
	_, slow, err := bus.Subscribe(bounded(t), s)
	must(t, err)
	_, live, err := bus.Subscribe(bounded(t), s)
	must(t, err)
	for i := range events {
		must(t, bus.Publish(bounded(t), flow.Message{Session: s, ID: fmt.Sprint(i)}))
		if m, err := live.Next(bounded(t)); err != nil || m.ID != fmt.Sprint(i) {
			t.Fatalf("got %v, %v, want event %d", m, err, i)
		}
	}
	if n := pgbus.Held(slow); n != 16 {
		t.Errorf("the slow subscription holds %d events, want 16", n)
	}
	for i := range events {
		if m, err := slow.Next(bounded(t)); err != nil || m.ID != fmt.Sprint(i) {
			t.Fatalf("the slow one got %v, %v, want event %d", m, err, i)
		}
	}
}

// TestForgetting: expired calls are deleted in batches; others, those that are
// being written to, and those that were written to again stay.
func TestForgetting(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	schema := pgbus.WithSchema("forgetting")
	must(t, pgbus.Migrate(bounded(t), pool, schema))
	bus := newBus(t, pool, schema)
	const old = 250
	var sessions []flow.Session
	for range old + 3 {
		s := flowtest.NewSession()
		sessions = append(sessions, s)
		must(t, bus.Publish(bounded(t), flow.Message{Session: s, ID: "id"}))
		_, err := bus.Swap(bounded(t), s, []byte("record"), 0)
		must(t, err)
	}
	young, again, busy := sessions[old], sessions[old+1], sessions[old+2]
	_, err := pool.Exec(bounded(t), "UPDATE forgetting.calls SET expires = clock_timestamp() - interval '1 second' WHERE call_sid <> $1", young.CallSID)
	must(t, err)
	_, revision, err := bus.Load(bounded(t), again)
	must(t, err)
	_, err = bus.Swap(bounded(t), again, []byte("again"), revision)
	must(t, err)
	must(t, pgx.BeginFunc(bounded(t), pool, func(tx pgx.Tx) error {
		if _, err := bus.PublishTx(bounded(t), tx, flow.Message{Session: busy, ID: "busy"}); err != nil {
			return err
		}
		n, err := bus.Forget(bounded(t))
		if err != nil || n != old {
			t.Errorf("forgot %d calls, %v, want %d", n, err, old)
		}
		return nil
	}))
	if n, err := bus.Forget(bounded(t)); err != nil || n != 0 {
		t.Errorf("forgot %d (want 0) calls that were written to, %v", n, err)
	}
	for name, want := range map[string]int{"calls": 3, "sessions": 3, "events": 4} {
		var n int
		must(t, pool.QueryRow(bounded(t), "SELECT count(*) FROM forgetting."+name).Scan(&n))
		if n != want {
			t.Errorf("%d %s are left, want %d", n, name, want)
		}
	}
}

// TestACallThatStartsAgain: subscribers to a call that was forgotten and has
// started again get an error, even if they had read nothing of it and find out
// late.
func TestACallThatStartsAgain(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	schema := pgbus.WithSchema("beginning")
	must(t, pgbus.Migrate(bounded(t), pool, schema))
	bus := newBus(t, pool, schema)
	for name, before := range map[string]int{"no events": 0, "some events": 5} {
		s := flowtest.NewSession()
		_, err := bus.Swap(bounded(t), s, []byte("record"), 0)
		must(t, err)
		for i := range before {
			must(t, bus.Publish(bounded(t), flow.Message{Session: s, ID: fmt.Sprint("before ", i)}))
		}
		_, live, err := bus.Subscribe(bounded(t), s)
		must(t, err)
		must(t, pgx.BeginFunc(bounded(t), pool, func(tx pgx.Tx) error { // at once: no poll sees it missing
			for _, table := range []string{"calls", "sessions", "events"} {
				if _, err := tx.Exec(bounded(t), "DELETE FROM beginning."+table+" WHERE call_sid = $1", s.CallSID); err != nil {
					return err
				}
			}
			for i := range 10 {
				if _, err := bus.PublishTx(bounded(t), tx, flow.Message{Session: s, ID: fmt.Sprint("after ", i)}); err != nil {
					return err
				}
			}
			return nil
		}))
		if m, err := live.Next(bounded(t)); !errors.Is(err, flow.ErrExpired) {
			t.Errorf("%s: got %v, %v, want ErrExpired", name, m, err)
		}
		past, _, err := bus.Subscribe(bounded(t), s)
		if must(t, err); len(past) != 10 {
			t.Errorf("%s: %d events of the new call, want 10", name, len(past))
		}
	}
}

// TestAnEmptySubscription: a subscriber to a session that never starts waits no
// longer than the expiry. A session with a record is kept.
func TestAnEmptySubscription(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	bus := newBus(t, pool, newSchema(t, pool), pgbus.WithExpiry(time.Hour), pgbus.WithPollInterval(100*time.Millisecond))
	never, recorded := flowtest.NewSession(), flowtest.NewSession()
	_, waits, err := bus.Subscribe(bounded(t), never)
	must(t, err)
	_, err = bus.Swap(bounded(t), recorded, []byte("record"), 0)
	must(t, err)
	_, stays, err := bus.Subscribe(bounded(t), recorded)
	must(t, err)
	pgbus.Age(waits, 59*time.Minute)
	pgbus.Age(stays, 2*time.Hour)
	for name, live := range map[string]flow.Subscription{"young": waits, "recorded": stays} {
		ctx, cancel := contextFor(t, 400*time.Millisecond)
		if m, err := live.Next(ctx); !errors.Is(err, ctx.Err()) {
			t.Errorf("%s: got %v, %v, want to wait", name, m, err)
		}
		cancel()
	}
	pgbus.Age(waits, 2*time.Minute)
	if m, err := waits.Next(bounded(t)); !errors.Is(err, flow.ErrExpired) {
		t.Errorf("got %v, %v, want ErrExpired", m, err)
	}
}
