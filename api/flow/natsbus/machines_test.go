package natsbus_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestAMachineDiesAndAnotherResumes: callbacks come to B, A waits for them and
// dies in the middle of an entry, and C goes on with it and charges once.
func TestAMachineDiesAndAnotherResumes(t *testing.T) {
	t.Parallel()
	servers := startCluster(t, 3)
	opts := []natsbus.Option{natsbus.WithReplicas(3), natsbus.WithKey(key)}
	connA := connect(t, servers[0])
	a, b, c := newBus(t, connA, opts...), newBus(t, connect(t, servers[1]), opts...), newBus(t, connect(t, servers[2]), opts...)
	d := newDesk(t, b)
	f := d.start(a, noPostalCode)
	d.capture(f, payments.CapturePaymentCardNumber)

	d.call.AnswerWith(nil)
	dying, die := context.WithCancel(bounded(t))
	died := make(chan error, 1)
	go func() {
		_, err := f.Capture(dying, payments.CaptureExpirationDate)
		died <- err
	}()
	must(t, d.call.Await(bounded(t), payments.CaptureExpirationDate))
	must(t, d.call.Press("12"))
	must(t, d.srv.Wait(bounded(t))) // C finds a callback of the step
	connA.Close()                   // A is gone: nothing of it reaches the bus
	die()
	if err := <-died; err == nil {
		t.Fatal("the capture of a dead machine succeeded")
	}

	g := d.resume(c, f, flow.WithTakeOver())
	if s := g.State(); s.Asking != payments.CaptureExpirationDate || len(s.Captured) != 1 {
		t.Errorf("resumed with %+v", s)
	}
	resumed := make(chan error, 1)
	go func() {
		_, err := g.Capture(bounded(t), payments.CaptureExpirationDate)
		resumed <- err
	}()
	must(t, d.call.Press("99"))
	must(t, <-resumed)
	if n := d.requests(paymentstest.Capture); n != 2 {
		t.Errorf("the caller was asked %d times, want 2", n)
	}
	d.call.AnswerWith(paymentstest.VisaCaller())
	d.capture(g, payments.CaptureSecurityCode)
	result, err := g.Complete(bounded(t))
	must(t, err)
	if charges := d.srv.Charges(); len(charges) != 1 || charges[0].ConfirmationCode != result.ConfirmationCode.Reveal() {
		t.Errorf("charges %+v", charges)
	}
	kinds := make(map[callback.Kind]int)
	for p := range d.resume(b, f).Events(bounded(t)) {
		kinds[p.Kind]++
	}
	if kinds[callback.Started] != 1 || kinds[callback.Completed] != 1 || kinds[callback.Updated] != 29 {
		t.Errorf("the whole session, read on the third machine: %v", kinds)
	}
}

// TestMachinesCompeteToComplete has all of them complete at once.
func TestMachinesCompeteToComplete(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	var machines []flow.Bus
	for range 4 {
		machines = append(machines, newBus(t, connect(t, s), natsbus.WithKey(key)))
	}
	d := newDesk(t, machines[0])
	f := d.start(machines[0], noPostalCode)
	d.capture(f, payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode)
	codes := make(chan string, len(machines))
	for _, bus := range machines {
		g := d.resume(bus, f)
		go func() {
			result, err := g.Complete(bounded(t))
			for errors.Is(err, flow.ErrBusy) {
				result, err = g.Complete(bounded(t))
			}
			if err != nil {
				t.Error(err)
				result = new(flow.Result)
			}
			codes <- result.ConfirmationCode.Reveal()
		}()
	}
	for range machines {
		if code := <-codes; code != d.srv.Charges()[0].ConfirmationCode {
			t.Errorf("a machine was told %q", code)
		}
	}
	if d.requests(paymentstest.Complete) != 1 || len(d.srv.Charges()) != 1 {
		t.Errorf("%d requests, %d charges", d.requests(paymentstest.Complete), len(d.srv.Charges()))
	}
}

// TestTheConsumerIsGivenBack when the last subscription is closed; that of a
// dead machine the server drops when nobody has listened for half a minute.
func TestTheConsumerIsGivenBack(t *testing.T) {
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
			t.Fatalf("%d consumers", len(consumers))
		}
		if c := consumers[0].Config; c.InactiveThreshold != 30*time.Second || !c.MemoryStorage || c.Replicas > 1 {
			t.Errorf("consumer %+v", c)
		}
		must(t, live.Close())
	}
	waitFor(t, func() bool { return len(consumersOf(t, nc, eventStream)) == 0 })
	_, live, err := bus.Subscribe(bounded(t), numbered(1)) // and another, when it is needed again
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

// TestAConnectionThatIsClosed ends what waits on it.
func TestAConnectionThatIsClosed(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	nc := connect(t, s)
	bus := newBus(t, nc)
	d := newDesk(t, bus)
	d.call.AnswerWith(nil)
	f := d.start(bus, noPostalCode)
	waiting := make(chan error, 1)
	go func() {
		_, err := f.Capture(bounded(t), payments.CapturePaymentCardNumber)
		waiting <- err
	}()
	must(t, d.call.Await(bounded(t), payments.CapturePaymentCardNumber))
	nc.Close()
	closed := time.Now()
	if err := <-waiting; !errors.Is(err, flow.ErrClosed) || time.Since(closed) > 3*time.Second { // before heartbeats are missed
		t.Errorf("capture after %s: %v, want ErrClosed at once", time.Since(closed), err)
	}
	if err := bus.Publish(bounded(t), flow.Message{Session: f.Session(), ID: "id"}); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("publish: %v, want ErrConnectionClosed", err)
	}
}
