package flow_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestTakeOverDuringACancelOfACapture: one machine captured, another tried to
// cancel, and both are dead. The machine that takes over continues at once.
func TestTakeOverDuringACancelOfACapture(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"the same field", "another field", "cancel"} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, paymentstest.WithCaller(silent))
			capturing, cancelling := d.machine(), d.machine()
			f := d.startOn(capturing)
			dying, die := context.WithCancel(t.Context())
			go func() { _, _ = f.Capture(dying, payments.CapturePaymentCardNumber) }()
			synctest.Wait()
			g := d.resumeWith(cancelling.client, cancelling, f.Session())
			cancelling.client.dieSending = func(payments.UpdateParams) bool { return true }
			cancelling.client.afterSender = cancelling.die
			go func() { _ = g.Cancel(dying) }()
			synctest.Wait()
			capturing.die()
			die()
			synctest.Wait()

			began := time.Now()
			h := d.resume(f, flow.WithTakeOver())
			d.call.AnswerWith(paymentstest.VisaCaller())
			switch op {
			case "the same field":
				go func() { _ = d.call.Enter("4111 1111 1111 1111") }()
				d.capture(h, payments.CapturePaymentCardNumber)
				if n := d.requests(paymentstest.Capture); n != 1 {
					t.Errorf("the caller was asked %d times, want 1", n)
				}
			case "another field":
				d.capture(h, payments.CaptureExpirationDate)
			default:
				must(t, h.Cancel(t.Context()))
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("%s after %s", op, took)
			}
			must(t, g.Close())
		})
	}
}

// TestACancelThatCannotBeReleased is over for its own flow at once, and for
// others when its lease expires: the concurrent capture keeps the session.
func TestACancelThatCannotBeReleased(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"the same flow": 0, "another, after the lease": 20 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, paymentstest.WithCaller(silent))
				f := d.start(noPostalCode)
				captured := d.capturing(t.Context(), f)
				spy := newSpyBus(d.bus)
				g := d.resumeWith(d.client, spy, f.Session())
				d.srv.Inject(func(paymentstest.Attempt) paymentstest.Fault {
					spy.failOn(errDown)
					return refused
				})
				if err := g.Cancel(t.Context()); err == nil {
					t.Error("the cancel was not refused")
				}
				spy.failWith(nil)
				time.Sleep(after)
				next := g
				if after > 0 {
					next = d.resume(f)
				}
				if _, err := next.Capture(t.Context(), payments.CaptureExpirationDate); !errors.Is(err, flow.ErrBusy) {
					t.Errorf("a second capture: %v, want ErrBusy", err)
				}
				d.srv.Inject()
				must(t, next.Cancel(t.Context()))
				if err := <-captured; !errors.Is(err, flow.ErrCancelled) {
					t.Errorf("capture: %v, want ErrCancelled", err)
				}
				must(t, g.Close())
			})
		})
	}
}

// TestACaptureIsTakenOverDuringACancel of the same flow: its cancel holds the
// session again, but its capture does not.
func TestACaptureIsTakenOverDuringACancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		captured := d.capturing(t.Context(), f)
		g := d.resume(f, flow.WithTakeOver())
		d.captureDate(g)
		d.srv.Inject(paymentstest.On(paymentstest.Cancel, 0, refused.After(time.Minute)))
		began, cancelled := time.Now(), make(chan error, 1)
		go func() { cancelled <- f.Cancel(t.Context()) }()
		if err := <-captured; !errors.Is(err, flow.ErrTakenOver) || time.Since(began) > 10*time.Second {
			t.Errorf("capture after %s: %v, want ErrTakenOver", time.Since(began), err)
		}
		if err := <-cancelled; err == nil {
			t.Error("the cancel was not refused")
		}
	})
}
