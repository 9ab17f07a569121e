package load

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
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
)

// twilio is a Twilio that takes every request and at once posts that the entry
// was taken, to the handler of a machine. It costs next to nothing, so that a
// benchmark measures flow and bus.
type twilio struct {
	handlers []http.Handler
	digits   int  // callbacks before the one that ends an entry
	patient  bool // callbacks that are not taken are delivered again

	posting sync.WaitGroup // callbacks under way

	mu     sync.Mutex
	posted map[string]time.Time // when the end of an entry came, by session
	next   int
}

func newTwilio(tb testing.TB, machines []flow.Bus, digits int) *twilio {
	tw := &twilio{digits: digits, posted: make(map[string]time.Time)}
	for _, bus := range machines {
		h, err := flow.Handler(bus, callback.WithAuthTokens(paymentstest.DefaultAuthToken), callback.WithHosts("pay.example.com"), callback.WithLogger(slog.New(slog.DiscardHandler)))
		must(tb, err)
		tw.handlers = append(tw.handlers, h)
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
			panic("a callback was not taken")
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

// BenchSteps measures steps: captures, claimed, asked, delivered on one machine
// and waited for on another. It reports steps per second over as many sessions
// at the same time, and the time from the arrival of a delivery to the return
// of the step that waits for it.
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
	tw.posting.Wait() // a step may return before the bus has told the one who published
	if len(latencies) == 0 {
		return
	}
	slices.Sort(latencies)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
	b.ReportMetric(float64(latencies[len(latencies)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(latencies[len(latencies)*99/100].Microseconds()), "p99-µs")
}

// BenchOpen opens sessions, each with a card number entered digit by digit, and
// reports what the process holds of each: flows and bus, and the servers of the
// bus if they run in the process.
func BenchOpen(b *testing.B, machines []flow.Bus) {
	b.Helper()
	tw := newTwilio(b, machines, 16)
	flows := make([]*flow.Flow, b.N)
	heap, goroutines := memory()
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
	tw.posting.Wait() // a step may return before the bus has told the one who published
	tw.posted = nil
	heapAfter, goroutinesAfter := memory()
	b.ReportMetric(float64(heapAfter-heap)/float64(b.N), "B/session")
	b.ReportMetric(float64(goroutinesAfter-goroutines)/float64(b.N), "goroutines/session")
	for _, f := range flows {
		_ = f.Close()
	}
}

// memory returns the bytes in use, stacks included, and the goroutines.
func memory() (bytes int64, goroutines int) {
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

func newCallSID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	return "CA" + hex.EncodeToString(id[:])
}
