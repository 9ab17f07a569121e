package flow_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

var (
	refused    = paymentstest.Refuse(http.StatusBadRequest, payments.CodeInvalidParameterValue, "no")
	cardNumber = form{
		"Capture": "payment-card-number", "PaymentCardNumber": "xxxxxxxxxxxx1111", "PaymentCardType": "visa",
		"Required": "expiration-date,security-code",
	}
)

// TestACompleteOvertakesACancel whose machine is cut off from the bus until its
// lease has expired. Then Twilio accepts the cancel. The charge counts, and no
// machine reports the session as cancelled.
func TestACompleteOvertakesACancel(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]bool{"and the bus is back": true, "and the bus is not": false} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t)
			f := d.start(noPostalCode)
			d.capture(f)
			d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Late(5 * time.Minute) })
			spy := newSpyBus(d.bus)
			slow := &scriptedClient{update: func(payments.UpdateParams) (*payments.Session, error) {
				spy.failOn(errDown)
				time.Sleep(20 * time.Second)
				if back {
					spy.failWith(nil)
				}
				return new(payments.Session), nil
			}}
			g := d.resumeWith(slow, spy, f.Session())
			cancelled := make(chan error, 1)
			go func() { cancelled <- g.Cancel(t.Context()) }()
			time.Sleep(16 * time.Second)
			result, err := f.Complete(t.Context())
			if err != nil || result.ConfirmationCode.Reveal() != d.srv.Charges()[0].ConfirmationCode {
				t.Errorf("%s: complete: %v", name, err)
			}
			if err := <-cancelled; !errors.Is(err, flow.ErrOutcomeUnknown) {
				t.Errorf("%s: cancel: %v, want ErrOutcomeUnknown", name, err)
			}
			if err := d.resume(f).State().Ended; !errors.Is(err, flow.ErrSucceeded) {
				t.Errorf("%s: resumed later: %v, want ErrSucceeded", name, err)
			}
		})
	}
}

// TestAChargeShowsAfterACancel that Twilio accepted: whoever resumes the
// session later gets the charge; other callbacks have no effect.
func TestAChargeShowsAfterACancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		must(t, f.Cancel(t.Context()))
		h := newHandler(t, d.bus)
		deliver(t, h, statusURL, formOf(f.Session(), cardNumber))
		deliver(t, h, statusURL, formOf(f.Session(), form{"Result": "payment-connector-error"}))
		if err := d.resume(f).State().Ended; !errors.Is(err, flow.ErrCancelled) {
			t.Errorf("ended with %v, want ErrCancelled", err)
		}
		deliver(t, h, statusURL, formOf(f.Session(), form{"Result": "success", "PaymentConfirmationCode": "ch_1"}))
		result, err := d.resume(f).Complete(t.Context())
		if err != nil || result.ConfirmationCode.Reveal() != "ch_1" {
			t.Errorf("complete: %v, want the charge", err)
		}
	})
}

// TestACancelFailsDuringACapture: the capture keeps the session, whichever
// machine tried to cancel, and whether or not callbacks name their request.
func TestACancelFailsDuringACapture(t *testing.T) {
	t.Parallel()
	for name, elsewhere := range map[string]bool{"here": false, "elsewhere": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, paymentstest.WithCaller(silent))
				f := d.start(noPostalCode)
				captured := d.capturing(t.Context(), f)
				d.srv.Inject(paymentstest.On(paymentstest.Cancel, 0, refused))
				canceller := f
				if elsewhere {
					canceller = d.resume(f)
				}
				if err := canceller.Cancel(t.Context()); err == nil {
					t.Error("the cancel was not refused")
				}
				for range 3 { // at once, and after its lease would have expired
					other := d.resume(f)
					if asking := other.State().Asking; asking != payments.CapturePaymentCardNumber {
						t.Errorf("asking for %q, want %q", asking, payments.CapturePaymentCardNumber)
					}
					if _, err := other.Capture(t.Context(), payments.CaptureExpirationDate); !errors.Is(err, flow.ErrBusy) {
						t.Errorf("another capture: %v, want ErrBusy", err)
					}
					time.Sleep(20 * time.Second)
				}
				deliver(t, newHandler(t, d.bus), statusURL, formOf(f.Session(), cardNumber))
				must(t, <-captured)
				d.srv.Inject()
				must(t, d.resume(f).Cancel(t.Context()))
			})
		})
	}
}

// TestACaptureEndsDuringACancel that then fails: other steps are refused until
// then, and no longer.
func TestACaptureEndsDuringACancel(t *testing.T) {
	t.Parallel()
	for _, elsewhere := range []bool{false, true} {
		testACaptureEndsDuringACancel(t, elsewhere)
	}
}

func testACaptureEndsDuringACancel(t *testing.T, elsewhere bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		capturing, stop := context.WithCancel(t.Context())
		captured := d.capturing(capturing, f)
		g := f
		if elsewhere {
			g = d.resume(f)
		}
		d.srv.Inject(paymentstest.On(paymentstest.Cancel, 0, refused.After(5*time.Second)))
		cancelled := make(chan error, 1)
		go func() { cancelled <- g.Cancel(t.Context()) }()
		time.Sleep(time.Second)
		stop()
		<-captured
		if _, err := d.resume(f).Capture(t.Context(), payments.CaptureExpirationDate); !errors.Is(err, flow.ErrBusy) {
			t.Errorf("a capture during the cancel: %v, want ErrBusy", err)
		}
		if err := <-cancelled; err == nil {
			t.Error("the cancel was not refused")
		}
		d.captureDate(d.resume(f))
	})
}

// TestAMachineDiesInACancel during a capture on another machine, which
// continues.
func TestAMachineDiesInACancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		captured := d.capturing(t.Context(), f)
		spy := newSpyBus(d.bus)
		dead := make(chan struct{})
		g := d.resumeWith(&scriptedClient{update: func(payments.UpdateParams) (*payments.Session, error) {
			spy.failOn(errDead)
			<-dead
			return nil, errors.New("dead")
		}}, spy, f.Session())
		cancelled := make(chan error, 1)
		go func() { cancelled <- g.Cancel(within(t, 5*time.Minute)) }()
		time.Sleep(time.Second)
		if _, err := d.resume(f).Capture(t.Context(), payments.CaptureExpirationDate); !errors.Is(err, flow.ErrBusy) {
			t.Errorf("a capture during the cancel: %v, want ErrBusy", err)
		}
		time.Sleep(time.Minute)
		if _, err := d.resume(f).Capture(t.Context(), payments.CaptureExpirationDate); !errors.Is(err, flow.ErrBusy) {
			t.Errorf("a second capture: %v, want ErrBusy", err)
		}
		must(t, d.call.Enter("4111 1111 1111 1111"))
		must(t, <-captured)
		close(dead)
		<-cancelled
		must(t, g.Close())
	})
}

// TestACaptureReportsThatItWasTakenOver even if the other machine's step is
// over by the time it finds out.
func TestACaptureReportsThatItWasTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		spy := newSpyBus(d.bus)
		f, err := flow.Start(t.Context(), d.client, spy, d.call.SID, noPostalCode)
		must(t, err)
		defer func() { _ = f.Close() }()
		captured := d.capturing(t.Context(), f)
		spy.failOn(errDown)
		time.Sleep(20 * time.Second)
		g := d.resume(f)
		d.captureDate(g)
		spy.failWith(nil)
		if err := <-captured; !errors.Is(err, flow.ErrTakenOver) {
			t.Errorf("capture: %v, want ErrTakenOver", err)
		}
	})
}

// hangingBus returns from Swap only when the context ends.
type hangingBus struct {
	flow.Bus
	hangs atomic.Bool
}

func (b *hangingBus) Swap(ctx context.Context, s flow.Session, value []byte, revision uint64) (uint64, error) {
	if b.hangs.Load() {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return b.Bus.Swap(ctx, s, value, revision)
}

// cancelOn cancels within a second on a bus that hangs from the request on.
// Cancel knows the end if the callback arrives before the response, but not if
// it arrives while the record is being written, so each test determines which
// it is.
func cancelOn(response paymentstest.Fault, callback paymentstest.Delivery) func(*desk, *flow.Flow, *hangingBus) error {
	return func(d *desk, f *flow.Flow, b *hangingBus) error {
		d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return callback })
		d.srv.Inject(func(paymentstest.Attempt) paymentstest.Fault { b.hangs.Store(true); return response })
		return f.Cancel(within(d.t, time.Second))
	}
}

// TestContextsBoundStepsOnABusThatHangs, even while the previous step is still
// being recorded.
func TestContextsBoundStepsOnABusThatHangs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step  func(d *desk, f *flow.Flow, b *hangingBus) error
		want  error
		bound time.Duration
	}{
		"a capture after a capture": {func(d *desk, f *flow.Flow, b *hangingBus) error {
			time.AfterFunc(time.Second, func() { b.hangs.Store(true) })
			_, _ = f.Capture(within(d.t, 2*time.Second), payments.CapturePaymentCardNumber)
			_, err := f.Capture(within(d.t, time.Second), payments.CapturePaymentCardNumber)
			return err
		}, context.DeadlineExceeded, 4 * time.Second},
		"a cancel during a capture": {func(d *desk, f *flow.Flow, b *hangingBus) error {
			go func() { _, _ = f.Capture(d.t.Context(), payments.CapturePaymentCardNumber) }()
			time.Sleep(9 * time.Second)
			b.hangs.Store(true)
			time.Sleep(time.Second + time.Millisecond) // its lease is being renewed
			return f.Cancel(within(d.t, time.Second))
		}, context.DeadlineExceeded, 12 * time.Second},
		"a cancel that Twilio accepts without a callback": {
			cancelOn(paymentstest.Fault{}, paymentstest.Never()), flow.ErrOutcomeUnknown, 2 * time.Second},
		"a cancel whose callback arrives during the write": {
			cancelOn(paymentstest.Fault{}, paymentstest.Late(500*time.Millisecond)), flow.ErrOutcomeUnknown, 2 * time.Second},
		"a cancel with a callback but no response": {
			cancelOn(paymentstest.NeverAnswer().AfterCommit(), paymentstest.Once()), nil, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				bus := &hangingBus{Bus: newMemory(t)}
				d := newDeskOn(t, bus, paymentstest.WithCaller(silent))
				f := d.start(noPostalCode, flow.WithLease(30*time.Second))
				began := time.Now()
				err := c.step(d, f, bus)
				if !errors.Is(err, c.want) || c.want == nil && err != nil {
					t.Errorf("%v, want %v", err, c.want)
				}
				if took := time.Since(began); took > c.bound {
					t.Errorf("it took %s", took)
				}
				bus.hangs.Store(false)
				time.Sleep(time.Minute) // the pending write gives up
			})
		})
	}
}
