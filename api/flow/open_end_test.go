package flow_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// openEnds are results that leave the outcome of a complete unknown.
var openEnds = []form{
	{"Result": "caller-hung-up"}, {"Result": "caller-interrupted-with-star"}, {"Result": "internal-error"}, {"Result": "a-new-result"},
}

// hangUp completes a session whose caller hangs up a second later, while the gateway
// works. It returns what Complete returns.
func (d *desk) hangUp(f *flow.Flow, end form) <-chan error {
	d.t.Helper()
	d.capture(f)
	d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Never() })
	completed := make(chan error, 1)
	go func() {
		_, err := f.Complete(within(d.t, 90*time.Second))
		completed <- err
	}()
	time.Sleep(time.Second)
	deliver(d.t, newHandler(d.t, d.bus), statusURL, formOf(f.Session(), end))
	return completed
}

// TestTheCallerHangsUpWhileTheGatewayWorks: the gateway's later verdict counts, on
// every machine, as long as it arrives within the step.
func TestTheCallerHangsUpWhileTheGatewayWorks(t *testing.T) {
	t.Parallel()
	for i, end := range openEnds {
		for name, c := range map[string]struct {
			after form
			want  error
		}{
			"charged":  {form{"Result": "success", "PaymentConfirmationCode": "ch_1"}, nil},
			"declined": {form{"Result": "payment-connector-error", "PayErrorCode": "64008"}, payments.ErrDeclined},
			"failed":   {form{"Result": "gateway-on-fire", "PayErrorCode": "64002"}, payments.ErrServer},
		} {
			if i > 0 && name != "charged" {
				continue // every open end is handled alike
			}
			t.Run(end["Result"]+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					d := newDesk(t)
					f := d.start(noPostalCode)
					follower, canceller := d.resume(f), d.resume(f)
					completed := d.hangUp(f, end)
					cancelled := make(chan error, 1)
					go func() { cancelled <- canceller.Cancel(t.Context()) }()
					time.Sleep(20 * time.Second)
					deliver(t, newHandler(t, d.bus), statusURL, formOf(f.Session(), c.after))
					if err := <-completed; !errors.Is(err, c.want) || errors.Is(err, flow.ErrHungUp) {
						t.Errorf("complete: %v, want %v", err, c.want)
					}
					if err := <-cancelled; c.want == nil && !errors.Is(err, flow.ErrSucceeded) || c.want != nil && err != nil {
						t.Errorf("cancel: %v", err)
					}
					d.overElsewhere(f, follower, c.want)
				})
			})
		}
	}
}

// overElsewhere checks that other flows of the session return want for complete,
// and that it is not listed as unfinished.
func (d *desk) overElsewhere(f, follower *flow.Flow, want error) {
	d.t.Helper()
	for where, g := range map[string]*flow.Flow{"a follower": follower, "resumed": d.resume(f)} {
		if _, err := g.Complete(d.t.Context()); !errors.Is(err, want) {
			d.t.Errorf("%s: complete: %v, want %v", where, err, want)
		}
	}
	if open := unfinished(d.t, d.bus, flow.Query{}); len(open) != 0 {
		d.t.Errorf("unfinished: %+v, want none", open)
	}
}

// TestTheCallerHangsUpAndTheSessionIsCancelled: Twilio does not cancel a session
// after a charge, so all machines say that it was cancelled, in whichever order the
// two arrive, and a success that follows within five seconds still counts.
func TestTheCallerHangsUpAndTheSessionIsCancelled(t *testing.T) {
	t.Parallel()
	cancelled, success := form{"Result": "transaction-cancelled"}, form{"Result": "success", "PaymentConfirmationCode": "ch_1"}
	for name, c := range map[string]struct {
		first form
		then  []form
		want  error
	}{
		"the hang-up first":    {openEnds[0], []form{cancelled}, flow.ErrCancelled},
		"the hang-up last":     {cancelled, []form{openEnds[0]}, flow.ErrCancelled},
		"a success at the end": {openEnds[0], []form{cancelled, success}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				f := d.start(noPostalCode)
				follower := d.resume(f)
				completed := d.hangUp(f, c.first)
				time.Sleep(4 * time.Second)
				for _, then := range c.then {
					deliver(t, newHandler(t, d.bus), statusURL, formOf(f.Session(), then))
					time.Sleep(4 * time.Second)
				}
				if err := <-completed; !errors.Is(err, c.want) {
					t.Errorf("complete: %v, want %v", err, c.want)
				}
				d.overElsewhere(f, follower, c.want)
			})
		})
	}
}

// TestTheCallerHangsUpAndNothingFollows: the outcome is unknown, the session is
// listed, and Reconcile settles it for all machines.
func TestTheCallerHangsUpAndNothingFollows(t *testing.T) {
	t.Parallel()
	for i, end := range openEnds {
		for name, c := range outcomes {
			if i > 0 && name != "charged" {
				continue // every open end is handled alike
			}
			t.Run(end["Result"]+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					d := newDesk(t)
					f := d.start(noPostalCode)
					follower := d.resume(f)
					events := make(chan []string, 1)
					go func() { events <- collect(t.Context(), follower) }()
					completed := d.hangUp(f, end)
					if err := <-completed; !errors.Is(err, flow.ErrOutcomeUnknown) || flow.HTTPStatus(err) != http.StatusGatewayTimeout {
						t.Errorf("complete: %v, want ErrOutcomeUnknown", err)
					}
					if s := f.State(); !s.Completing || !errors.Is(s.Ended, flow.ErrOutcomeUnknown) || errors.Is(s.Ended, flow.ErrHungUp) {
						t.Errorf("state: %+v", s)
					}
					began := time.Now()
					if err := d.resume(f).Cancel(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) || time.Since(began) > 40*time.Second {
						t.Errorf("cancel after %s: %v, want ErrOutcomeUnknown", time.Since(began), err)
					}
					time.Sleep(time.Hour)
					if open := unfinished(t, d.bus, flow.Query{}); len(open) != 1 || !open[0].Completing {
						t.Errorf("unfinished: %+v", open)
					}
					if done := d.reconcile(says(c.outcome)); len(done) != 1 {
						t.Errorf("reconciled: %+v, want one", done)
					}
					for _, g := range []*flow.Flow{f, follower, d.resume(f)} {
						wantSettled(t, g, c.outcome, c.err)
					}
					if lines := <-events; !strings.HasPrefix(lines[len(lines)-1], "completed "+string(c.result)) {
						t.Errorf("a follower saw %q", lines)
					}
					if open := unfinished(t, d.bus, flow.Query{}); len(open) != 0 {
						t.Errorf("unfinished afterwards: %+v, want none", open)
					}
				})
			})
		}
	}
}

// TestTheCallerHangsUpBeforeTheComplete that Twilio therefore refuses: nothing was
// charged, and all machines say so.
func TestTheCallerHangsUpBeforeTheComplete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f)
		follower := d.resume(f)
		d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Late(time.Second) })
		d.call.HangUp()
		if _, err := f.Complete(t.Context()); !errors.Is(err, payments.ErrNotFound) && !errors.Is(err, flow.ErrHungUp) {
			t.Errorf("complete: %v, want a refusal", err)
		}
		time.Sleep(2 * time.Second)
		for _, g := range []*flow.Flow{f, follower, d.resume(f)} {
			if _, err := g.Complete(t.Context()); !errors.Is(err, flow.ErrHungUp) {
				t.Errorf("complete: %v, want ErrHungUp", err)
			}
			must(t, g.Cancel(t.Context()))
		}
		if open := unfinished(t, d.bus, flow.Query{}); len(open) != 0 || len(d.srv.Charges()) != 0 {
			t.Errorf("unfinished: %+v; %d charges, want 0", open, len(d.srv.Charges()))
		}
	})
}

// oldReads is a bus whose Load lags behind, like one that reads from a replica.
type oldReads struct {
	*spyBus
	value    []byte
	revision uint64
}

func (b *oldReads) Load(ctx context.Context, s flow.Session) ([]byte, uint64, error) {
	if b.value != nil {
		value, revision := b.value, b.revision
		b.value = nil // the replica has caught up the next time
		return value, revision, ctx.Err()
	}
	return b.spyBus.Load(ctx, s)
}

// TestTheCallerHangsUpAndTheRecordIsOld: another machine reads a record that does not
// show yet that complete was sent. It must not report that nothing was charged.
func TestTheCallerHangsUpAndTheRecordIsOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		spy := newSpyBus(newMemory(t))
		d := newDeskOn(t, spy)
		f := d.start(noPostalCode)
		d.capture(f)
		value, revision, err := spy.Load(t.Context(), f.Session())
		must(t, err)
		old := &oldReads{spyBus: spy}
		d.bus = old
		other := d.resume(f)
		old.value, old.revision = value, revision
		d.bus = spy
		completed := d.hangUp(f, openEnds[0])
		if err := other.Cancel(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) {
			t.Errorf("cancel: %v, want ErrOutcomeUnknown; %d charges", err, len(d.srv.Charges()))
		}
		<-completed
	})
}

// TestTheFlowIsClosedAfterTheHangUp: a step that waits for the gateway's verdict
// does not mistake the hang-up for the outcome.
func TestTheFlowIsClosedAfterTheHangUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		completed := d.hangUp(f, openEnds[0])
		time.Sleep(10 * time.Second)
		must(t, f.Close())
		if err := <-completed; !errors.Is(err, flow.ErrOutcomeUnknown) || !errors.Is(err, flow.ErrClosed) {
			t.Errorf("complete: %v, want ErrOutcomeUnknown and ErrClosed", err)
		}
	})
}

// outcomeStaysUnknown checks that a flow which has sent complete does not report the
// session as over because it can no longer find out what became of it.
func (d *desk) outcomeStaysUnknown(f *flow.Flow) {
	d.t.Helper()
	for name, step := range steps(d.t.Context()) {
		err := step(f)
		if name != "capture" && (!errors.Is(err, flow.ErrOutcomeUnknown) || flow.HTTPStatus(err) != http.StatusGatewayTimeout) {
			d.t.Errorf("%s: %v, want ErrOutcomeUnknown", name, err)
		}
	}
}
