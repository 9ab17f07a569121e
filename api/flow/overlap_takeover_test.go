package flow_test

import (
	"context"
	"errors"
	"net/http"
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

// TestARefusedCompleteThatWasTakenOver: another machine takes the session over while
// complete is being sent, and waits for its outcome. Once Twilio has refused it, the
// claim is gone for all machines: the caller can be asked again, and complete is sent.
func TestARefusedCompleteThatWasTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f, payments.CapturePaymentCardNumber, payments.CaptureExpirationDate)
		d.srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Refuse(http.StatusBadRequest, payments.CodeIncomplete, "no").After(5*time.Second)))
		completed := make(chan error, 1)
		go func() {
			_, err := f.Complete(t.Context())
			completed <- err
		}()
		time.Sleep(time.Second)
		g := d.resume(f, flow.WithTakeOver(), flow.WithPatience(10*time.Second))
		if _, err := g.Complete(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) {
			t.Errorf("the complete that took over: %v, want ErrOutcomeUnknown", err)
		}
		if err := <-completed; !errors.Is(err, payments.ErrIncomplete) {
			t.Errorf("the complete that was sent: %v, want ErrIncomplete", err)
		}
		if open := unfinished(t, d.bus, flow.Query{}); len(open) != 1 || open[0].Completing {
			t.Errorf("unfinished: %+v, want a session that is not being completed", open)
		}
		d.capture(g, payments.CaptureSecurityCode)
		if _, err := g.Complete(t.Context()); err != nil || len(d.srv.Charges()) != 1 {
			t.Errorf("complete again: %v; %d charges", err, len(d.srv.Charges()))
		}
	})
}

// TestAClaimOfACompleteIsTakenOver before its response arrives: nothing was sent, and
// the machine that took over does not wait for an outcome forever.
func TestAClaimOfACompleteIsTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f)
		spy := newSpyBus(d.bus)
		first := d.resumeWith(d.client, spy, f.Session())
		taken := make(chan error, 1)
		var g *flow.Flow
		spy.failWith(func(method string) error {
			if method != "swapped" || g != nil {
				return nil
			}
			g = d.resume(f, flow.WithTakeOver(), flow.WithPatience(10*time.Second))
			go func() {
				_, err := g.Complete(t.Context())
				taken <- err
			}()
			time.Sleep(time.Millisecond)
			return errDown
		})
		if _, err := first.Complete(t.Context()); !errors.Is(err, flow.ErrBusy) {
			t.Errorf("the first complete: %v, want ErrBusy", err)
		}
		if err := <-taken; !errors.Is(err, flow.ErrOutcomeUnknown) {
			t.Errorf("the second complete: %v, want ErrOutcomeUnknown", err)
		}
		if _, err := g.Complete(t.Context()); err != nil || len(d.srv.Charges()) != 1 {
			t.Errorf("complete again: %v; %d charges", err, len(d.srv.Charges()))
		}
	})
}
