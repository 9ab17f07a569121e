package flow_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// line describes progress on one line.
func line(p flow.Progress) string {
	words := []string{string(p.Kind)}
	for _, w := range []string{string(p.Capture), p.Entered, string(p.CardType), string(p.Error), string(p.Result)} {
		if w != "" {
			words = append(words, w)
		}
	}
	for _, w := range []struct {
		word  string
		holds bool
	}{{"...", p.Entering}, {"again", p.Again}, {"ready", p.Ready}} {
		if w.holds {
			words = append(words, w.word)
		}
	}
	if p.Code != 0 {
		words = append(words, fmt.Sprint(p.Code))
	}
	return strings.Join(words, " ")
}

func collect(ctx context.Context, f *flow.Flow) (lines []string) {
	for p := range f.Events(ctx) {
		lines = append(lines, line(p))
	}
	return lines
}

func TestEventsShowTheWholeSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wrongFirst := func(c *paymentstest.Call, p paymentstest.Prompt) {
			if p.Capture == payments.CaptureSecurityCode && p.Times == 1 {
				_ = c.Enter("12")
				return
			}
			paymentstest.VisaCaller()(c, p)
		}
		d := newDesk(t, paymentstest.WithCaller(wrongFirst))
		f := d.start(noPostalCode)
		first := make(chan []string)
		go func() { first <- collect(t.Context(), f) }() // while it happens
		d.capture(f, payments.CapturePaymentCardNumber, payments.CaptureExpirationDate)
		_, _ = f.Capture(t.Context(), payments.CaptureSecurityCode)
		d.capture(f, payments.CaptureSecurityCode)
		_, err := f.Complete(t.Context())
		must(t, err)
		want := []string{"started", "updated payment-card-number ..."}
		for i := range 16 {
			want = append(want, "updated payment-card-number "+strings.Repeat("x", i+1)+" ...")
		}
		want = append(want, "updated payment-card-number xxxxxxxxxxxx1111 visa", "updated expiration-date visa ...",
			"updated expiration-date 1 visa ...", "updated expiration-date 12 visa ...", "updated expiration-date 129 visa ...",
			"updated expiration-date 1299 visa ...", "updated expiration-date 1299 visa",
			"updated security-code visa ...", "updated security-code x visa ...", "updated security-code xx visa ...",
			"updated security-code visa invalid-security-code again",
			"updated security-code visa ...", "updated security-code x visa ...", "updated security-code xx visa ...", "updated security-code xxx visa ...",
			"updated security-code xxx visa ready", "completed xxxxxxxxxxxx1111 visa success")
		if diff := cmp.Diff(want, <-first); diff != "" {
			t.Errorf("as it happened (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, collect(t.Context(), f)); diff != "" {
			t.Errorf("afterwards (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, collect(t.Context(), d.resume(f))); diff != "" {
			t.Errorf("on another machine (-want +got):\n%s", diff)
		}
	})
}

func TestEventsEndWithTheirContextAndWithTheFlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		synctest.Wait()
		began := time.Now()
		if got := collect(within(t, time.Minute), f); len(got) != 1 || time.Since(began) != time.Minute {
			t.Errorf("%d events in %s, want the first one and the end after a minute", len(got), time.Since(began))
		}
		closed := make(chan []string)
		go func() { closed <- collect(t.Context(), f) }()
		synctest.Wait()
		must(t, f.Close())
		if got := <-closed; len(got) != 1 {
			t.Errorf("%d events, want the first one", len(got))
		}
		for range f.Events(t.Context()) {
			break // a loop may stop
		}
	})
}

// TestEventsNeverGoBackwards delivers the callbacks of a session in random
// order, some twice: progress stays in order, and ends with the end of the
// session.
func TestEventsNeverGoBackwards(t *testing.T) {
	t.Parallel()
	var session []flow.Message
	synctest.Test(t, func(t *testing.T) { session = recordSession(t) })
	rapid.Check(t, func(rt *rapid.T) {
		order := rapid.Permutation(session).Draw(rt, "order")
		tagged := rapid.Bool().Draw(rt, "tagged") // whether callbacks have the URLs' tags
		again := rapid.SliceOfN(rapid.SampledFrom(session), 0, 10).Draw(rt, "again")
		var wrong string
		defer func() {
			if wrong != "" {
				rt.Fatal(wrong)
			}
		}()
		synctest.Test(t, func(t *testing.T) {
			bus := newMemory(t)
			s := session[0].Session
			if tagged {
				must(t, bus.Publish(t.Context(), session[0]))
			}
			f, err := flow.Resume(t.Context(), unusedClient{}, bus, s.AccountSID, s.CallSID, s.SID, flow.WithStatusCallback(statusURL))
			must(t, err)
			defer func() { _ = f.Close() }()
			end := session[len(session)-1]
			for i, m := range append(order, again...) {
				if m.ID != end.ID {
					must(t, bus.Publish(t.Context(), m))
				}
				if again := m; i%3 == 0 && m.ID != end.ID {
					again.ID += "again" // as on a bus that has forgotten the first delivery
					must(t, bus.Publish(t.Context(), again))
				}
			}
			must(t, bus.Publish(t.Context(), end))
			var last flow.Progress
			for p := range f.Events(t.Context()) {
				if p.At.Before(last.At) || p.Number != last.Number+1 || last.Kind == callback.Completed {
					wrong = fmt.Sprintf("%s at %s follows %s at %s", line(p), p.At, line(last), last.At)
				}
				last = p
			}
			if last.Result != callback.ResultSuccess {
				wrong = "ended with " + line(last)
			}
		})
	})
}

// recordSession returns the messages of a complete session.
func recordSession(t *testing.T) []flow.Message {
	t.Helper()
	d := newDesk(t)
	f := d.start(noPostalCode)
	d.capture(f)
	_, err := f.Complete(t.Context())
	must(t, err)
	past, live, err := d.bus.Subscribe(t.Context(), f.Session())
	must(t, err)
	must(t, live.Close())
	return past
}

// unusedClient is a client that is never called.
type unusedClient struct{}

func (unusedClient) Create(context.Context, string, payments.CreateParams, ...payments.Option) (*payments.Session, error) {
	panic("create")
}

func (unusedClient) Update(context.Context, string, string, payments.UpdateParams, ...payments.Option) (*payments.Session, error) {
	panic("update")
}

// TestProgressSaysWhatIsCaptured, so that a screen need not infer it: the list
// grows with accepted entries, not with refused ones, and a field that is
// requested again is missing again.
func TestProgressSaysWhatIsCaptured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		g := d.resume(f)
		d.capture(f)
		entry, err := f.Capture(t.Context(), payments.CaptureExpirationDate)
		must(t, err)
		if len(entry.Captured) != 3 || len(entry.Missing) != 0 {
			t.Errorf("Capture returned captured %v, missing %v, want 3 and none", entry.Captured, entry.Missing)
		}
		_, err = f.Complete(t.Context())
		must(t, err)
		synctest.Wait()
		var steps []string
		for p := range g.Events(t.Context()) {
			step := fmt.Sprint(p.Captured)
			if len(steps) == 0 || steps[len(steps)-1] != step {
				steps = append(steps, step)
			}
			p.Captured = append(p.Captured[:0], "scribbled") // each belongs to the caller
		}
		want := []string{
			"[]", "[payment-card-number]", "[expiration-date payment-card-number]", "[expiration-date payment-card-number security-code]",
			"[payment-card-number security-code]", "[expiration-date payment-card-number security-code]",
		}
		if !slices.Equal(steps, want) {
			t.Errorf("captured:\n%q, want\n%q", steps, want)
		}
	})
}
