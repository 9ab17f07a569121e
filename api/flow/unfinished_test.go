package flow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// another starts a session on a new call.
func (d *desk) another(opts ...flow.Option) *flow.Flow {
	d.t.Helper()
	d.call = d.srv.NewCall()
	return d.start(noPostalCode, opts...)
}

// unknown is a session whose complete was sent and whose outcome is unknown:
// charged, with a callback that no machine accepted, or never received by
// Twilio. The desk must use a spyBus.
func (d *desk) unknown(charged bool, opts ...flow.Option) *flow.Flow {
	d.t.Helper()
	f := d.another(opts...)
	d.capture(f)
	spy := d.bus.(*spyBus)
	fault := paymentstest.Reset()
	if charged {
		fault = fault.AfterCommit()
	}
	d.srv.Inject(paymentstest.On(paymentstest.Complete, 1, fault))
	spy.failOn(errDown, "publish")
	if _, err := f.Complete(d.t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) {
		d.t.Fatalf("complete: %v, want ErrOutcomeUnknown", err)
	}
	spy.failWith(nil)
	return f
}

// newUnknown is a desk with a session whose outcome has been unknown for an hour.
func newUnknown(t testing.TB, charged bool) (*desk, *flow.Flow) {
	t.Helper()
	d, _ := newSpyDesk(t)
	f := d.unknown(charged)
	time.Sleep(time.Hour)
	return d, f
}

// unfinished returns all sessions of a query, and checks the page sizes.
func unfinished(t testing.TB, bus flow.Bus, q flow.Query) (all []flow.OpenSession) {
	t.Helper()
	for {
		page, err := flow.Unfinished(t.Context(), bus, q)
		must(t, err)
		if q.Limit > 0 && len(page.Sessions) > q.Limit {
			t.Fatalf("a page of %d sessions, want at most %d", len(page.Sessions), q.Limit)
		}
		all = append(all, page.Sessions...)
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

func sids(all []flow.OpenSession) (sids []string) {
	for _, s := range all {
		sids = append(sids, s.Session.SID)
	}
	return sids
}

// TestUnfinishedSessions lists sessions that have not ended, with what is known
// of each, for all kinds of queries.
func TestUnfinishedSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, _ := newSpyDesk(t)
		began := time.Now()
		untouched := d.another()
		time.Sleep(time.Hour)

		asking := d.another()
		d.call.AnswerWith(silent)
		left := d.resume(asking)
		go func() { _, _ = left.Capture(context.Background(), payments.CapturePaymentCardNumber) }()
		synctest.Wait()

		paid := d.another()
		d.capture(paid)
		_, err := paid.Complete(t.Context())
		must(t, err)
		cancelled := d.another()
		must(t, cancelled.Cancel(t.Context()))
		hungUp := d.another()
		d.call.HangUp()
		synctest.Wait()
		time.Sleep(time.Minute)
		sent := time.Now()
		unknown := d.unknown(true, flow.WithReferenceInDescription())
		for _, over := range []*flow.Flow{paid, hungUp} {
			must(t, d.bus.Publish(t.Context(), message(over.Session(), "late", form{"PartialResult": "true"})))
		}

		all := unfinished(t, d.bus, flow.Query{})
		if want := []string{untouched.Session().SID, asking.Session().SID, unknown.Session().SID}; !slices.Equal(sids(all), want) {
			t.Fatalf("unfinished are %v, want %v", sids(all), want)
		}
		for name, ok := range map[string]bool{
			"untouched": all[0].Started.Equal(began) && all[0].Asking == "" && !all[0].Completing && all[0].Reference == "",
			"asking":    all[1].Asking == payments.CapturePaymentCardNumber && time.Since(all[1].Changed) < 10*time.Second,
			"unknown": all[2].Completing && !all[2].Completed.Before(sent) && all[2].Asking == "" &&
				all[2].Reference == unknown.Reference() && strings.HasPrefix(all[2].Reference, "twiliopay-"),
		} {
			if !ok {
				t.Errorf("%s: %+v, want the session", name, all)
			}
		}
		account := untouched.Session().AccountSID
		for name, c := range map[string]struct {
			query flow.Query
			want  int
		}{
			"older than a minute":       {flow.Query{OlderThan: time.Minute}, 2},
			"older than an hour":        {flow.Query{OlderThan: time.Hour}, 1},
			"older than two hours":      {flow.Query{OlderThan: 2 * time.Hour}, 0},
			"of the account":            {flow.Query{AccountSID: account}, 3},
			"of another":                {flow.Query{AccountSID: "AC" + strings.Repeat("1", 32)}, 0},
			"one by one":                {flow.Query{Limit: 1}, 3},
			"one by one, an hour old":   {flow.Query{Limit: 1, OlderThan: time.Hour}, 1},
			"a page that is never full": {flow.Query{Limit: flow.MaxListLimit}, 3},
		} {
			if got := unfinished(t, d.bus, c.query); len(got) != c.want {
				t.Errorf("%s: %d sessions, want %d", name, len(got), c.want)
			}
		}
		for name, q := range map[string]flow.Query{
			"limit": {Limit: -1}, "Limit": {Limit: flow.MaxListLimit + 1}, "age": {OlderThan: -1}, "account": {AccountSID: "AC1"}, "cursor": {After: "x"},
		} {
			if _, err := flow.Unfinished(t.Context(), d.bus, q); !errors.Is(err, payments.ErrInvalidParams) {
				t.Errorf("a wrong %s: %v, want ErrInvalidParams", name, err)
			}
		}
		if _, err := flow.Unfinished(t.Context(), nil, flow.Query{}); err == nil {
			t.Error("without a bus: no error")
		}
	})
}

// TestUnfinishedSessionsOfABusThatFails: what was read is returned, and its
// Next continues from there.
func TestUnfinishedSessionsOfABusThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, spy := newSpyDesk(t)
		var want []string
		for range 5 {
			want = append(want, d.another().Session().SID)
		}
		calls := 0
		spy.failWith(func(method string) error {
			if method != "subscribe" { // the simulator publishes when it likes
				return nil
			}
			if calls++; calls%3 == 0 {
				return errDown
			}
			return nil
		})
		var got []string
		q, failures := flow.Query{Limit: 2}, 0
		for len(got) < 20 {
			page, err := flow.Unfinished(t.Context(), spy, q)
			if err != nil && !errors.Is(err, errDown) {
				t.Fatal(err)
			}
			if err != nil {
				failures++
			}
			got = append(got, sids(page.Sessions)...)
			if q.After = page.Next; err == nil && q.After == "" {
				break
			}
		}
		if failures == 0 || !slices.Equal(got, want) {
			t.Errorf("after %d failures: %v, want %v", failures, got, want)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := flow.Unfinished(ctx, spy, flow.Query{}); !errors.Is(err, context.Canceled) {
			t.Errorf("with an ended context: %v, want context.Canceled", err)
		}
	})
}

// TestUnfinishedSessionsOfANewerVersion are listed with the reason, and so is
// the session of a dead machine.
func TestUnfinishedSessionsOfANewerVersion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.another()
		r, _ := recordOf(t, d.bus, f.Session())
		r["format"] = 7
		setRecord(t, d.bus, f.Session(), r)
		for _, q := range []flow.Query{{}, {OlderThan: 5 * time.Hour}} { // its age is unknown
			all := unfinished(t, d.bus, q)
			if len(all) != 1 || all[0].Session != f.Session() || !errors.Is(all[0].Err, flow.ErrFormat) {
				t.Errorf("%+v, want the session with ErrFormat", all)
			}
		}
		done, err := flow.Reconcile(t.Context(), d.bus, flow.Query{}, func(context.Context, flow.OpenSession) (flow.Outcome, error) {
			t.Error("the gateway was queried")
			return flow.Outcome{}, nil
		})
		if len(done) != 1 || !errors.Is(done[0].Err, flow.ErrFormat) || !errors.Is(err, flow.ErrFormat) {
			t.Errorf("reconcile: %+v, %v, want flow.ErrFormat", done, err)
		}
	})
}

// TestUnfinishedSessionsThatCannotBeRead keep no other from being listed and
// settled.
func TestUnfinishedSessionsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeskOn(t, newSpyBus(newMemory(t)))
		unreadable, other := d.unknown(true), d.unknown(true)
		time.Sleep(time.Hour)
		d.bus = unreadableBus{d.bus, unreadable.Session()}
		for _, limit := range []int{0, 1} {
			all := unfinished(t, d.bus, flow.Query{Limit: limit})
			if len(all) != 2 || !errors.Is(all[0].Err, flow.ErrFormat) || all[0].Session != unreadable.Session() || all[1].Err != nil {
				t.Errorf("%+v, want the unreadable session with ErrFormat, and the other", all)
			}
		}
		done, err := flow.Reconcile(t.Context(), d.bus, flow.Query{}, says(flow.Charged("ch_1")))
		if len(done) != 2 || !errors.Is(err, flow.ErrFormat) || done[0].Outcome.IsKnown() || !done[1].Outcome.IsCharged() {
			t.Errorf("reconcile: %+v, %v, want flow.ErrFormat", done, err)
		}
		if result, err := other.Complete(t.Context()); err != nil || !result.Reconciled {
			t.Errorf("complete: %v, %v, want Reconciled", result, err)
		}
	})
}

// unreadableBus has messages of a session that cannot be read.
type unreadableBus struct {
	flow.Bus
	session flow.Session
}

func (b unreadableBus) Subscribe(ctx context.Context, s flow.Session) ([]flow.Message, flow.Subscription, error) {
	if s == b.session {
		return nil, nil, fmt.Errorf("%w: no such key", flow.ErrFormat)
	}
	return b.Bus.Subscribe(ctx, s)
}
