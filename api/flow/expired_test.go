package flow_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// completeRequests returns how often complete was sent, and with which keys.
func (d *desk) completeRequests() (n int, keys map[string]bool) {
	keys = make(map[string]bool)
	for _, r := range d.srv.Requests() {
		if r.Operation == paymentstest.Complete {
			n++
			keys[r.IdempotencyKey] = true
		}
	}
	return n, keys
}

// recordOf returns the record of a session, which setRecord replaces.
func recordOf(t testing.TB, bus flow.Bus, s flow.Session) (map[string]any, uint64) {
	t.Helper()
	value, revision, err := bus.Load(t.Context(), s)
	must(t, err)
	var r map[string]any
	must(t, json.Unmarshal(value, &r))
	return r, revision
}

func setRecord(t testing.TB, bus flow.Bus, s flow.Session, r map[string]any) {
	t.Helper()
	_, revision := recordOf(t, bus, s)
	_, err := bus.Swap(t.Context(), s, []byte(jsonOf(t, r)), revision)
	must(t, err)
}

// TestAMissingRecordEndsTheFlow: if the bus has forgotten the claim of a
// complete whose response was lost, complete is not sent again.
func TestAMissingRecordEndsTheFlow(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(d *desk, f *flow.Flow){
		"forgotten":   func(d *desk, f *flow.Flow) { d.bus.(*spyBus).Bus.(*flow.Memory).Forget(f.Session()) },
		"another bus": func(d *desk, _ *flow.Flow) { d.bus.(*spyBus).replace(newMemory(d.t)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, _ := newSpyDesk(t)
				f := d.start(noPostalCode, flow.WithPatience(time.Second))
				d.capture(f)
				other := d.resume(f, flow.WithTakeOver())
				d.srv.Deliver(never)
				d.srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Reset().AfterCommit()))
				if _, err := f.Complete(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) {
					t.Fatalf("complete: %v, want ErrOutcomeUnknown", err)
				}
				forget(d, f)
				for _, g := range []*flow.Flow{other, f} {
					for name, step := range steps(t.Context()) {
						if err := step(g); !errors.Is(err, flow.ErrExpired) {
							t.Errorf("%s: %v, want ErrExpired", name, err)
						}
					}
				}
				d.outcomeStaysUnknown(f)
				must(t, f.Close())
				d.outcomeStaysUnknown(f)
				if n, _ := d.completeRequests(); n != 1 || len(d.srv.Charges()) != 1 {
					t.Errorf("%d completes, %d charges, want 1", n, len(d.srv.Charges()))
				}
				if d.requests(paymentstest.Cancel) != 0 {
					t.Error("a cancel was sent for a forgotten session")
				}
			})
		})
	}
}

// TestResumeWithoutARecord never completes as if nothing had been sent, unless
// the option accepts that risk.
func TestResumeWithoutARecord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts      []flow.Option
		completed bool // before the record was lost
		confirmed bool // a callback confirmed it
		want      error
		sent      int
	}{
		"nothing was sent":                {nil, false, false, flow.ErrOutcomeUnknown, 0},
		"complete was sent":               {nil, true, false, flow.ErrOutcomeUnknown, 1},
		"complete was sent and confirmed": {nil, true, true, nil, 1},
		"the risk is taken":               {[]flow.Option{flow.WithRiskOfSecondCharge()}, false, false, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				memory := newMemory(t)
				d := newDeskOn(t, memory)
				f := d.start(noPostalCode, flow.WithPatience(time.Second))
				d.capture(f)
				synctest.Wait()
				past := messagesOf(t, memory, f.Session())
				if c.completed {
					d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Late(10 * time.Second) })
					_, err := f.Complete(within(t, time.Second))
					if !errors.Is(err, flow.ErrOutcomeUnknown) {
						t.Fatalf("complete: %v, want flow.ErrOutcomeUnknown", err)
					}
				}
				must(t, f.Close())
				memory.Forget(f.Session())
				for _, m := range past {
					must(t, memory.Publish(t.Context(), m))
				}
				if c.confirmed {
					time.Sleep(10 * time.Second)
					synctest.Wait()
				}
				for range 2 { // the second finds the record that the first has written
					g := d.resume(f, append(c.opts, flow.WithStatusCallback(statusURL), flow.WithPatience(2*time.Second), flow.WithTakeOver())...)
					_, err := g.Complete(within(t, 3*time.Second))
					if !errors.Is(err, c.want) || c.want == nil && err != nil {
						t.Errorf("complete: %v, want %v", err, c.want)
					}
					if c.want != nil {
						if _, err := g.Capture(t.Context(), payments.CaptureSecurityCode); !errors.Is(err, flow.ErrCompleting) {
							t.Errorf("capture: %v, want ErrCompleting", err)
						}
					}
				}
				if n, _ := d.completeRequests(); n != c.sent {
					t.Errorf("%d completes, want %d", n, c.sent)
				}
			})
		})
	}
}

// TestTheRiskOptionRespectsAKnownClaim: a complete that is in the record is
// never sent again.
func TestTheRiskOptionRespectsAKnownClaim(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode, flow.WithPatience(time.Second))
		d.capture(f)
		d.srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Reset()))
		_, _ = f.Complete(t.Context())
		g := d.resume(f, flow.WithTakeOver(), flow.WithRiskOfSecondCharge(), flow.WithStatusCallback(statusURL), flow.WithPatience(time.Second))
		if _, err := g.Complete(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) {
			t.Errorf("complete: %v, want ErrOutcomeUnknown", err)
		}
		if n, _ := d.completeRequests(); n != 1 {
			t.Errorf("%d completes, want 1", n)
		}
	})
}

// TestAnOlderRecordIsRestored that lacks the claim of a complete. A callback of
// a later step, or what a flow knew before, shows that the record is old, and
// nothing is sent twice. If nothing shows it, the second complete has the
// idempotency key of the first.
func TestAnOlderRecordIsRestored(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		acknowledged bool // Twilio posts that it has started to complete
		resumed      bool // by a flow that has not seen the newer record
		want         error
		sent         int
	}{
		"a callback of a later step": {true, true, flow.ErrOutcomeUnknown, 1},
		"a flow that knew more":      {false, false, flow.ErrOutcomeUnknown, 1},
		"nothing shows it":           {false, true, flow.ErrOutcomeUnknown, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				f := d.start(noPostalCode, flow.WithPatience(time.Second))
				d.capture(f)
				synctest.Wait()
				before, _ := recordOf(t, d.bus, f.Session())
				d.srv.Inject(paymentstest.On(paymentstest.Complete, 0, paymentstest.Reset()))
				if _, err := f.Complete(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) {
					t.Fatalf("complete: %v, want ErrOutcomeUnknown", err)
				}
				if c.acknowledged {
					tagged := d.completeURL()
					if code := post(t, newHandler(t, d.bus), tagged, "token", formOf(f.Session(), nil)); code != http.StatusNoContent {
						t.Fatalf("callback: %d, want %d", code, http.StatusNoContent)
					}
					synctest.Wait()
				}
				setRecord(t, d.bus, f.Session(), before)
				g := f
				if c.resumed {
					g = d.resume(f, flow.WithPatience(time.Second), flow.WithTakeOver())
				}
				if _, err := g.Complete(t.Context()); !errors.Is(err, c.want) {
					t.Errorf("complete: %v, want %v", err, c.want)
				}
				if n, keys := d.completeRequests(); n != c.sent || len(keys) != 1 {
					t.Errorf("%d completes with %d keys, want %d with one", n, len(keys), c.sent)
				}
				after, _ := recordOf(t, d.bus, f.Session())
				if after["complete"] == nil {
					t.Errorf("the record does not say that a complete may have been sent: %v", after)
				}
			})
		})
	}
}

// completeURL is the URL of the callbacks of complete.
func (d *desk) completeURL() string {
	for _, r := range d.srv.Requests() {
		if r.Operation == paymentstest.Complete {
			return r.Form.Get("StatusCallback")
		}
	}
	d.t.Fatal("no complete was sent")
	return ""
}

// TestStartAgainWithoutItsRecord: the second start with a key finds the
// session, but not what was claimed in it.
func TestStartAgainWithoutItsRecord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := newMemory(t)
		d := newDeskOn(t, memory)
		p := noPostalCode
		p.IdempotencyKey = "the key of both"
		f := d.start(p, flow.WithPatience(time.Second))
		d.capture(f)
		synctest.Wait()
		past := messagesOf(t, memory, f.Session())
		d.srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Reset()))
		_, _ = f.Complete(t.Context())
		memory.Forget(f.Session())
		for _, m := range past {
			must(t, memory.Publish(t.Context(), m))
		}
		g := d.start(p, flow.WithPatience(time.Second))
		if g.Session() != f.Session() {
			t.Fatalf("another session was made: %+v, want %+v", g.Session(), f.Session())
		}
		if _, err := g.Complete(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) {
			t.Errorf("complete: %v, want ErrOutcomeUnknown", err)
		}
		if n, _ := d.completeRequests(); n != 1 {
			t.Errorf("%d completes, want 1", n)
		}
	})
}

// TestARecordOfANewerVersion is refused with a clear error and stays unchanged.
func TestARecordOfANewerVersion(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]any){
		"a newer format":   func(r map[string]any) { r["format"] = 3 },
		"an unknown field": func(r map[string]any) { r["refund"] = "re_1" },
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t)
			f := d.start(noPostalCode)
			r, _ := recordOf(t, d.bus, f.Session())
			change(r)
			setRecord(t, d.bus, f.Session(), r)
			for step, do := range steps(t.Context()) {
				if err := do(f); !errors.Is(err, flow.ErrFormat) || name == "a newer format" && !strings.Contains(err.Error(), "format 3") {
					t.Errorf("%s: %s: %v, want ErrFormat", name, step, err)
				}
			}
			s := f.Session()
			if _, err := flow.Resume(t.Context(), d.client, d.bus, s.AccountSID, s.CallSID, s.SID); !errors.Is(err, flow.ErrFormat) {
				t.Errorf("%s: resume: %v, want ErrFormat", name, err)
			}
			if after, _ := recordOf(t, d.bus, s); jsonOf(t, after) != jsonOf(t, r) {
				t.Errorf("%s: the record is now %v", name, after)
			}
			if len(d.srv.Requests()) != 1 {
				t.Errorf("%s: a request was sent", name)
			}
		})
	}
}

// TestARecordOfAnOlderVersion is read, and written in the current format.
func TestARecordOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		r, _ := recordOf(t, d.bus, f.Session())
		for _, name := range []string{"started", "reference", "claimed", "settled"} {
			delete(r, name)
		}
		r["format"] = 1
		setRecord(t, d.bus, f.Session(), r)
		g := d.resume(f)
		d.capture(g)
		_, err := g.Complete(t.Context())
		must(t, err)
		if r, _ := recordOf(t, d.bus, f.Session()); r["format"] != 2.0 {
			t.Errorf("the record is now %v", r)
		}
	})
}

// TestAStepWithoutADeadlineEnds even if the end of the session is never
// reported, and the bus then forgets the session.
func TestAStepWithoutADeadlineEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := newMemory(t)
		spy := newSpyBus(memory)
		d := newDeskOn(t, spy, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		began := time.Now()
		_, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber)
		if took := time.Since(began); !errors.Is(err, flow.ErrExpired) || took > 25*time.Hour {
			t.Errorf("capture after %s: %v, want ErrExpired", took, err)
		}
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		if memory.Sessions() != 0 || spy.subscriptions() != 0 {
			t.Errorf("%d sessions, want 0; %d subscriptions, want 0", memory.Sessions(), spy.subscriptions())
		}
	})
}
