package flow_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// says is a gateway that reports the same outcome for every session.
func says(o flow.Outcome) flow.Lookup {
	return func(context.Context, flow.OpenSession) (flow.Outcome, error) { return o, nil }
}

// reconcile settles everything, long after it happened.
func (d *desk) reconcile(lookup flow.Lookup) []flow.Reconciled {
	d.t.Helper()
	done, err := flow.Reconcile(d.t.Context(), d.bus, flow.Query{}, lookup)
	must(d.t, err)
	return done
}

// outcomes are what a gateway reports, and the resulting end of the session.
var outcomes = map[string]struct {
	outcome flow.Outcome
	result  callback.Result
	err     error // of Complete
}{
	"charged":     {flow.Charged("ch_found"), callback.ResultSuccess, nil},
	"declined":    {flow.Declined("insufficient_funds"), callback.ResultPaymentConnectorError, payments.ErrDeclined},
	"not charged": {flow.NotCharged(), flow.ResultNotCharged, flow.ErrNotCharged},
}

// wantSettled checks what a flow reports of a settled session.
func wantSettled(t testing.TB, f *flow.Flow, outcome flow.Outcome, want error) {
	t.Helper()
	began := time.Now()
	result, err := f.Complete(within(t, time.Minute))
	switch {
	case want != nil && (!errors.Is(err, want) || flow.HTTPStatus(err) != http.StatusPaymentRequired):
		t.Errorf("complete: %v, want %v", err, want)
	case want == nil && (err != nil || !result.Reconciled || result.ConfirmationCode.Reveal() != outcome.Text().Reveal() || result.Session != f.Session()):
		t.Errorf("complete: %+v, %v", result, err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("complete took %s", took)
	}
	if err := f.Cancel(t.Context()); (err == nil) != (want != nil) || want == nil && !errors.Is(err, flow.ErrSucceeded) {
		t.Errorf("cancel: %v", err)
	}
	if _, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber); want != nil && !errors.Is(err, want) || want == nil && !errors.Is(err, flow.ErrSucceeded) {
		t.Errorf("capture: %v", err)
	}
}

// TestReconcile: waiting steps and later ones return the outcome, on every
// machine; nothing is sent; and the session is no longer unfinished.
func TestReconcile(t *testing.T) {
	t.Parallel()
	for name, c := range outcomes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, _ := newSpyDesk(t)
				f := d.unknown(true)
				waiting, screen := d.resume(f, flow.WithPatience(time.Hour)), d.resume(f)
				var waited sync.WaitGroup
				waited.Go(func() { wantSettledAfter(t, waiting, 20*time.Minute, c.err) })
				var seen []string
				waited.Go(func() { seen = collect(t.Context(), screen) })
				time.Sleep(20 * time.Minute)
				requests := len(d.srv.Requests())

				var asked []flow.OpenSession
				done := d.reconcile(func(_ context.Context, s flow.OpenSession) (flow.Outcome, error) {
					asked = append(asked, s)
					return c.outcome, nil
				})
				if len(done) != 1 || done[0].Session != f.Session() || done[0].Err != nil || done[0].Outcome.String() != c.outcome.String() || done[0].Outcome.IsCharged() != (c.err == nil) {
					t.Fatalf("reconciled: %+v", done)
				}
				if len(asked) != 1 || asked[0].Session != f.Session() || !asked[0].Completing {
					t.Errorf("the gateway was asked for %+v", asked)
				}
				waited.Wait()
				if len(seen) == 0 || !strings.HasPrefix(seen[len(seen)-1], "completed "+string(c.result)) {
					t.Errorf("a follower saw %q", seen)
				}
				for _, g := range []*flow.Flow{f, d.resume(f), d.resume(f, flow.WithRiskOfSecondCharge(), flow.WithTakeOver(), flow.WithStatusCallback(statusURL))} {
					wantSettled(t, g, c.outcome, c.err)
				}
				if n := len(d.srv.Requests()); n != requests {
					t.Errorf("%d requests were sent", n-requests)
				}
				if left := unfinished(t, d.bus, flow.Query{}); len(left) != 0 {
					t.Errorf("unfinished: %+v, want none", left)
				}
				if again := d.reconcile(says(flow.Charged("another"))); len(again) != 0 {
					t.Errorf("reconciled again: %+v", again)
				}
			})
		})
	}
}

func wantSettledAfter(t testing.TB, f *flow.Flow, wait time.Duration, want error) {
	began := time.Now()
	_, err := f.Complete(context.Background())
	if took := time.Since(began); !errors.Is(err, want) || want == nil && err != nil || took < wait || took > wait+time.Second {
		t.Errorf("a waiting step: %v after %s, want %v after %s", err, took, want, wait)
	}
}

// TestReconcileChargesNothing: whatever the gateway reports and whoever
// continues the session, complete is sent once, as before.
func TestReconcileChargesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range outcomes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, _ := newSpyDesk(t)
				f := d.unknown(false)
				_ = f.Close()
				time.Sleep(time.Hour)
				d.reconcile(says(c.outcome))
				for range 3 {
					g := d.resume(f, flow.WithTakeOver())
					_, _ = g.Complete(t.Context())
					_ = g.Cancel(t.Context())
					_, _ = g.Complete(t.Context())
					_ = g.Close()
				}
				if n, _ := d.completeRequests(); n != 1 || len(d.srv.Charges()) != 0 || d.requests(paymentstest.Cancel) != 0 {
					t.Errorf("%d completes, %d charges, %d cancels; want 1, 0 and 0", n, len(d.srv.Charges()), d.requests(paymentstest.Cancel))
				}
			})
		})
	}
}

// TestReconcileSkips sessions whose outcome is known, or that are not old
// enough.
func TestReconcileSkips(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, _ := newSpyDesk(t)
		d.another() // nothing was sent
		paid := d.another()
		d.capture(paid)
		_, err := paid.Complete(t.Context())
		must(t, err)
		refused := d.another()
		if _, err := refused.Complete(t.Context()); !errors.Is(err, payments.ErrIncomplete) {
			t.Fatal(err)
		}
		old := d.unknown(true)
		time.Sleep(14 * time.Minute)
		young := d.unknown(true)
		time.Sleep(2 * time.Minute)
		if done := d.reconcile(says(flow.Outcome{})); len(done) != 1 || done[0].Session != old.Session() || done[0].Outcome.IsKnown() || done[0].Err != nil {
			t.Errorf("a gateway that does not know: %+v", done)
		}
		if done := d.reconcile(says(flow.NotCharged())); len(done) != 1 || done[0].Session != old.Session() {
			t.Errorf("reconciled: %+v", done)
		}
		done, err := flow.Reconcile(t.Context(), d.bus, flow.Query{OlderThan: time.Minute}, says(flow.NotCharged()))
		if err != nil || len(done) != 1 || done[0].Session != young.Session() {
			t.Errorf("a minute old: %+v, %v", done, err)
		}
		for name, q := range map[string]flow.Query{"age": {OlderThan: time.Minute - 1}, "limit": {Limit: -1}, "cursor": {After: "x"}} {
			if _, err := flow.Reconcile(t.Context(), d.bus, q, says(flow.NotCharged())); !errors.Is(err, payments.ErrInvalidParams) {
				t.Errorf("a wrong %s: %v, want ErrInvalidParams", name, err)
			}
		}
		if _, err := flow.Reconcile(t.Context(), d.bus, flow.Query{}, nil); err == nil {
			t.Error("without a lookup: no error")
		}
	})
}

// TestReconcileContinuesAfterFailures, through all pages, and when it runs
// again. The error joins all failures.
func TestReconcileContinuesAfterFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, spy := newSpyDesk(t)
		var all []string
		for range 6 {
			all = append(all, d.unknown(true).Session().SID)
		}
		time.Sleep(time.Hour)
		errGateway, errWrite := errors.New("the gateway is down"), errors.New("disk full")
		lookup := func(_ context.Context, s flow.OpenSession) (flow.Outcome, error) {
			spy.failWith(nil)
			switch slices.Index(all, s.Session.SID) {
			case 1:
				return flow.Outcome{}, errGateway
			case 3:
				spy.failOn(errWrite, "swap")
			}
			return flow.Charged("ch"), nil
		}
		done, err := flow.Reconcile(t.Context(), spy, flow.Query{Limit: 2}, lookup)
		spy.failWith(nil)
		if !errors.Is(err, errGateway) || !errors.Is(err, errWrite) || !strings.Contains(err.Error(), all[1]) || !strings.Contains(err.Error(), all[3]) {
			t.Errorf("error %v, want %v", err, errWrite)
		}
		if len(done) != 6 {
			t.Fatalf("%d entries, want 6", len(done))
		}
		for i, r := range done {
			if failed := i == 1 || i == 3; r.Session.SID != all[i] || (r.Err != nil) != failed || r.Outcome.IsCharged() == failed {
				t.Errorf("entry %d: %+v", i, r)
			}
		}

		ctx, cancel := context.WithCancel(t.Context())
		done, err = flow.Reconcile(ctx, spy, flow.Query{}, func(context.Context, flow.OpenSession) (flow.Outcome, error) {
			cancel()
			return flow.Outcome{}, nil
		})
		if len(done) != 1 || !errors.Is(err, context.Canceled) {
			t.Errorf("a context that ends: %d entries, want 1; %v, want context.Canceled", len(done), err)
		}
		if done := d.reconcile(says(flow.Charged("ch"))); len(done) != 2 {
			t.Errorf("again: %+v", done)
		}
	})
}

// TestASettlementThatIsNotPublished is in the record: a waiting step finds it
// there, and running Reconcile again publishes it.
func TestASettlementThatIsNotPublished(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, spy := newSpyDesk(t)
		f := d.unknown(true)
		waiting, screen := d.resume(f, flow.WithPatience(time.Hour)), d.resume(f)
		var waited sync.WaitGroup
		waited.Go(func() {
			if _, err := waiting.Complete(context.Background()); !errors.Is(err, flow.ErrNotCharged) {
				t.Errorf("a waiting step: %v, want flow.ErrNotCharged", err)
			}
		})
		time.Sleep(20 * time.Minute)
		spy.failOn(errDown, "publish")
		done, err := flow.Reconcile(t.Context(), spy, flow.Query{}, says(flow.NotCharged()))
		if len(done) != 1 || !errors.Is(done[0].Err, errDown) || !errors.Is(err, errDown) || done[0].Outcome.String() != "not-charged" {
			t.Errorf("%+v, %v, want %v", done, err, errDown)
		}
		waited.Wait()   // when it renews its lease
		synctest.Wait() // its machine fails to publish, too
		spy.failWith(nil)
		if left := unfinished(t, spy, flow.Query{}); len(left) != 0 {
			t.Errorf("unfinished: %+v, want none", left)
		}
		if done := d.reconcile(says(flow.Charged("another"))); len(done) != 1 || done[0].Outcome.String() != "not-charged" {
			t.Errorf("again: %+v", done)
		}
		synctest.Wait()
		if done := d.reconcile(says(flow.Charged("another"))); len(done) != 0 {
			t.Errorf("once more: %+v, want none", done)
		}
		if err := screen.State().Ended; !errors.Is(err, flow.ErrNotCharged) {
			t.Errorf("a follower: %v, want flow.ErrNotCharged", err)
		}
	})
}
