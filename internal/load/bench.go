package load

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

// twilio simulates a Twilio that accepts every request and at once posts a
// successful entry to the handler of a machine. It costs next to nothing, so
// benchmarks measure flow and bus.
type twilio struct {
	handlers []http.Handler
	digits   int  // callbacks before the one that ends an entry
	patient  bool // failed deliveries are retried

	posting sync.WaitGroup // callbacks in progress

	mu     sync.Mutex
	posted map[string]time.Time // when the last callback of an entry was posted, by session
	next   int
}

func newTwilio(tb testing.TB, machines []flow.Bus, digits int) *twilio {
	tw := &twilio{digits: digits, posted: make(map[string]time.Time)}
	for _, bus := range machines {
		tw.handlers = append(tw.handlers, flowtest.Handler(tb, bus))
	}
	return tw
}

func (tw *twilio) Create(_ context.Context, callSID string, _ payments.CreateParams, _ ...payments.Option) (*payments.Session, error) {
	return &payments.Session{AccountSID: paymentstest.DefaultAccountSID, CallSID: callSID, SID: "PK" + callSID[2:]}, nil
}

func (tw *twilio) Update(_ context.Context, callSID, sid string, p payments.UpdateParams, _ ...payments.Option) (*payments.Session, error) {
	tw.posting.Go(func() {
		if p.Status == payments.StatusComplete {
			tw.post(p.StatusCallback, succeeded(callSID, sid))
			return
		}
		for i := range tw.digits {
			tw.post(p.StatusCallback, url.Values{
				"AccountSid": {paymentstest.DefaultAccountSID}, "CallSid": {callSID}, "Sid": {sid}, "PaymentConnector": {"Default"},
				"PaymentMethod": {"credit-card"}, "ChargeAmount": {"49.90"}, "DateUpdated": {"2026-01-01T12:00:00.000Z"},
				"Capture": {string(p.Capture)}, "Required": {string(p.Capture)}, "PartialResult": {"true"}, "PaymentCardNumber": {strings.Repeat("x", i+1)},
			})
		}
		tw.mu.Lock()
		tw.posted[sid] = time.Now()
		tw.mu.Unlock()
		tw.post(p.StatusCallback, url.Values{
			"AccountSid": {paymentstest.DefaultAccountSID}, "CallSid": {callSID}, "Sid": {sid}, "PaymentConnector": {"Default"},
			"PaymentMethod": {"credit-card"}, "ChargeAmount": {"49.90"}, "DateUpdated": {"2026-01-01T12:00:00.000Z"},
			"Capture": {string(p.Capture)}, "Required": {""}, "PaymentCardNumber": {"xxxxxxxxxxxx1111"}, "PaymentCardType": {"visa"},
		})
	})
	return &payments.Session{AccountSID: paymentstest.DefaultAccountSID, CallSID: callSID, SID: sid}, nil
}

// post delivers a callback to the next machine.
func (tw *twilio) post(target string, form url.Values) {
	token := rand.Text()
	for try := 0; !tw.deliver(target, form, token); try++ {
		if !tw.patient || try == 100 {
			panic("a callback was not accepted")
		}
		time.Sleep(time.Second)
	}
}

func (tw *twilio) deliver(target string, form url.Values, token string) bool {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", callback.Sign(paymentstest.DefaultAuthToken, target, form))
	r.Header.Set("I-Twilio-Idempotency-Token", token)
	tw.mu.Lock()
	tw.next++
	h := tw.handlers[tw.next%len(tw.handlers)]
	tw.mu.Unlock()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code == http.StatusNoContent
}

func (tw *twilio) since(sid string) time.Duration {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	return time.Since(tw.posted[sid])
}

// sessionSteps is how many steps a session of BenchSteps has.
const sessionSteps = 20

// BenchSteps measures steps: captures that are claimed, requested, delivered on
// one machine and awaited on another. It reports steps per second over that
// many concurrent sessions, and the time from the arrival of a delivery to the
// return of the waiting step.
func BenchSteps(b *testing.B, machines []flow.Bus, sessions int) {
	b.Helper()
	tw := newTwilio(b, machines, 0)
	var mu sync.Mutex
	var latencies []time.Duration
	var workers sync.WaitGroup
	work := make(chan int)
	b.ResetTimer()
	for range sessions {
		workers.Go(func() {
			var f *flow.Flow
			var mine []time.Duration
			done := 0
			for n := range work {
				if f == nil || done%sessionSteps == 0 {
					if f != nil {
						_ = f.Close()
					}
					f = open(b, tw, machines[n%len(machines)])
				}
				done++
				if _, err := f.Capture(context.Background(), payments.CapturePaymentCardNumber); err != nil {
					b.Error(err)
					continue
				}
				mine = append(mine, tw.since(f.Session().SID))
			}
			if f != nil {
				_ = f.Close()
			}
			mu.Lock()
			defer mu.Unlock()
			latencies = append(latencies, mine...)
		})
	}
	for n := range b.N {
		work <- n
	}
	close(work)
	workers.Wait()
	b.StopTimer()
	tw.posting.Wait() // a step may return before its callback's publish does
	if len(latencies) == 0 {
		return
	}
	slices.Sort(latencies)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
	b.ReportMetric(float64(latencies[len(latencies)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(latencies[len(latencies)*99/100].Microseconds()), "p99-µs")
}

// BenchOpen opens sessions, each with a card number entered digit by digit, and
// reports the memory of the process per session: flows, bus, and the servers of
// the bus if they run in the process.
func BenchOpen(b *testing.B, machines []flow.Bus) {
	b.Helper()
	tw := newTwilio(b, machines, 16)
	flows := make([]*flow.Flow, b.N)
	heap, goroutines := Memory()
	var workers sync.WaitGroup
	work := make(chan int)
	for range 32 {
		workers.Go(func() {
			for n := range work {
				flows[n] = open(b, tw, machines[n%len(machines)])
				if _, err := flows[n].Capture(context.Background(), payments.CapturePaymentCardNumber); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for n := range b.N {
		work <- n
	}
	close(work)
	workers.Wait()
	b.StopTimer()
	tw.posting.Wait() // a step may return before its callback's publish does
	tw.posted = nil
	heapAfter, goroutinesAfter := Memory()
	b.ReportMetric(float64(heapAfter-heap)/float64(b.N), "B/session")
	b.ReportMetric(float64(goroutinesAfter-goroutines)/float64(b.N), "goroutines/session")
	for _, f := range flows {
		_ = f.Close()
	}
}

// Memory returns the bytes in use, stacks included, and the number of
// goroutines.
func Memory() (bytes int64, goroutines int) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse), runtime.NumGoroutine() // #nosec G115 -- memory in use fits 63 bits
}

func open(tb testing.TB, tw *twilio, bus flow.Bus) *flow.Flow {
	f, err := tryOpen(context.Background(), tw, bus)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}
