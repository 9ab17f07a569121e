package flow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

type spanKey struct{}

// traced are hooks that record the steps of a machine. The carrier is the name
// of the current span.
func traced(log *sequence, open *atomic.Int64) flow.Hooks {
	return flow.Hooks{
		Step: func(ctx context.Context, s flow.StepInfo) (context.Context, func(error)) {
			return context.WithValue(ctx, spanKey{}, "span of "+s.Name), func(err error) {
				log.add(fmt.Sprintf("%s %s [%s] of %.2s %.2s: %v", s.Name, s.Capture, s.Carrier, s.Session.CallSID, s.Session.SID, err))
			}
		},
		Carrier: func(ctx context.Context) string { return ctx.Value(spanKey{}).(string) },
		Open:    func(delta int) { open.Add(int64(delta)) },
	}
}

// spanClient records the span in which a request is made.
type spanClient struct {
	flow.Client
	log *sequence
}

func (c spanClient) Update(ctx context.Context, callSID, sid string, p payments.UpdateParams, opts ...payments.Option) (*payments.Session, error) {
	c.log.add(fmt.Sprint("request in ", ctx.Value(spanKey{})))
	return c.Client.Update(ctx, callSID, sid, p, opts...)
}

// TestHooks are called around every step, with the carrier from the machine
// that started the session.
func TestHooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		var log sequence
		var open, elsewhere atomic.Int64
		f := d.start(noPostalCode, flow.WithHooks(traced(&log, &open)))
		g := d.resumeWith(spanClient{d.client, &log}, d.bus, f.Session(), flow.WithHooks(traced(&log, &elsewhere)))
		if open.Load() != 1 || elsewhere.Load() != 1 {
			t.Errorf("%d and %d flows are open, want 1 each", open.Load(), elsewhere.Load())
		}
		d.capture(f, payments.CapturePaymentCardNumber)
		if _, err := g.Complete(t.Context()); !errors.Is(err, payments.ErrIncomplete) {
			t.Fatal(err)
		}
		must(t, f.Close())
		must(t, f.Close()) // a second time has no effect
		synctest.Wait()
		if open.Load() != 0 || elsewhere.Load() != 1 {
			t.Errorf("after Close: %d and %d flows are open, want 0 and 1", open.Load(), elsewhere.Load())
		}
		must(t, g.Cancel(t.Context()))
		synctest.Wait()
		if elsewhere.Load() != 0 {
			t.Errorf("after the end: %d flows are open, want 0", elsewhere.Load())
		}
		must(t, g.Close())
		want := []string{
			"start  [] of CA : <nil>",
			"resume  [] of CA PK: <nil>",
			"capture payment-card-number [span of start] of CA PK: <nil>",
			"request in span of complete",
			"complete  [span of start] of CA PK: payments: complete: 400",
			"request in span of cancel",
			"cancel  [span of start] of CA PK: <nil>",
		}
		if got := log.all(); !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("got\n%s", strings.Join(got, "\n"))
		}
		h := d.resume(g, flow.WithHooks(flow.Hooks{Open: func(int) { t.Error("a finished session was counted as open") }}))
		must(t, h.Close())
	})
}

// TestHooksThatDoNothing: each hook may be nil and may return nothing, and an
// invalid carrier is left out.
func TestHooksThatDoNothing(t *testing.T) {
	t.Parallel()
	for name, carrier := range map[string]string{"long": strings.Repeat("x", 257), "not printable": "a\nb", "not ASCII": "é"} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t)
			var once sync.Once
			f := d.start(noPostalCode, flow.WithHooks(flow.Hooks{
				Step: func(ctx context.Context, s flow.StepInfo) (context.Context, func(error)) {
					if s.Carrier != "" {
						t.Errorf("%s: carrier %q", name, s.Carrier)
					}
					return ctx, nil
				},
				Carrier: func(context.Context) string {
					again := true
					once.Do(func() { again = false })
					if again {
						t.Error("the carrier was requested again")
					}
					return carrier
				},
			}))
			d.capture(f, payments.CapturePaymentCardNumber)
			d.capture(d.resume(f, flow.WithHooks(flow.Hooks{})), payments.CaptureExpirationDate)
		})
	}
}
