package flow_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// lateBus is a bus whose next Swap takes its time, before or after it writes.
type lateBus struct {
	flow.Bus
	before, after atomic.Int64
}

func (b *lateBus) Swap(ctx context.Context, s flow.Session, value []byte, revision uint64) (uint64, error) {
	before, after := b.before.Swap(0), b.after.Swap(0)
	time.Sleep(time.Duration(before))
	if before > 0 {
		ctx = context.WithoutCancel(ctx) // it was sent
	}
	written, err := b.Bus.Swap(ctx, s, value, revision)
	time.Sleep(time.Duration(after))
	return written, err
}

// TestAClaimThatIsOld: if a claim is known to be written only a minute later, because
// the bus was slow or the process was suspended, no complete is sent: Reconcile may
// have settled the session.
func TestAClaimThatIsOld(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		slow    time.Duration
		settled bool
		want    error
	}{
		"the session was settled": {20 * time.Minute, true, flow.ErrNotCharged},
		"the session is open":     {time.Minute, false, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				bus := &lateBus{Bus: newMemory(t)}
				d := newDeskOn(t, bus)
				f := d.start(noPostalCode)
				d.capture(f)
				bus.after.Store(int64(c.slow))
				completed := make(chan error, 1)
				go func() {
					_, err := f.Complete(t.Context())
					completed <- err
				}()
				if c.settled {
					time.Sleep(16 * time.Minute)
					if done := d.reconcile(says(flow.NotCharged())); len(done) != 1 {
						t.Fatalf("%d sessions were settled, want 1", len(done))
					}
				}
				if err := <-completed; !errors.Is(err, c.want) || errors.Is(err, flow.ErrOutcomeUnknown) {
					t.Errorf("complete: %v, want %v", err, c.want)
				}
				if n := d.requests(paymentstest.Complete); n != 0 {
					t.Fatalf("complete was sent %d times, want 0", n)
				}
				if !c.settled { // nothing was sent, and another machine may
					if _, err := d.resume(f).Complete(t.Context()); err != nil {
						t.Errorf("complete again: %v", err)
					}
				}
			})
		})
	}
}

// TestTheContextEndsInTheClaim of a step: nothing was sent, and another machine can
// continue, whether the claim is written before its withdrawal or arrives after it.
func TestTheContextEndsInTheClaim(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]func(*lateBus){
		"it is written":      func(b *lateBus) { b.after.Store(int64(3 * time.Second)) },
		"it is written late": func(b *lateBus) { b.before.Store(int64(3 * time.Second)) },
	} {
		for _, step := range []string{"complete", "capture"} {
			t.Run(step+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					bus := &lateBus{Bus: newMemory(t)}
					d := newDeskOn(t, bus)
					f := d.start(noPostalCode)
					d.capture(f)
					slow(bus)
					do := func(f *flow.Flow, ctx context.Context) (err error) {
						if step == "complete" {
							_, err = f.Complete(ctx)
						} else {
							_, err = f.Capture(ctx, payments.CaptureSecurityCode)
						}
						return err
					}
					before := len(d.srv.Requests())
					if err := do(f, within(t, time.Second)); !errors.Is(err, context.DeadlineExceeded) {
						t.Fatalf("%s: %v, want the context's error", step, err)
					}
					if len(d.srv.Requests()) != before {
						t.Fatal("a request was sent")
					}
					must(t, f.Close())
					time.Sleep(5 * time.Second) // less than a lease
					if err := do(d.resume(f), within(t, time.Minute)); err != nil {
						t.Errorf("%s on another machine: %v", step, err)
					}
				})
			})
		}
	}
}

// TestAClaimThatWasNotWritten is withdrawn in the background. The flow's next step gets
// the same number and keeps its turn.
func TestAClaimThatWasNotWritten(t *testing.T) {
	t.Parallel()
	failed := func(t *testing.T, f *flow.Flow, spy *spyBus) {
		t.Helper()
		spy.failOn(errDown, "swap")
		if _, err := f.Capture(t.Context(), payments.CaptureSecurityCode); !errors.Is(err, errDown) {
			t.Fatalf("capture: %v, want the bus's error", err)
		}
		spy.failWith(nil)
	}
	t.Run("then a capture", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d, spy := newSpyDesk(t, paymentstest.WithCaller(silent))
			f := d.start(noPostalCode)
			failed(t, f, spy)
			captured := d.capturing(t.Context(), f)
			time.Sleep(time.Minute) // several renewals of its lease
			if err := d.resume(f).Cancel(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-captured; !errors.Is(err, flow.ErrCancelled) {
				t.Errorf("capture: %v, want ErrCancelled", err)
			}
		})
	})
	t.Run("then a complete that is refused", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d, spy := newSpyDesk(t)
			f := d.start(noPostalCode)
			d.capture(f)
			failed(t, f, spy)
			d.srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Respond(400, `{"code":64020}`)))
			if _, err := f.Complete(t.Context()); err == nil || errors.Is(err, flow.ErrOutcomeUnknown) {
				t.Fatalf("complete: %v, want the refusal", err)
			}
			must(t, f.Close())
			if _, err := d.resume(f).Complete(within(t, time.Minute)); err != nil {
				t.Errorf("complete on another machine: %v", err)
			}
		})
	})
}
