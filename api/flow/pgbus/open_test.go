package pgbus_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/load"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// accepting is a Twilio that accepts every request and posts no callbacks.
type accepting struct{}

func (accepting) Create(_ context.Context, call string, _ payments.CreateParams, _ ...payments.Option) (*payments.Session, error) {
	return &payments.Session{AccountSID: "AC" + call[2:], CallSID: call, SID: "PK" + call[2:]}, nil
}

func (accepting) Update(_ context.Context, call, sid string, _ payments.UpdateParams, _ ...payments.Option) (*payments.Session, error) {
	return &payments.Session{AccountSID: "AC" + call[2:], CallSID: call, SID: sid}, nil
}

// TestTenThousandOpenFlows are open in one process, over three connections and
// a listening one. Events from another process arrive by notifications; then
// the listening connection is lost, and polling finds them among all ten
// thousand.
func TestTenThousandOpenFlows(t *testing.T) {
	open := 10_000
	if raceDetector {
		open = 1_000
	}
	s := pgserver.Start(t, "fsync=off")
	owner := newPool(t, s.URL("postgres"))
	schema := newSchema(t, owner)
	pool := newPool(t, s.URL("postgres"), func(c *pgxpool.Config) { c.MaxConns = 3 })
	p := newProxy(t, s.Port)
	bus := newBus(t, pool, schema, pgbus.WithKey(key), pgbus.WithListenConn(connecting(p.url())))
	there := newBus(t, owner, schema, pgbus.WithKey(key))

	before, goroutines := load.Memory()
	flows := make([]*flow.Flow, open)
	var opening sync.WaitGroup
	work := make(chan int)
	for range 16 {
		opening.Go(func() {
			for i := range work {
				var err error
				flows[i], err = flow.Start(bounded(t), accepting{}, bus, flowtest.NewSession().CallSID, payments.CreateParams{StatusCallback: "https://pay.example.com/status"})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	began := time.Now()
	for i := range flows {
		work <- i
	}
	close(work)
	opening.Wait()
	if t.Failed() {
		return
	}
	after, more := load.Memory()
	t.Logf("%d flows opened in %s: %d bytes and %.2f goroutines each", open, time.Since(began).Round(time.Millisecond), (after-before)/int64(open), float64(more-goroutines)/float64(open))
	if each := float64(more-goroutines) / float64(open); each > 1.1 {
		t.Errorf("a flow has %.2f goroutines", each)
	}
	ask := func(how string, times int) {
		var took []time.Duration
		for range times {
			f := flows[rand.N(open)]
			session := f.Session()
			id := flowtest.NewSession().SID
			began := time.Now()
			must(t, there.Publish(bounded(t), flow.Message{Session: session, ID: id, Body: wire.Hide(fmt.Sprintf(
				"AccountSid=%s&CallSid=%s&Sid=%s&PaymentConnector=Default&PaymentMethod=credit-card&Capture=postal-code&PartialResult=true&DateUpdated=2026-01-01T12:00:00.000Z",
				session.AccountSID, session.CallSID, session.SID))}))
			for range f.Events(bounded(t)) {
				break
			}
			took = append(took, time.Since(began))
			flows = slices.DeleteFunc(flows, func(g *flow.Flow) bool { return g == f })
			open--
			must(t, f.Close())
		}
		slices.Sort(took)
		t.Logf("from an event on another machine to the flow, %s: p50 %s, max %s", how, took[len(took)/2], took[len(took)-1])
	}
	ask("by notifications", 50)
	p.Silence(true)
	ask("by polling", 10)
	p.Silence(false)
	for _, f := range flows {
		must(t, f.Close())
	}
}
