package flow_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestCancelEndsACapture here and on another machine, whatever Twilio posts
// about the cancel.
func TestCancelEndsACapture(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts []paymentstest.Option
		rule func(paymentstest.Callback) paymentstest.Delivery
	}{
		"a result":    {},
		"no result":   {opts: []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{NoCancelResult: true})}},
		"no callback": {rule: never},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, where := range []string{"here", "elsewhere"} {
				synctest.Test(t, func(t *testing.T) {
					d := newDesk(t, append(c.opts, paymentstest.WithCaller(silent))...)
					f := d.start(noPostalCode)
					d.srv.Deliver(c.rule)
					canceller := f
					if where == "elsewhere" {
						canceller = d.resume(f)
					}
					waiting := d.capturing(t.Context(), f)
					began := time.Now()
					must(t, canceller.Cancel(t.Context()))
					if err := <-waiting; !errors.Is(err, flow.ErrCancelled) {
						t.Errorf("%s: capture: %v, want ErrCancelled", where, err)
					}
					must(t, canceller.Cancel(t.Context()))
					must(t, f.Cancel(t.Context()))
					if time.Since(began) > 100*time.Millisecond || d.requests(paymentstest.Cancel) != 1 { // two machines may write the record at once
						t.Errorf("%s: took %s, %d requests, want 1", where, time.Since(began), d.requests(paymentstest.Cancel))
					}
					g := d.resume(f)
					if err := g.State().Ended; !errors.Is(err, flow.ErrCancelled) {
						t.Errorf("%s: resumed as %v, want flow.ErrCancelled", where, err)
					}
					for _, f := range []*flow.Flow{f, g} {
						want := []string{"started", "updated payment-card-number ...", "completed transaction-cancelled"}
						if name == "no callback" {
							want = slices.Delete(want, 1, 2) // it was not delivered either
						}
						if diff := cmp.Diff(want, collect(t.Context(), f)); diff != "" {
							t.Errorf("%s: events (-want +got):\n%s", where, diff)
						}
						for name, step := range steps(t.Context()) {
							if err := step(f); name != "cancel" && !errors.Is(err, flow.ErrCancelled) {
								t.Errorf("%s after the cancel: %v, want ErrCancelled", name, err)
							}
						}
					}
				})
			}
		})
	}
}

// TestAnUnpublishedCancelIsInTheRecord: a flow elsewhere sends nothing more,
// and a resumed one knows at once.
func TestAnUnpublishedCancelIsInTheRecord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		spy := newSpyBus(newMemory(t, flow.WithMaxSessions(1)))
		d := newDeskOn(t, spy)
		f := d.start(noPostalCode)
		synctest.Wait()
		elsewhere := d.resume(f)
		d.srv.Deliver(never)
		spy.failOn(errDown, "publish")
		must(t, f.Cancel(t.Context()))
		if err := elsewhere.State().Ended; err != nil {
			t.Fatalf("elsewhere it is known: %v", err)
		}
		sent := len(d.srv.Requests())
		if _, err := elsewhere.Capture(t.Context(), payments.CapturePaymentCardNumber); !errors.Is(err, flow.ErrCancelled) || len(d.srv.Requests()) != sent {
			t.Errorf("capture elsewhere: %v (want flow.ErrCancelled), %d requests more", err, len(d.srv.Requests())-sent)
		}
		if err := d.resume(f).State().Ended; !errors.Is(err, flow.ErrCancelled) {
			t.Errorf("resumed as %v, want flow.ErrCancelled", err)
		}
		time.Sleep(10 * time.Second) // a success may still follow within this time
		if n := spy.subscriptions(); n != 0 {
			t.Errorf("%d subscriptions are open, want 0", n)
		}
	})
}

// TestACancelWhoseContextEndsWithTheResponse is still published, and the bus
// has room for another session.
func TestACancelWhoseContextEndsWithTheResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bus := newMemory(t, flow.WithMaxSessions(1))
		d := newDeskOn(t, bus)
		started := d.start(noPostalCode)
		must(t, started.Close())
		synctest.Wait()
		d.srv.Deliver(never)
		ctx, end := context.WithCancel(t.Context())
		f := d.resumeWith(&scriptedClient{updateWith: func(_ context.Context, sid string, p payments.UpdateParams) (*payments.Session, error) {
			defer end()
			return d.client.Update(t.Context(), d.call.SID, sid, p)
		}}, bus, started.Session())
		must(t, f.Cancel(ctx))
		synctest.Wait()
		g := d.resume(f)
		if err := g.State().Ended; !errors.Is(err, flow.ErrCancelled) {
			t.Errorf("resumed as %v, want flow.ErrCancelled", err)
		}
		must(t, f.Close())
		must(t, g.Close())
		synctest.Wait()
		must(t, bus.Publish(t.Context(), message(sessionNo(1), "started", nil)))
	})
}

func TestCancelAfterSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f)
		_, err := f.Complete(t.Context())
		must(t, err)
		if err := f.Cancel(t.Context()); !errors.Is(err, flow.ErrSucceeded) || d.requests(paymentstest.Cancel) != 0 {
			t.Errorf("cancel: %v, %d requests, want ErrSucceeded and none", err, d.requests(paymentstest.Cancel))
		}
	})
}

// TestCancelAfterAnUnknownComplete: Cancel reports that nothing was charged
// only after a callback has confirmed it.
func TestCancelAfterAnUnknownComplete(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   paymentstest.Fault
		late    time.Duration // delay of the callbacks of complete
		opts    []paymentstest.Option
		want    error
		charges int
	}{
		"not charged":                    {paymentstest.Reset(), 0, nil, nil, 0},
		"not charged, not reported":      {paymentstest.Reset(), 0, []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{NoCancelResult: true})}, flow.ErrOutcomeUnknown, 0},
		"charged, reported in time":      {paymentstest.Reset().AfterCommit(), 15 * time.Second, []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{FinishedSessionStatus: http.StatusServiceUnavailable, FinishedSessionCode: 20503})}, flow.ErrSucceeded, 1},
		"charged, reported too late":     {paymentstest.Reset().AfterCommit(), time.Hour, []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{FinishedSessionStatus: http.StatusServiceUnavailable, FinishedSessionCode: 20503})}, flow.ErrOutcomeUnknown, 1},
		"charged, and cancel is refused": {paymentstest.Reset().AfterCommit(), 15 * time.Second, nil, flow.ErrSucceeded, 1},
		"refused, and never reported":    {paymentstest.Reset().AfterCommit(), time.Hour, nil, flow.ErrOutcomeUnknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, c.opts...)
				f := d.start(noPostalCode, flow.WithPatience(10*time.Second))
				d.capture(f)
				d.srv.Inject(paymentstest.On(paymentstest.Complete, 1, c.fault))
				d.srv.Deliver(func(e paymentstest.Callback) paymentstest.Delivery {
					if e.Event.Succeeded() {
						return paymentstest.Late(c.late)
					}
					return paymentstest.Once()
				})
				if _, err := f.Complete(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) {
					t.Fatalf("complete: %v, want ErrOutcomeUnknown", err)
				}
				err := f.Cancel(t.Context())
				if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
					t.Errorf("cancel: %v, want %v", err, c.want)
				}
				if c.want == flow.ErrOutcomeUnknown && flow.HTTPStatus(err) != http.StatusGatewayTimeout {
					t.Errorf("cancel: HTTP status %d", flow.HTTPStatus(err))
				}
				if len(d.srv.Charges()) != c.charges {
					t.Errorf("%d charges, want %d", len(d.srv.Charges()), c.charges)
				}
			})
		})
	}
}

// TestCancelWhileCompleting is refused: a charge may be in progress.
func TestCancelWhileCompleting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f)
		d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Late(time.Minute) })
		completed := make(chan error)
		go func() {
			_, err := f.Complete(t.Context())
			completed <- err
		}()
		synctest.Wait()
		for where, g := range map[string]*flow.Flow{"here": f, "elsewhere": d.resume(f)} {
			if err := g.Cancel(t.Context()); !errors.Is(err, flow.ErrBusy) {
				t.Errorf("cancel %s: %v, want ErrBusy", where, err)
			}
		}
		must(t, <-completed)
		if d.requests(paymentstest.Cancel) != 0 {
			t.Error("a cancel was sent")
		}
	})
}

func TestALostResponseToCancel(t *testing.T) {
	t.Parallel()
	for name, fault := range lost {
		for _, result := range []string{"transaction-cancelled", ""} {
			t.Run(name+" "+result, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var opts []paymentstest.Option
					if result == "" {
						opts = append(opts, paymentstest.WithAssumptions(paymentstest.Assumptions{NoCancelResult: true}))
					}
					d := newDesk(t, opts...)
					d.client = newClient(t, d.srv, payments.WithMaxRetries(0))
					f := d.start(noPostalCode)
					d.srv.Inject(paymentstest.On(paymentstest.Cancel, 1, fault))
					must(t, f.Cancel(t.Context()))
					if diff := cmp.Diff([]string{"started", "completed transaction-cancelled"}, collect(t.Context(), f)); diff != "" {
						t.Errorf("events (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// TestACancelThatIsRefused leaves the capture waiting.
func TestACancelThatIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		waiting := d.capturing(t.Context(), f)
		d.srv.Inject(paymentstest.On(paymentstest.Cancel, 0, paymentstest.Refuse(http.StatusBadRequest, payments.CodeInvalidParameterValue, "no")))
		if err := f.Cancel(t.Context()); !errors.Is(err, payments.ErrInvalidParams) {
			t.Errorf("cancel: %v, want payments.ErrInvalidParams", err)
		}
		time.Sleep(time.Minute)
		must(t, d.call.Enter("4111 1111 1111 1111"))
		must(t, <-waiting)
	})
}

// TestACancelThatNeverHappened can be repeated.
func TestACancelThatNeverHappened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.client = newClient(t, d.srv, payments.WithMaxRetries(0))
		f := d.start(noPostalCode, flow.WithPatience(3*time.Second))
		d.srv.Inject(paymentstest.On(paymentstest.Cancel, 1, paymentstest.Reset()))
		began := time.Now()
		if err := f.Cancel(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) || time.Since(began) != 3*time.Second {
			t.Errorf("cancel after %s: %v, want ErrOutcomeUnknown after 3 s", time.Since(began), err)
		}
		d.srv.Inject()
		must(t, f.Cancel(t.Context()))
	})
}
