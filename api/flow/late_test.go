package flow_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestASuccessAfterAnotherEnd counts whichever end was first, for the machine
// that completes, for one that cancels, for followers, and after Resume.
func TestASuccessAfterAnotherEnd(t *testing.T) {
	t.Parallel()
	success := form{"Result": "success", "PaymentConfirmationCode": "ch_1", "DateUpdated": "2026-01-01T00:00:00.000Z"}
	for _, first := range []string{"transaction-cancelled", "caller-hung-up", "caller-interrupted-with-star"} {
		for name, after := range map[string]time.Duration{"at once": 0, "a little later": 4 * time.Second} {
			t.Run(first+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					d := newDesk(t)
					f := d.start(noPostalCode)
					d.capture(f)
					follower, completing := d.resume(f), d.resume(f)
					d.srv.Deliver(never)
					completed := make(chan error, 1)
					go func() {
						_, err := f.Complete(t.Context())
						completed <- err
					}()
					events := make(chan []string, 1)
					go func() { events <- collect(t.Context(), follower) }()
					synctest.Wait()
					h := newHandler(t, d.bus)
					deliver(t, h, statusURL, formOf(f.Session(), form{"Result": first, "DateUpdated": "2026-01-01T00:00:01.000Z"}))
					cancelled := make(chan error, 1)
					go func() { cancelled <- completing.Cancel(t.Context()) }()
					time.Sleep(after)
					deliver(t, h, statusURL, formOf(f.Session(), success))
					if err := <-completed; err != nil {
						t.Errorf("complete: %v, want the charge", err)
					}
					if err := <-cancelled; !errors.Is(err, flow.ErrSucceeded) {
						t.Errorf("cancel: %v, want ErrSucceeded", err)
					}
					if lines := <-events; !slices.ContainsFunc(lines, func(line string) bool { return line == "completed success" }) {
						t.Errorf("a follower saw %q", lines)
					}
					for where, g := range map[string]*flow.Flow{"the completing machine": f, "a follower": follower, "resumed": d.resume(f)} {
						if err := g.State().Ended; !errors.Is(err, flow.ErrSucceeded) {
							t.Errorf("%s: ended with %v, want flow.ErrSucceeded", where, err)
						}
						if err := g.Cancel(t.Context()); !errors.Is(err, flow.ErrSucceeded) {
							t.Errorf("%s: cancel: %v, want flow.ErrSucceeded", where, err)
						}
					}
				})
			})
		}
	}
}

// TestAnEndIsNotFinalWhileASuccessMayFollow: if the context ends first, the
// outcome is unknown.
func TestAnEndIsNotFinalWhileASuccessMayFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f)
		d.srv.Deliver(never)
		time.AfterFunc(time.Second, func() {
			deliver(t, newHandler(t, d.bus), statusURL, formOf(f.Session(), form{"Result": "caller-hung-up"}))
		})
		_, err := f.Complete(within(t, 2*time.Second))
		if !errors.Is(err, flow.ErrOutcomeUnknown) || errors.Is(err, flow.ErrHungUp) {
			t.Errorf("complete: %v, want ErrOutcomeUnknown", err)
		}
		began := time.Now()
		if _, err := f.Complete(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) || errors.Is(err, flow.ErrHungUp) || time.Since(began) > 35*time.Second {
			t.Errorf("complete again after %s: %v, want ErrOutcomeUnknown", time.Since(began), err)
		}
	})
}

// TestTheEndOfACaptureIsReportedAtOnce if no complete was sent.
func TestTheEndOfACaptureIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		time.AfterFunc(time.Second, func() { _ = d.call.Press("*") })
		began := time.Now()
		if _, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber); !errors.Is(err, flow.ErrStar) || time.Since(began) != time.Second {
			t.Errorf("after %s, want %s: %v, want flow.ErrStar", time.Since(began), time.Second, err)
		}
	})
}

// stuckBus hangs in one method and ignores the context.
type stuckBus struct {
	flow.Bus
	method atomic.Value // the method that hangs, a string
	hangs  chan struct{}
}

func (b *stuckBus) hang(method string) {
	if b.method.Load() == method {
		<-b.hangs
	}
}

func (b *stuckBus) Publish(ctx context.Context, m flow.Message) error {
	b.hang("publish")
	return b.Bus.Publish(context.WithoutCancel(ctx), m)
}

func (b *stuckBus) Subscribe(ctx context.Context, s flow.Session) ([]flow.Message, flow.Subscription, error) {
	b.hang("subscribe")
	past, live, err := b.Bus.Subscribe(context.WithoutCancel(ctx), s)
	if err != nil {
		return nil, nil, err
	}
	return past, stuckSubscription{live, b}, nil
}

func (b *stuckBus) Load(ctx context.Context, s flow.Session) ([]byte, uint64, error) {
	b.hang("load")
	return b.Bus.Load(context.WithoutCancel(ctx), s)
}

func (b *stuckBus) Swap(ctx context.Context, s flow.Session, value []byte, revision uint64) (uint64, error) {
	b.hang("swap")
	return b.Bus.Swap(context.WithoutCancel(ctx), s, value, revision)
}

type stuckSubscription struct {
	flow.Subscription
	bus *stuckBus
}

func (s stuckSubscription) Next(ctx context.Context) (flow.Message, error) {
	m, err := s.Subscription.Next(ctx)
	s.bus.hang("next")
	return m, err
}

// TestEveryMethodReturnsWithItsContext, within 250 ms, on a bus and with a
// client that ignore contexts.
func TestEveryMethodReturnsWithItsContext(t *testing.T) {
	t.Parallel()
	const grace = 250 * time.Millisecond
	for _, method := range []string{"publish", "subscribe", "load", "swap", "next", "client"} {
		for name, do := range map[string]func(ctx context.Context, client flow.Client, bus flow.Bus, call string, f *flow.Flow) error{
			"start": func(ctx context.Context, client flow.Client, bus flow.Bus, call string, _ *flow.Flow) error {
				f, err := flow.Start(ctx, client, bus, call, noPostalCode)
				if err == nil {
					_ = f.Close()
				}
				return err
			},
			"resume": func(ctx context.Context, client flow.Client, bus flow.Bus, _ string, f *flow.Flow) error {
				s := f.Session()
				g, err := flow.Resume(ctx, client, bus, s.AccountSID, s.CallSID, s.SID)
				if err == nil {
					_ = g.Close()
				}
				return err
			},
			"capture": func(ctx context.Context, _ flow.Client, _ flow.Bus, _ string, f *flow.Flow) error {
				_, err := f.Capture(ctx, payments.CapturePaymentCardNumber)
				return err
			},
			"complete": func(ctx context.Context, _ flow.Client, _ flow.Bus, _ string, f *flow.Flow) error {
				_, err := f.Complete(ctx)
				return err
			},
			"cancel": func(ctx context.Context, _ flow.Client, _ flow.Bus, _ string, f *flow.Flow) error {
				return f.Cancel(ctx)
			},
			"events": func(ctx context.Context, _ flow.Client, _ flow.Bus, _ string, f *flow.Flow) error {
				collect(ctx, f)
				return nil
			},
		} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					d := newDesk(t, paymentstest.WithCaller(silent))
					hangs := make(chan struct{})
					bus := &stuckBus{Bus: d.bus, hangs: hangs}
					client := &stuckClient{Client: d.client, hangs: hangs}
					f := d.resumeWith(client, bus, d.start(noPostalCode).Session())
					bus.method.Store(method)
					client.deaf.Store(method == "client")
					const bound = 3 * time.Second
					began := time.Now()
					err := do(within(t, bound), client, bus, d.srv.NewCall().SID, f)
					if took := time.Since(began); took > bound+grace {
						t.Errorf("returned %s after its context's end: %v", took-bound, err)
					}
					began = time.Now()
					must(t, f.Close())
					if took := time.Since(began); took > grace {
						t.Errorf("Close took %s", took)
					}
					close(hangs)
					time.Sleep(time.Minute)
				})
			})
		}
	}
}

// stuckClient hangs and ignores the context.
type stuckClient struct {
	flow.Client
	deaf  atomic.Bool
	hangs chan struct{}
}

func (c *stuckClient) Create(ctx context.Context, callSID string, p payments.CreateParams, opts ...payments.Option) (*payments.Session, error) {
	if c.deaf.Load() {
		<-c.hangs
	}
	return c.Client.Create(ctx, callSID, p, opts...)
}

func (c *stuckClient) Update(ctx context.Context, callSID, sid string, p payments.UpdateParams, opts ...payments.Option) (*payments.Session, error) {
	if c.deaf.Load() {
		<-c.hangs
	}
	return c.Client.Update(ctx, callSID, sid, p, opts...)
}

// TestStartNeverCancelsASessionInUse: the machine that starts again with the
// key of a live session cannot write its record, and the session continues.
func TestStartNeverCancelsASessionInUse(t *testing.T) {
	t.Parallel()
	for name, charged := range map[string]bool{"capturing": false, "charged": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				p := noPostalCode
				p.IdempotencyKey = "the key of both"
				f := d.start(p)
				d.capture(f)
				if charged {
					d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Late(time.Hour) })
					_, _ = f.Complete(within(t, time.Second))
				}
				spy := newSpyBus(d.bus)
				spy.failOn(errDown, "load", "swap")
				_, err := flow.Start(t.Context(), d.client, spy, d.call.SID, p)
				unrecorded, ok := errors.AsType[*flow.StartError](err)
				if !ok || !errors.Is(err, flow.ErrOutcomeUnknown) || !errors.Is(err, errDown) || unrecorded.IdempotencyKey != p.IdempotencyKey || unrecorded.Session != f.Session() {
					t.Errorf("start: %v, want a StartError with key and SID", err)
				}
				time.Sleep(time.Minute)
				if d.requests(paymentstest.Cancel) != 0 {
					t.Error("the session of another machine was cancelled")
				}
				if charged {
					time.Sleep(time.Hour)
				}
				_, err = f.Complete(t.Context())
				must(t, err)
			})
		})
	}
}

// TestACallbackAfterTheExpiry is stored, once, and found by resuming the session.
func TestACallbackAfterTheExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bus := newMemory(t)
		d := newDeskOn(t, bus)
		f := d.start(noPostalCode)
		d.capture(f)
		bus.Forget(f.Session())
		for range 2 {
			deliver(t, newHandler(t, bus), statusURL, formOf(f.Session(), form{"Result": "success", "PaymentConfirmationCode": "ch_late"}))
		}
		if n := len(messagesOf(t, bus, f.Session())); n != 1 {
			t.Errorf("%d messages, want 1", n)
		}
		result, err := d.resume(f, flow.WithStatusCallback(statusURL)).Complete(t.Context())
		if err != nil || result.ConfirmationCode.Reveal() != "ch_late" || d.requests(paymentstest.Complete) != 0 {
			t.Errorf("complete: %v, %v, and %d requests, want 0", result, err, d.requests(paymentstest.Complete))
		}
	})
}
