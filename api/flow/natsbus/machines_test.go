package natsbus_test

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

// machines returns the buses of three machines over a cluster, each connected to
// another server.
func machines(t *testing.T, opts ...natsbus.Option) (buses []flow.Bus, connections []*nats.Conn) {
	t.Helper()
	for _, s := range startCluster(t, 3) {
		nc := connect(t, s)
		connections = append(connections, nc)
		buses = append(buses, newBus(t, nc, append(opts, natsbus.WithReplicas(3))...))
	}
	return buses, connections
}

func TestAMachineDiesAndAnotherResumes(t *testing.T) {
	t.Parallel()
	buses, connections := machines(t, natsbus.WithKey(key))
	flowtest.MachineDies(t, buses[0], buses[1], buses[2], connections[0].Close)
}

func TestMachinesCompeteToComplete(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	var machines []flow.Bus
	for range 4 {
		machines = append(machines, newBus(t, connect(t, s), natsbus.WithKey(key)))
	}
	flowtest.CompleteAtOnce(t, machines...)
}

// TestReconcile with and without a key.
func TestReconcile(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]natsbus.Option{"sealed": {natsbus.WithKey(key)}, "plain": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			flowtest.Reconcile(t, [3]flow.Bus{newBus(t, connect(t, s), opts...), newBus(t, connect(t, s), opts...), newBus(t, connect(t, s), opts...)})
		})
	}
}

// TestTheConsumerIsDeleted when the last subscription is closed; the server drops
// that of a dead machine after half a minute.
func TestTheConsumerIsDeleted(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	bus := newBus(t, nc)
	var open []flow.Subscription
	for n := range 10 {
		_, live, err := bus.Subscribe(bounded(t), numbered(n%2))
		must(t, err)
		open = append(open, live)
	}
	for _, live := range open {
		consumers := consumersOf(t, nc, eventStream)
		if len(consumers) != 1 {
			t.Fatalf("%d consumers, want 1", len(consumers))
		}
		if c := consumers[0].Config; c.InactiveThreshold != 30*time.Second || !c.MemoryStorage || c.Replicas > 1 {
			t.Errorf("consumer %+v", c)
		}
		must(t, live.Close())
	}
	waitFor(t, func() bool { return len(consumersOf(t, nc, eventStream)) == 0 })
	_, live, err := bus.Subscribe(bounded(t), numbered(1)) // a new one, when it is needed again
	must(t, err)
	publish(t, bus, numbered(1), "again")
	expect(t, live, "again")
	must(t, live.Close())
}

func consumersOf(t *testing.T, nc *nats.Conn, name string) (consumers []*jetstream.ConsumerInfo) {
	t.Helper()
	js, err := jetstream.New(nc)
	must(t, err)
	stream, err := js.Stream(bounded(t), name)
	must(t, err)
	list := stream.ListConsumers(bounded(t))
	for info := range list.Info() {
		consumers = append(consumers, info)
	}
	must(t, list.Err())
	return consumers
}

// TestAConnectionThatIsClosed ends waiting steps.
func TestAConnectionThatIsClosed(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	nc := connect(t, s)
	bus := newBus(t, nc)
	d := flowtest.NewDesk(t, bus)
	waiting := d.Ask(bounded(t), d.Start(bus, flowtest.Charge), payments.CapturePaymentCardNumber)
	nc.Close()
	closed := time.Now()
	if err := <-waiting; !errors.Is(err, flow.ErrClosed) || time.Since(closed) > 3*time.Second { // sooner than by missed heartbeats
		t.Errorf("capture after %s: %v, want ErrClosed at once", time.Since(closed), err)
	}
	if err := bus.Publish(bounded(t), flow.Message{Session: flowtest.NewSession(), ID: "id"}); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("publish: %v, want ErrConnectionClosed", err)
	}
}
