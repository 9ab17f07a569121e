package paymentstest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// mailroom collects what an in-process handler gets, as "expiry@seconds".
type mailroom struct {
	start    time.Time
	got      []string
	tokens   []string
	statuses []int // to respond with, in turn; then 204
}

// newMailroom handles everything that goes to pay.example.com.
func newMailroom(b *bench) *mailroom {
	m := &mailroom{start: time.Now()}
	b.must(b.srv.Handle("https://pay.example.com", m))
	return m
}

func (m *mailroom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	what := r.PostForm.Get("ExpirationDate")
	if result := r.PostForm.Get("Result"); result != "" {
		what = result
	}
	m.got = append(m.got, fmt.Sprintf("%s@%d", what, int(time.Since(m.start).Seconds())))
	m.tokens = append(m.tokens, r.Header.Get("I-Twilio-Idempotency-Token"))
	status := http.StatusNoContent
	if len(m.statuses) > 0 {
		status, m.statuses = m.statuses[0], m.statuses[1:]
	}
	if status >= 300 && status < 400 {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(status)
}

func (m *mailroom) want(t testing.TB, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.Fields(want), m.got); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	// The rule gets the callbacks of an entry of 1, 2 and then *.
	on := func(expiry string, d paymentstest.Delivery) func(paymentstest.Callback) paymentstest.Delivery {
		return func(c paymentstest.Callback) paymentstest.Delivery {
			if c.Event.ExpirationDate.Reveal() == expiry && c.Event.Kind == callback.Updated {
				return d
			}
			return paymentstest.Once()
		}
	}
	tests := []struct {
		name string
		rule func(paymentstest.Callback) paymentstest.Delivery
		want string
	}{
		{"normal", nil, "@0 1@0 12@0 caller-interrupted-with-star@0"},
		{"twice", on("1", paymentstest.Twice()), "@0 1@0 1@0 12@0 caller-interrupted-with-star@0"},
		{"never", on("1", paymentstest.Never()), "@0 12@0 caller-interrupted-with-star@0"},
		{"late", on("1", paymentstest.Late(3*time.Second)), "@0 12@0 caller-interrupted-with-star@0 1@3"},
		{"out of order", on("1", paymentstest.AfterNext()), "@0 12@0 1@0 caller-interrupted-with-star@0"},
		{"last one held has nothing to wait for", func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.AfterNext() },
			"caller-interrupted-with-star@0 @0 1@0 12@0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, noPostalCode)
				b.must(b.srv.Wait(t.Context()))
				m := newMailroom(b)
				b.srv.Deliver(tt.rule)
				b.capture(payments.CaptureExpirationDate)
				b.must(b.call.Press("12*"))
				b.must(b.srv.Wait(t.Context()))
				m.want(t, tt.want)
			})
		})
	}
}

func TestDeliverAtRandomIsRepeatable(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (text string) {
		synctest.Test(t, func(t *testing.T) {
			rule := paymentstest.DeliverAtRandom(seed, 0.5, paymentstest.Never(), paymentstest.Twice())
			b := newBench(t, noPostalCode, paymentstest.WithDelivery(rule))
			b.must(b.srv.Wait(t.Context())) // the first callback has no receiver
			m := newMailroom(b)
			b.fillCard()
			b.complete()
			b.must(b.srv.Wait(t.Context()))
			text = strings.Join(m.tokens, " ")
			times := map[string]int{}
			for _, token := range m.tokens {
				times[token]++
			}
			kinds := [3]int{b.count() - 1 - len(times)} // the first callback had no receiver
			for _, n := range times {
				kinds[n]++
			}
			if kinds[0] == 0 || kinds[1] == 0 || kinds[2] == 0 {
				t.Errorf("never, once, twice: %v; want some of each", kinds)
			}
		})
		return text
	}
	if first := run(1); first != run(1) || first == run(2) {
		t.Error("the seed does not decide")
	}
}

func TestRetriesFollowTheURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		fragment  string
		opts      []paymentstest.Option
		responses []int
		want      int // posts
	}{
		{"taken", "", nil, []int{204}, 1},
		{"a failure is not tried again", "", nil, []int{500, 204}, 1},
		{"nor a refusal", "", nil, []int{403, 204}, 1},
		{"by policy 5xx, once", "rp=5xx", nil, []int{500, 503, 204}, 2},
		{"by policy 5xx, but not 4xx", "rp=5xx&rc=5", nil, []int{500, 404, 204}, 2},
		{"all, five times", "rc=5&rp=all", nil, []int{500, 404, 503, 429, 500, 502, 204}, 6},
		{"several policies", "rc=5&rp=4xx,5xx", nil, []int{500, 404, 204}, 3},
		{"none", "rc=0&rp=all", nil, []int{500, 204}, 1},
		{"out of range leaves the default", "rc=6&rp=5xx", nil, []int{500, 500, 204}, 2},
		{"a redirect is no success and not followed", "rc=5&rp=all", nil, []int{307, 204}, 1},
		{"overrides ignored", "rc=5&rp=all", []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{IgnoreConnectionOverrides: true})}, []int{500, 204}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, noPostalCode, tt.opts...)
				b.must(b.srv.Wait(t.Context()))
				m := newMailroom(b)
				m.statuses = tt.responses
				_, err := b.client.Update(t.Context(), b.call.SID, b.sid, payments.UpdateParams{
					StatusCallback: "https://pay.example.com/status?a=1#" + tt.fragment, Capture: payments.CaptureExpirationDate})
				b.must(err)
				b.must(b.srv.Wait(t.Context()))
				if len(m.got) != tt.want {
					t.Errorf("%d posts, want %d", len(m.got), tt.want)
				}
				for _, token := range m.tokens {
					if token != m.tokens[0] || len(token) != 36 {
						t.Errorf("tokens differ between posts of one callback: %s", m.tokens)
					}
				}
				c := b.srv.Callbacks()[1]
				last := c.Attempts[len(c.Attempts)-1].Status
				if len(c.Attempts) != tt.want || last != tt.responses[tt.want-1] || c.Delivered() != (last < 300) {
					t.Errorf("recorded %+v", c.Attempts)
				}
			})
		})
	}
}

func TestSlowReceivers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fragment string
		want     time.Duration // until the server gives up
		posts    int64
	}{
		{"", 15 * time.Second, 1},
		{"rt=2000", 2 * time.Second, 1},
		{"rt=2000&rp=rt&rc=2", 6 * time.Second, 3},
		{"rt=2000&rp=rt&rc=5&tt=5000", 5 * time.Second, 3},
		{"rt=99&ct=junk", 15 * time.Second, 1},
	}
	for _, tt := range tests {
		t.Run(tt.fragment, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, noPostalCode)
				b.must(b.srv.Wait(t.Context()))
				var posts atomic.Int64
				b.must(b.srv.Handle("https://pay.example.com/", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					posts.Add(1)
					_ = r.ParseForm()
					<-r.Context().Done()
				})))
				start := time.Now()
				_, err := b.client.Update(t.Context(), b.call.SID, b.sid, payments.UpdateParams{
					StatusCallback: "https://pay.example.com/#" + tt.fragment, Capture: payments.CaptureExpirationDate})
				b.must(err)
				b.must(b.srv.Wait(t.Context()))
				if attempts := b.srv.Callbacks()[1].Attempts; len(attempts) != int(tt.posts) || attempts[0].Err == nil {
					t.Errorf("recorded %+v", attempts)
				}
				if took := time.Since(start); took != tt.want || posts.Load() != tt.posts {
					t.Errorf("%d posts in %v, want %d in %v", posts.Load(), took, tt.posts, tt.want)
				}
			})
		})
	}
}

func TestCallbacksStayOnTheMachine(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"https://pay.example.com/", "http://192.0.2.1/", "http://0.0.0.0:1/", "http://[2001:db8::1]/", "http://127.0.0.1.example.com/",
		"http://2130706433/", "/status", "ftp://127.0.0.1/", "http://127.0.0.1:1/",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			opts := []paymentstest.Option{}
			if strings.HasPrefix(url, "http://127.0.0.1:") {
				opts = append(opts, paymentstest.InMemory()) // which has no sockets
			}
			srv := paymentstest.NewServer(t, opts...)
			_, err := newClient(t, srv).Create(t.Context(), callSID, payments.CreateParams{StatusCallback: url}, payments.WithoutValidation())
			if err != nil {
				t.Fatal(err)
			}
			if err := srv.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			attempts := srv.Callbacks()[0].Attempts
			if len(attempts) != 1 || attempts[0].Err == nil || strings.Contains(attempts[0].Err.Error(), "dial") {
				t.Errorf("attempts %+v, want one that was not dialled", attempts)
			}
		})
	}
}

// TestCallbacksKeepTheirOrder presses the keys of many calls from many goroutines.
// The callbacks of a session are numbered and delivered in the order of their dates,
// which differ by a millisecond.
func TestCallbacksKeepTheirOrder(t *testing.T) {
	t.Parallel()
	const calls, digits = 8, 15
	srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithClock(paymentstest.NewManualClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))),
		paymentstest.WithDelivery(func(c paymentstest.Callback) paymentstest.Delivery {
			time.Sleep(time.Duration(c.Number%3) * 100 * time.Microsecond) // others may overtake it
			return paymentstest.Once()
		}))
	var mu sync.Mutex
	arrived := map[string][]string{}
	if err := srv.Handle("https://pay.example.com/", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if date := r.FormValue("DateUpdated"); date != "" {
			arrived[r.FormValue("Sid")] = append(arrived[r.FormValue("Sid")], date)
		}
	})); err != nil {
		t.Fatal(err)
	}
	client := newClient(t, srv)
	var all sync.WaitGroup
	for range calls {
		call := srv.NewCall()
		s, err := client.Create(t.Context(), call.SID, payments.CreateParams{StatusCallback: statusURL})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: payments.CapturePaymentCardNumber}); err != nil {
			t.Fatal(err)
		}
		for range digits {
			all.Go(func() { _ = call.Press("4") })
		}
	}
	all.Wait()
	if err := srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	made := map[string][]string{}
	for _, c := range srv.Callbacks() {
		if date := c.Event.Raw().Get("DateUpdated"); date != "" {
			made[c.Event.SID] = append(made[c.Event.SID], date)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(arrived) != calls {
		t.Errorf("callbacks of %d sessions arrived, want %d", len(arrived), calls)
	}
	for sid, dates := range made {
		if len(dates) != digits+1 || !slices.IsSorted(dates) {
			t.Errorf("session %s: callbacks are numbered in the order %q", sid, dates)
		}
		if diff := cmp.Diff(dates, arrived[sid]); diff != "" {
			t.Errorf("session %s (-made +delivered):\n%s", sid, diff)
		}
	}
}
