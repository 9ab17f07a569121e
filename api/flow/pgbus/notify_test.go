package pgbus_test

import (
	"context"
	"math"
	"strconv"
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

// counter counts the statements that a pool sends.
type counter struct{ statements atomic.Int64 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.statements.Add(1)
	return ctx
}

func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestANotificationOfAnEventThatDoesNotExist: anyone who can connect to the
// database can notify, and so does a call that was forgotten and starts again.
// It costs one read, not one after another.
func TestANotificationOfAnEventThatDoesNotExist(t *testing.T) {
	t.Parallel()
	s := pgserver.Shared(t)
	owner := newPool(t, s.URL("postgres"))
	schema := newSchema(t, owner)
	sent := new(counter)
	pool := newPool(t, s.URL("postgres"), func(c *pgxpool.Config) { c.ConnConfig.Tracer = sent })
	bus := newBus(t, pool, schema, pgbus.WithPollInterval(time.Minute), pgbus.WithSilence(time.Hour))
	session := flowtest.NewSession()
	must(t, bus.Publish(bounded(t), flow.Message{Session: session, ID: "first"}))
	_, live, err := bus.Subscribe(bounded(t), session)
	must(t, err)
	defer func() { must(t, live.Close()) }()

	before := sent.statements.Load()
	exec(t, owner, "SELECT pg_notify('"+bus.Schema()+"_events', '"+session.CallSID+" "+strconv.FormatInt(math.MaxInt64, 10)+"')")
	waitFor(t, func() bool { return sent.statements.Load() > before })
	must(t, bus.Publish(bounded(t), flow.Message{Session: session, ID: "second"}))
	if m, err := live.Next(bounded(t)); err != nil || m.ID != "second" {
		t.Fatalf("the next event is %v, %v, want ID second", m, err)
	}
	time.Sleep(300 * time.Millisecond)
	if n := sent.statements.Load() - before; n > 10 {
		t.Errorf("%d statements after one notification", n)
	}
}
