package pgbus_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// threeMachines share a server, each with a pool of its own.
func threeMachines(t *testing.T) (buses []*pgbus.Bus, pools []*pgxpool.Pool) {
	url := pgserver.Shared(t).URL("postgres")
	schema := newSchema(t, newPool(t, url))
	for range 3 {
		pool := newPool(t, url)
		pools = append(pools, pool)
		buses = append(buses, newBus(t, pool, schema, pgbus.WithKey(key)))
	}
	return buses, pools
}

// TestAMachineDiesAndAnotherResumes: callbacks come to B, A waits for them and
// dies in the middle of an entry, and C goes on with it and charges once.
func TestAMachineDiesAndAnotherResumes(t *testing.T) {
	t.Parallel()
	buses, pools := threeMachines(t)
	a, b, c := buses[0], buses[1], buses[2]
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
	must(t, d.srv.Wait(bounded(t))) // by these callbacks another machine knows that the caller is being asked
	pools[0].Close()                // A is gone: nothing of it reaches the database
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
		t.Errorf("the whole session, read on another machine: %v", kinds)
	}
}

// TestMachinesCompeteToComplete has all of them complete at once.
func TestMachinesCompeteToComplete(t *testing.T) {
	t.Parallel()
	machines, _ := threeMachines(t)
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
