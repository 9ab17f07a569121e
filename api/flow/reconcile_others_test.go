package flow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// TestConcurrentReconciles agree: the first has settled the session.
func TestConcurrentReconciles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, f := newUnknown(t, true)
		var asking sync.WaitGroup
		results := make([][]flow.Reconciled, 8)
		for i := range results {
			asking.Go(func() {
				results[i] = d.reconcile(func(context.Context, flow.OpenSession) (flow.Outcome, error) {
					time.Sleep(time.Second) // all have listed it by then
					return flow.Charged(fmt.Sprint("ch_", i)), nil
				})
			})
		}
		asking.Wait()
		result, err := d.resume(f).Complete(t.Context())
		must(t, err)
		for i, r := range results {
			if len(r) != 1 || r[0].Err != nil || !r[0].Outcome.Text().Equal(result.ConfirmationCode) {
				t.Errorf("%d: %+v, want %s", i, r, result.ConfirmationCode.Reveal())
			}
		}
	})
}

// TestASessionThatChangesDuringTheLookup is not settled: its complete was
// refused, cancelled, or forgotten.
func TestASessionThatChangesDuringTheLookup(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(r map[string]any)
		want   error
	}{
		"refused":         {func(r map[string]any) { delete(r, "complete") }, nil},
		"completed again": {func(r map[string]any) { r["complete"] = "another claim" }, nil},
		"cancelled":       {func(r map[string]any) { r["cancelled"] = true }, flow.ErrCancelled},
		"forgotten":       {nil, flow.ErrExpired},
		"a newer version": {func(r map[string]any) { r["format"] = 9 }, flow.ErrFormat},
	} {
		synctest.Test(t, func(t *testing.T) {
			d, spy := newSpyDesk(t)
			f := d.unknown(false)
			time.Sleep(time.Hour)
			done, err := flow.Reconcile(t.Context(), d.bus, flow.Query{}, func(context.Context, flow.OpenSession) (flow.Outcome, error) {
				if c.change == nil {
					spy.Bus.(*flow.Memory).Forget(f.Session())
					return flow.NotCharged(), nil
				}
				r, _ := recordOf(t, d.bus, f.Session())
				c.change(r)
				setRecord(t, d.bus, f.Session(), r)
				return flow.NotCharged(), nil
			})
			if len(done) != 1 || done[0].Err == nil || done[0].Outcome.IsKnown() || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: %+v, %v, want an unknown outcome with error %v", name, done, err, c.want)
			}
			if c.change == nil {
				return
			}
			if r, _ := recordOf(t, d.bus, f.Session()); r["settled"] != nil {
				t.Errorf("%s: the record is %v", name, r)
			}
		})
	}
}

// TestTheReference is where it was asked for, is the same when the start is
// repeated, and is passed to a lookup.
func TestTheReference(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, _ := newSpyDesk(t)
		p := noPostalCode
		p.Description, p.IdempotencyKey = "order 7", "key"
		opts := []flow.Option{flow.WithReferenceInDescription(), flow.WithReferenceParameter("reference")}
		f := d.start(p, opts...)
		g := d.start(p, opts...)
		if f.Reference() != g.Reference() || f.Session() != g.Session() || len(f.Reference()) != len("twiliopay-")+32 {
			t.Errorf("references %q and %q", f.Reference(), g.Reference())
		}
		if h := d.resume(f); h.Reference() != f.Reference() {
			t.Errorf("on another machine: %q, want %q", h.Reference(), f.Reference())
		}
		for _, r := range d.srv.Requests() {
			if r.Form.Get("Description") != "order 7 "+f.Reference() || r.Form.Get("Parameter") != `{"reference":"`+f.Reference()+`"}` {
				t.Errorf("sent: %v", r.Form)
			}
		}
		other := d.another(opts...)
		if other.Reference() == f.Reference() {
			t.Error("two sessions have one reference")
		}
		if none := d.another(); none.Reference() != "" {
			t.Errorf("without being asked: %q", none.Reference())
		}
		p.Parameter = wire.NewParameters(map[string]string{"reference": "mine"})
		if _, err := flow.Start(t.Context(), d.client, d.bus, d.srv.NewCall().SID, p, opts...); !errors.Is(err, payments.ErrInvalidParams) || strings.Contains(err.Error(), "mine") {
			t.Errorf("a parameter of that name: %v, want payments.ErrInvalidParams", err)
		}
		if _, err := flow.Start(t.Context(), d.client, d.bus, d.call.SID, p, flow.WithReferenceParameter("")); err == nil {
			t.Error("without a name: no error")
		}
	})
}
