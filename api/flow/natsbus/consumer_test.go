package natsbus_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func numbered(n int) flow.Session {
	return flow.Session{AccountSID: paymentstest.DefaultAccountSID, CallSID: fmt.Sprintf("CA%032x", n), SID: fmt.Sprintf("PK%032x", n)}
}

// TestTheFirstMessageDoesNotWait subscribes on every server of a cluster and at
// once publishes on another. The heartbeat is so long that a message which is
// found missing only by a heartbeat would be too late.
func TestTheFirstMessageDoesNotWait(t *testing.T) {
	t.Parallel()
	var machines []*natsbus.Bus
	for _, s := range startCluster(t, 3) {
		machines = append(machines, newBus(t, connect(t, s), natsbus.WithReplicas(3), natsbus.WithHeartbeat(15*time.Second)))
	}
	began := time.Now()
	var sessions sync.WaitGroup
	for n := range 1000 {
		sessions.Go(func() {
			_, live, err := machines[n%3].Subscribe(bounded(t), numbered(n))
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = live.Close() }()
			if err := machines[(n+1)%3].Publish(bounded(t), flow.Message{Session: numbered(n), ID: "first"}); err != nil {
				t.Error(err)
			}
			if m, err := live.Next(bounded(t)); err != nil || m.ID != "first" {
				t.Error(m, err)
			}
		})
	}
	sessions.Wait()
	if waited := time.Since(began); waited > 29*time.Second { // two heartbeats take 30 s
		t.Errorf("it took %s: a message waited for heartbeats", waited)
	}
}

// TestADisturbedSubscription continues after its last message with another
// consumer, whatever happens to the first.
func TestADisturbedSubscription(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	bus := newBus(t, nc, natsbus.WithHeartbeat(500*time.Millisecond))
	js, err := jetstream.New(nc)
	must(t, err)
	stray := func(inbox string, headers nats.Header) {
		must(t, nc.PublishMsg(&nats.Msg{Subject: inbox, Header: headers}))
	}
	for name, disturb := range map[string]func(info *jetstream.ConsumerInfo){
		"its consumer is deleted": func(info *jetstream.ConsumerInfo) {
			must(t, js.DeleteConsumer(bounded(t), "TWILIOPAY_EVENTS", info.Name))
		},
		"a message is missing": func(info *jetstream.ConsumerInfo) {
			stray(info.Config.DeliverSubject, nats.Header{"Status": {"100"}, "Nats-Last-Consumer": {"7"}})
		},
		"a message of another consumer": func(info *jetstream.ConsumerInfo) {
			stray(info.Config.DeliverSubject, nil)
		},
		"its consumer reports its deletion": func(info *jetstream.ConsumerInfo) {
			stray(info.Config.DeliverSubject, nats.Header{"Status": {"409"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := numbered(len(name))
			_, live, err := bus.Subscribe(bounded(t), s)
			must(t, err)
			before := consumersOf(t, nc, eventStream)
			if len(before) != 1 {
				t.Fatalf("%d consumers, want 1", len(before))
			}
			for n := range 6 {
				if n == 3 {
					disturb(before[0])
				}
				must(t, bus.Publish(bounded(t), flow.Message{Session: s, ID: fmt.Sprint(n)}))
				soon, cancel := context.WithTimeout(t.Context(), 8*time.Second) // the interval of two heartbeats
				defer cancel()
				if m, err := live.Next(soon); err != nil || m.ID != fmt.Sprint(n) {
					t.Fatalf("message %d is %v, %v", n, m, err)
				}
			}
			waitFor(t, func() bool {
				after := consumersOf(t, nc, eventStream)
				return len(after) == 1 && after[0].Name != before[0].Name
			})
			must(t, live.Close())
			waitFor(t, func() bool { return len(consumersOf(t, nc, eventStream)) == 0 })
		})
	}
}

// TestAStreamThatIsDeleted ends its subscriptions, even if it is recreated:
// their position no longer exists.
func TestAStreamThatIsDeleted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after int // messages in the new stream; -1: no new stream
		want  error
	}{
		"for good":      {-1, jetstream.ErrStreamNotFound},
		"and recreated": {1, flow.ErrExpired},
		"and refilled":  {20, flow.ErrExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nc := connect(t, startServer(t))
			bus := newBus(t, nc, natsbus.WithHeartbeat(500*time.Millisecond))
			publish := func(n int) {
				for i := range n {
					must(t, bus.Publish(bounded(t), flow.Message{Session: numbered(1), ID: fmt.Sprint(n, i)}))
				}
			}
			publish(5)
			past, live, err := bus.Subscribe(bounded(t), numbered(1))
			must(t, err)
			js, err := jetstream.New(nc)
			must(t, err)
			must(t, js.DeleteStream(bounded(t), "TWILIOPAY_EVENTS"))
			if c.after >= 0 {
				newBus(t, nc)
				publish(c.after)
			}
			if _, err := live.Next(bounded(t)); !errors.Is(err, c.want) || len(past) != 5 {
				t.Errorf("next after %d: %v, want %v", len(past), err, c.want)
			}
		})
	}
}

func TestSubscribeIsToOneCall(t *testing.T) {
	t.Parallel()
	bus := newBus(t, connect(t, startServer(t)))
	s := numbered(1)
	for _, wrong := range []flow.Session{
		{}, {CallSID: "*"}, {CallSID: ">"}, {CallSID: s.CallSID, SID: "*"}, {CallSID: s.CallSID, AccountSID: "AC*"}, {AccountSID: s.AccountSID, SID: s.SID},
	} {
		if _, _, err := bus.Subscribe(bounded(t), wrong); err == nil {
			t.Errorf("%+v: no error", wrong)
		}
	}
}
