package pgbus_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// TestManySubscriptionsShareOneConnection, and have no goroutine. Their events
// arrive by notifications: polling would be too late.
func TestManySubscriptionsShareOneConnection(t *testing.T) {
	const subscriptions = 300
	s := pgserver.Start(t, "fsync=off")
	owner := newPool(t, s.URL("postgres"))
	schema := newSchema(t, owner)
	pool := newPool(t, s.URL("postgres")+"&application_name=shared", func(c *pgxpool.Config) { c.MaxConns = 2 })
	here := newBus(t, pool, schema, pgbus.WithPollInterval(time.Minute))
	there := newBus(t, owner, schema)
	var sessions []flow.Session
	var open []flow.Subscription
	goroutines := runtime.NumGoroutine()
	for range subscriptions {
		session := flowtest.NewSession()
		_, live, err := here.Subscribe(bounded(t), session)
		must(t, err)
		sessions, open = append(sessions, session), append(open, live)
	}
	if more := runtime.NumGoroutine() - goroutines; more > subscriptions/10 {
		t.Errorf("%d subscriptions have %d goroutines", subscriptions, more)
	}
	var connections int
	must(t, owner.QueryRow(bounded(t), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shared'").Scan(&connections))
	if connections > 3 {
		t.Errorf("%d connections, want the pool's 2 and a listening one", connections)
	}
	for i, session := range sessions {
		must(t, there.Publish(bounded(t), flow.Message{Session: session, ID: fmt.Sprint(i)}))
	}
	ctx, cancel := contextFor(t, 20*time.Second)
	defer cancel()
	for i, live := range open {
		if m, err := live.Next(ctx); err != nil || m.ID != fmt.Sprint(i) {
			t.Fatalf("subscription %d got %v, %v", i, m, err)
		}
	}
}

// TestTheLongestExpiryCounts among those of the processes that write to a call.
func TestTheLongestExpiryCounts(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	schema := newSchema(t, pool)
	hour := newBus(t, pool, schema, pgbus.WithExpiry(time.Hour))
	day := newBus(t, pool, schema, pgbus.WithExpiry(24*time.Hour))
	left := func(s flow.Session) (d time.Duration) {
		var seconds float64
		must(t, pool.QueryRow(bounded(t), "SELECT extract(epoch FROM expires - clock_timestamp())::float8 FROM "+day.Schema()+".calls WHERE call_sid = $1", s.CallSID).Scan(&seconds))
		return time.Duration(seconds * float64(time.Second))
	}
	s, revision := flowtest.NewSession(), uint64(0)
	for i, step := range []struct {
		bus         *pgbus.Bus
		least, most time.Duration
	}{
		{hour, time.Hour, 2 * time.Hour}, {day, 24 * time.Hour, 26 * time.Hour}, {hour, 24*time.Hour - time.Minute, 26 * time.Hour},
	} {
		must(t, step.bus.Publish(bounded(t), flow.Message{Session: s, ID: fmt.Sprint(i)}))
		if d := left(s); d < step.least || d > step.most {
			t.Errorf("publish %d leaves %s", i, d)
		}
	}
	s = flowtest.NewSession()
	for i, step := range []struct {
		bus         *pgbus.Bus
		least, most time.Duration
	}{
		{hour, time.Hour, 2 * time.Hour}, {day, 24 * time.Hour, 26 * time.Hour}, {hour, 24*time.Hour - time.Minute, 26 * time.Hour},
	} {
		var err error
		revision, err = step.bus.Swap(bounded(t), s, []byte("record"), revision)
		must(t, err)
		if d := left(s); d < step.least || d > step.most {
			t.Errorf("swap %d leaves %s", i, d)
		}
	}
}
