package paymentstest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestWatchersMissNothing runs payments on a socket while readers watch from the
// start, join in the middle and continue from a snapshot. Each sees every entry once,
// in order, and all see the same.
func TestWatchersMissNothing(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	const calls = 10
	var readers, callers sync.WaitGroup
	seen := make([][]string, 6)
	start := func(i int, after int64) {
		readers.Go(func() {
			next := after + 1
			for e := range srv.Watch(t.Context(), after) {
				if e.Number != next {
					t.Errorf("reader %d got %d, want %d", i, e.Number, next)
					return
				}
				next++
				seen[i] = append(seen[i], e.String())
			}
		})
	}
	for i := range 3 {
		start(i, 0)
	}
	client := newClient(t, srv)
	for i := range calls {
		callers.Go(func() { payVisa(t, client, srv) })
		if i == calls/2 {
			start(3, 0)
			start(4, 40)
			start(5, srv.Snapshot().Number)
		}
	}
	callers.Wait()
	if err := srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := srv.Snapshot().Number
	srv.Close() // ends the readers after the last entry
	readers.Wait()
	all := srv.Entries(0, 1<<20)
	if int64(len(all)) != last || last < calls*100 {
		t.Fatalf("%d entries, the last number is %d", len(all), last)
	}
	for i, lines := range seen {
		if want := all[len(all)-min(len(lines), len(all)):]; len(lines) == 0 || lines[0] != want[0].String() || lines[len(lines)-1] != all[last-1].String() {
			t.Errorf("reader %d read %d entries", i, len(lines))
		}
	}
}

// payVisa takes a whole payment from a scripted caller.
func payVisa(t testing.TB, client *payments.Client, srv *paymentstest.Server) {
	call := srv.NewCall()
	s, err := client.Create(t.Context(), call.SID, payments.CreateParams{StatusCallback: "http://127.0.0.1:1/", ChargeAmount: "1.00"})
	if err != nil {
		t.Error(err)
		return
	}
	for _, p := range []payments.UpdateParams{
		{Capture: payments.CapturePaymentCardNumber}, {Capture: payments.CaptureExpirationDate},
		{Capture: payments.CaptureSecurityCode}, {Capture: payments.CapturePostalCode}, {Status: payments.StatusComplete},
	} {
		p.StatusCallback = "http://127.0.0.1:1/"
		if _, err := client.Update(t.Context(), call.SID, s.SID, p); err != nil {
			t.Error(err)
			return
		}
		waitUntil(t, func() bool { // the caller has typed
			_, asked := call.Prompt()
			return !asked
		})
	}
}

// TestWatchInABubble expects entries at exact times, and a waiting reader not to stop
// the bubble's time.
func TestWatchInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, payments.CreateParams{PostalCode: new(false), Timeout: 7})
		b.mount(takes)
		b.capture(payments.CapturePaymentCardNumber)
		b.must(b.srv.Wait(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		var got []string
		start := time.Now()
		go func() {
			for e := range b.srv.Watch(ctx, b.srv.Snapshot().Number) {
				got = append(got, fmt.Sprintf("%s after %v", e.Kind, time.Since(start)))
			}
			got = append(got, "end")
		}()
		synctest.Wait()
		b.must(b.call.Press("4"))
		time.Sleep(10 * time.Second)
		cancel()
		synctest.Wait()
		const want = "key.pressed after 0s, callback.made after 0s, callback.attempted after 0s, callback.responded after 0s, " +
			"prompt.closed after 7s, callback.made after 7s, session.changed after 7s, callback.attempted after 7s, callback.responded after 7s, end"
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("watched %s\nwant    %s", text, want)
		}
	})
}

// TestSlowReadersLearnWhatTheyMissed, and they do not block the simulation.
func TestSlowReadersLearnWhatTheyMissed(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]paymentstest.Option{"count": paymentstest.WithHistory(10), "bytes": paymentstest.WithHistoryBytes(500_000)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, payments.CreateParams{PostalCode: new(false)}, limit)
				var next, missed, last int64
				for e := range b.srv.Watch(t.Context(), 0) {
					if next++; next == 2 { // the reader is busy while the simulation continues
						for range 200 {
							_ = b.try(payments.UpdateParams{Capture: payments.CaptureSecurityCode})
						}
						b.must(b.srv.Wait(t.Context()))
						last = b.srv.Snapshot().Number
					}
					if e.Kind == paymentstest.KindMissed {
						if missed += e.Missed; next+e.Missed-1 != e.Number {
							t.Errorf("at %d: missed %d up to %d", next, e.Missed, e.Number)
						}
						next = e.Number
					} else if e.Number != next {
						t.Fatalf("got %d, want %d", e.Number, next)
					}
					if e.Number == last {
						break
					}
				}
				snap := b.srv.Snapshot()
				kept := b.srv.Entries(0, 1<<20)
				if missed == 0 || snap.First <= 64 || int64(len(kept)) != snap.Number-snap.First+1 || kept[0].Number != snap.First {
					t.Errorf("missed %d; kept %d entries from %d to %d", missed, len(kept), snap.First, snap.Number)
				}
				if name == "count" && len(kept) != 100 {
					t.Errorf("%d entries are kept, want 100", len(kept))
				}
			})
		})
	}
}

// TestJournalIsBoundedByBytes measures the heap, with the longest responses of
// applications and bodies of requests that are kept.
func TestJournalIsBoundedByBytes(t *testing.T) {
	const budget = 5 << 20
	srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithHistoryBytes(budget), paymentstest.WithMaxSessions(10))
	page := bytes.Repeat([]byte("x"), 64<<10)
	if err := srv.Handle("https://pay.example.com/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) })); err != nil {
		t.Fatal(err)
	}
	client, before := newClient(t, srv), uint64(0)
	for round := range 3 {
		for range 100 {
			call := srv.NewCall()
			s, err := client.Create(t.Context(), call.SID, payments.CreateParams{StatusCallback: statusURL, Description: strings.Repeat("é", 8<<10)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Status: payments.StatusCancel}); err != nil {
				t.Fatal(err)
			}
		}
		if err := srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range srv.Entries(0, 1<<20) { // entries that are read take more memory
		}
		runtime.GC()
		used, _ := heap()
		if round == 0 {
			before = used
		} else if grown := int64(used) - int64(before); grown > budget {
			t.Errorf("round %d: the heap has grown by %d bytes", round, grown)
		}
	}
	for _, e := range srv.Entries(0, 1<<20) {
		if e.Attempt != nil && e.Attempt.Status != 0 && (len(e.Attempt.Body) != 4<<10 || !e.Attempt.Truncated) {
			t.Fatalf("%d bytes of a response are kept, truncated %t", len(e.Attempt.Body), e.Attempt.Truncated)
		}
		if data, err := json.Marshal(e); err != nil || len(data) > 100<<10 {
			t.Fatalf("an entry of %d bytes, %v", len(data), err)
		}
	}
}
