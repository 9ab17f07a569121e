package flow_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// panicking is a client with a bug, such as one in a hook of package payments.
type panicking struct{ flow.Client }

func (*panicking) Create(context.Context, string, payments.CreateParams, ...payments.Option) (*payments.Session, error) {
	panic("a bug")
}

func (*panicking) Update(context.Context, string, string, payments.UpdateParams, ...payments.Option) (*payments.Session, error) {
	panic("a bug")
}

// TestAPanicOfTheClient is a panic of the step in its caller's goroutine, where
// net/http recovers it and ends only that request. The session is left as it was,
// and hooks see a failed step.
func TestAPanicOfTheClient(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"capture", "complete", "cancel"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				f := d.start(noPostalCode)
				d.capture(f)
				s := f.Session()
				var outcomes []error
				hooks := flow.Hooks{Step: func(ctx context.Context, _ flow.StepInfo) (context.Context, func(error)) {
					return ctx, func(err error) { outcomes = append(outcomes, err) }
				}}
				bad, err := flow.Resume(t.Context(), &panicking{d.client}, d.bus, s.AccountSID, s.CallSID, s.SID, flow.WithHooks(hooks))
				must(t, err)
				t.Cleanup(func() { _ = bad.Close() })
				for range 2 { // the step is over afterwards
					panicked := panicOf(func() {
						ctx := within(t, time.Minute)
						switch step {
						case "capture":
							_, err = bad.Capture(ctx, payments.CaptureSecurityCode)
						case "complete":
							_, err = bad.Complete(ctx)
						case "cancel":
							err = bad.Cancel(ctx)
						}
					})
					if step == "complete" && panicked == "" && errors.Is(err, flow.ErrOutcomeUnknown) {
						continue // the second time: it may have been sent
					}
					if !strings.Contains(panicked, "a bug") || !strings.Contains(panicked, "panic_test.go") {
						t.Fatalf("panic %q, error %v; want the client's, with its stack", panicked, err)
					}
				}
				if step != "complete" {
					must(t, f.Cancel(t.Context()))
				}
				if len(outcomes) != 3 || outcomes[0] != nil || outcomes[1] == nil || outcomes[2] == nil {
					t.Errorf("the hook saw %v, want a resume and two failures", outcomes)
				}
			})
		})
	}
}

// TestAPanicWhileASessionIsStarted leaves no subscription behind. If the bus panics
// when the session exists already, the session is cancelled as after an error.
func TestAPanicWhileASessionIsStarted(t *testing.T) {
	t.Parallel()
	for _, of := range []string{"client", "bus"} {
		synctest.Test(t, func(t *testing.T) {
			d, spy := newSpyDesk(t)
			var client flow.Client = d.client
			if of == "client" {
				client = &panicking{}
			}
			spy.failWith(func(method string) error {
				if of == "bus" && method == "swap" {
					panic("a bug")
				}
				return nil
			})
			var err error
			panicked := panicOf(func() { _, err = flow.Start(t.Context(), client, spy, d.call.SID, noPostalCode) })
			synctest.Wait()
			if (of == "client") != strings.Contains(panicked, "a bug") || (of == "bus") != (err != nil) {
				t.Errorf("%s: panic %q, error %v", of, panicked, err)
			}
			if spy.subscriptions() != 0 {
				t.Errorf("%s: %d subscriptions are open", of, spy.subscriptions())
			}
			if n := d.requests(paymentstest.Cancel); of == "bus" && n != 1 {
				t.Errorf("%s: %d cancels, want 1", of, n)
			}
		})
	}
}

// TestAPanicOfTheBus, which may hold code of the application, as that of pgbus does
// in InTx: it ends the step that led to it, and only that. In the background, and
// after the step's outcome is known, it is like an error of the bus.
func TestAPanicOfTheBus(t *testing.T) {
	t.Parallel()
	complete := func(ctx context.Context, f *flow.Flow) error { _, err := f.Complete(ctx); return err }
	recapture := func(ctx context.Context, f *flow.Flow) error {
		_, err := f.Capture(ctx, payments.CaptureSecurityCode)
		return err
	}
	slowly := func(c *paymentstest.Call, _ paymentstest.Prompt) {
		time.AfterFunc(time.Minute, func() { _ = c.Enter("123") })
	}
	for name, c := range map[string]struct {
		caller paymentstest.Caller
		step   func(context.Context, *flow.Flow) error
		method string
		call   int64 // which call of the method panics; 0: all
		panics bool
	}{
		"the claim":               {nil, recapture, "swap", 1, true},
		"the claim of a complete": {nil, complete, "swap", 1, true},
		"the claim, written":      {nil, complete, "swapped", 1, true},
		"the release":             {nil, complete, "swap", 2, false},
		"the lease":               {slowly, recapture, "swap", 2, false},
		"the note of a cancel":    {nil, func(ctx context.Context, f *flow.Flow) error { return f.Cancel(ctx) }, "publish", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, spy := newSpyDesk(t)
				f := d.start(noPostalCode)
				d.capture(f)
				synctest.Wait()
				if c.caller != nil {
					d.call.AnswerWith(c.caller)
				}
				var calls atomic.Int64
				spy.failWith(func(method string) error {
					if method != c.method {
						return nil
					}
					if n := calls.Add(1); c.call == 0 || n == c.call {
						panic("a bug")
					}
					return nil
				})
				var err error
				panicked := panicOf(func() { err = c.step(within(t, 2*time.Minute), f) })
				if strings.Contains(panicked, "a bug") != c.panics || !c.panics && err != nil {
					t.Errorf("panic %q, error %v", panicked, err)
				}
				time.Sleep(time.Minute) // what continues in the background
				if calls.Load() == 0 {
					t.Error("nothing panicked")
				}
				if err := c.step(within(t, 2*time.Minute), f); c.panics && err != nil {
					t.Errorf("the step again: %v", err)
				}
				if n := len(d.srv.Charges()); n > 1 {
					t.Errorf("%d charges", n)
				}
			})
		})
	}
}

func panicOf(do func()) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text, _ = p.(string)
		}
	}()
	do()
	return ""
}
