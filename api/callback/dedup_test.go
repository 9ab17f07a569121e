package callback_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

func TestRepeatedDeliveries(t *testing.T) {
	t.Parallel()
	other := "https://pay.example.com/status?order=43"
	at := func(rawURL string, f url.Values) *http.Request {
		return signedBy(rawURL, request(rawURL, formType, f.Encode()), f)
	}
	body := func(body string, f url.Values) *http.Request {
		return signedBy(statusURL, request(statusURL, formType, body), f)
	}
	two, three := session("A", "1", "B", "2"), session("A", "1", "Y", "1", "Z", "2")
	tests := map[string]struct {
		first, second *http.Request
		calls         int32
	}{
		"repeated":                    {signed(session()), signed(session()), 1},
		"repeated, same token":        {withKey(signed(session()), "k"), withKey(signed(session()), "k"), 1},
		"replayed, other token":       {withKey(signed(session()), "k"), withKey(signed(session()), "l"), 1},
		"replayed, no token":          {withKey(signed(session()), "k"), signed(session()), 1},
		"replayed, other order":       {signed(two), body("B=2&A=1&"+session().Encode(), two), 1},
		"replayed, pair twice":        {signed(two), body("A=1&"+two.Encode(), two), 1},
		"replayed, empty pairs":       {signed(two), body("=&"+two.Encode()+"&&=", two), 1},
		"replayed, other escapes":     {signed(two), body(strings.ReplaceAll(two.Encode(), "A=1", "%41=%31"), two), 1},
		"replayed, other port":        {signed(two), signedBy(statusURL, request("https://pay.example.com:443/status?order=42", formType, two.Encode()), two), 1},
		"old one, token of the next":  {withKey(signed(session()), "k"), withKey(signed(charged()), "k"), 2},
		"other form":                  {signed(session()), signed(charged()), 2},
		"other URL":                   {at(statusURL, charged()), at(other, charged()), 2},
		"other URL, same token":       {withKey(at(statusURL, charged()), "k"), withKey(at(other, charged()), "k"), 2},
		"same text, split elsewhere":  {body(session("A", "1", "Y", "1Z2").Encode(), three), signed(three), 2},
		"same text, longer URL":       {signedBy(statusURL, request(statusURL+"A1", formType, session("Y", "1", "Z", "2").Encode()), three), signed(three), 2},
		"form read before":            {parsed(signed(session())), signed(session()), 1},
		"other form, read before":     {parsed(signed(session())), parsed(signed(charged())), 2},
		"first one without signature": {without(signed(session()), "X-Twilio-Signature"), signed(session()), 1},
		"first one without a session": {withKey(signed(form("A", "1")), "k"), withKey(signed(session()), "k"), 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			h := newHandler(t, func(context.Context, callback.Event) error {
				calls.Add(1)
				return nil
			})
			serve(h, test.first)
			if w := serve(h, test.second); w.Code != 204 {
				t.Errorf("second delivery: %d, want 204", w.Code)
			}
			if calls.Load() != test.calls {
				t.Errorf("%d calls, want %d", calls.Load(), test.calls)
			}
		})
	}
}

func TestFailedDeliveryIsHandledAgain(t *testing.T) {
	t.Parallel()
	fail := []func() error{
		func() error { return errors.New("no") },
		func() error { panic("no") },
		func() error { return nil },
	}
	calls := 0
	h := newHandler(t, func(context.Context, callback.Event) error {
		calls++
		return fail[calls-1]()
	})
	for i, want := range []int{500, 500, 204, 204, 204} {
		if w := serve(h, withKey(signed(session()), "k")); w.Code != want {
			t.Errorf("delivery %d: %d, want %d", i+1, w.Code, want)
		}
	}
	if calls != 3 {
		t.Errorf("%d calls, want 3", calls)
	}
}

// TestConcurrentDeliveries: of deliveries that arrive together, one is handled. The
// others do not get 204 before it is handled.
func TestConcurrentDeliveries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan error)
		var calls atomic.Int32
		h := newHandler(t, func(context.Context, callback.Event) error {
			calls.Add(1)
			return <-release
		})
		first := make(chan int)
		go func() { first <- serve(h, withKey(signed(session()), "k")).Code }()
		synctest.Wait()
		for range 100 {
			if w := serve(h, withKey(signed(session()), "k")); w.Code != 503 || w.Body.Len() != 0 {
				t.Fatalf("response %d %q, want an empty 503", w.Code, w.Body)
			}
		}
		release <- nil
		if status := <-first; status != 204 || calls.Load() != 1 {
			t.Errorf("status %d (want 204) after %d calls, want 1", status, calls.Load())
		}
		if w := serve(h, withKey(signed(session()), "k")); w.Code != 204 || calls.Load() != 1 {
			t.Errorf("afterwards: %d (want 204) after %d calls, want 1", w.Code, calls.Load())
		}
	})
}

// TestDeduplicatorCalls checks the calls to a shared store.
func TestDeduplicatorCalls(t *testing.T) {
	t.Parallel()
	failing := errors.New("store down")
	tests := map[string]struct {
		claim    callback.ClaimState
		claimErr error
		result   error
		settle   error
		status   int
		settled  string
	}{
		"granted":            {claim: callback.ClaimGranted, status: 204, settled: "k fence true"},
		"granted, fails":     {claim: callback.ClaimGranted, result: failing, status: 500, settled: "k fence false"},
		"granted, unsettled": {claim: callback.ClaimGranted, settle: failing, status: 204, settled: "k fence true"},
		"running":            {claim: callback.ClaimRunning, status: 503},
		"handled":            {claim: callback.ClaimHandled, status: 204},
		"no state":           {status: 500},
		"down":               {claimErr: failing, status: 500},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &recorder{state: test.claim, claimErr: test.claimErr, settleErr: test.settle}
			calls := 0
			var log logBuffer
			h := newHandler(t, func(context.Context, callback.Event) error {
				calls++
				return test.result
			}, callback.WithDeduplicator(s), withLog(&log))
			if w := serve(h, withKey(signed(session()), "k")); w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if len(s.claimed) != 64 || s.settled != strings.Replace(test.settled, "k", s.claimed, 1) {
				t.Errorf("claimed %q, settled %q, want %q", s.claimed, s.settled, test.settled)
			}
			if granted := test.claim == callback.ClaimGranted; granted != (calls == 1) {
				t.Errorf("%d calls", calls)
			}
			if strings.Contains(log.String(), "store down") != (test.claimErr != nil || test.result != nil || test.settle != nil) {
				t.Errorf("log: %s", &log)
			}
		})
	}
}

// TestDeduplicatorKeys: a key is a short digest of what was signed, and the same as
// Event.DeliveryID.
func TestDeduplicatorKeys(t *testing.T) {
	t.Parallel()
	keys := make(map[string]bool)
	for _, r := range []*http.Request{
		signed(charged()), withKey(signed(charged()), strings.Repeat("k", 5000)), parsed(signed(charged())), signed(session()),
	} {
		s := &recorder{state: callback.ClaimGranted}
		serve(newHandler(t, func(_ context.Context, e callback.Event) error {
			if e.DeliveryID() != s.claimed || e.SignedURL() != statusURL {
				t.Errorf("delivery %q to %q (want %q), claimed as %q", e.DeliveryID(), e.SignedURL(), statusURL, s.claimed)
			}
			return nil
		}, callback.WithDeduplicator(s)), r)
		if b, err := hex.DecodeString(s.claimed); err != nil || len(b) != sha256.Size {
			t.Errorf("claimed %q", s.claimed)
		}
		keys[s.claimed] = true
	}
	if len(keys) != 2 {
		t.Errorf("%d keys for two deliveries, want 2", len(keys))
	}
	if e := parse(t, charged()); e.DeliveryID() != "" || e.SignedURL() != "" {
		t.Error("an event from Parse has a delivery ID or URL")
	}
}

// TestSettleHasItsOwnTimeout: a delivery's timeout does not shorten that of Settle.
func TestSettleHasItsOwnTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &recorder{state: callback.ClaimGranted}
		h := newHandler(t, func(ctx context.Context, _ callback.Event) error {
			<-ctx.Done()
			return ctx.Err()
		}, callback.WithDeduplicator(s))
		serve(h, signed(session()))
		synctest.Wait()
		if s.left != 5*time.Second {
			t.Errorf("settled with %s left, want 5 s", s.left)
		}
	})
}

func TestMemoryDeduplicatorForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, err := callback.NewMemoryDeduplicator(2, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		claim := func(key string) callback.ClaimState {
			c, err := d.Claim(t.Context(), key)
			if err != nil || c.Key != key {
				t.Errorf("claim %+v, error %v", c, err)
			}
			return c.State
		}
		settle := func(key string, handled bool) error {
			return d.Settle(t.Context(), callback.Claim{Key: key}, handled)
		}
		expect := func(key string, want callback.ClaimState) {
			t.Helper()
			if got := claim(key); got != want {
				t.Errorf("%s is %v, want %v", key, got, want)
			}
		}
		expect("a", callback.ClaimGranted)
		expect("a", callback.ClaimRunning)
		time.Sleep(100 * time.Hour)
		expect("a", callback.ClaimRunning) // as long as it takes
		if err := settle("a", true); err != nil {
			t.Error(err)
		}
		expect("a", callback.ClaimHandled)
		if settle("a", false) == nil {
			t.Error("a claim was settled twice")
		}
		expect("a", callback.ClaimHandled)
		time.Sleep(time.Hour - 1)
		expect("a", callback.ClaimHandled)
		time.Sleep(time.Nanosecond)
		expect("a", callback.ClaimGranted) // forgotten

		for _, key := range []string{"b", "c"} {
			expect(key, callback.ClaimGranted)
			_ = settle(key, true)
		}
		expect("d", callback.ClaimGranted)
		_ = settle("d", true) // one too many: the oldest is forgotten
		expect("b", callback.ClaimGranted)
		expect("c", callback.ClaimHandled)
		expect("d", callback.ClaimHandled)
		expect("a", callback.ClaimRunning) // what is running is never forgotten
		_ = settle("a", false)
		expect("a", callback.ClaimGranted)
		if settle("never claimed", true) == nil {
			t.Error("an unclaimed key was settled")
		}
	})
}

func TestMemoryDeduplicatorGrantsOnce(t *testing.T) {
	t.Parallel()
	d, err := callback.NewMemoryDeduplicator(10, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 20 {
		var granted atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if c, _ := d.Claim(t.Context(), fmt.Sprint(round)); c.State == callback.ClaimGranted {
					granted.Add(1)
				}
			})
		}
		all.Wait()
		if granted.Load() != 1 {
			t.Fatalf("granted %d times, want 1", granted.Load())
		}
	}
}

func TestNewMemoryDeduplicatorRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range []struct {
		capacity int
		memory   time.Duration
	}{{0, time.Hour}, {-1, time.Hour}, {1, 0}, {1, -1}} {
		if d, err := callback.NewMemoryDeduplicator(args.capacity, args.memory); err == nil || d != nil {
			t.Errorf("%+v is accepted", args)
		}
	}
}

// recorder is a store with preset results that records its calls.
type recorder struct {
	state               callback.ClaimState
	claimErr, settleErr error
	claimed, settled    string
	left                time.Duration
}

func (r *recorder) Claim(_ context.Context, key string) (callback.Claim, error) {
	r.claimed = key
	return callback.Claim{Key: key, State: r.state, Fence: "fence"}, r.claimErr
}

func (r *recorder) Settle(ctx context.Context, c callback.Claim, handled bool) error {
	deadline, _ := ctx.Deadline()
	r.left = time.Until(deadline)
	r.settled = fmt.Sprint(c.Key, " ", c.Fence, " ", handled)
	return errors.Join(r.settleErr, ctx.Err())
}

func parsed(r *http.Request) *http.Request {
	_ = r.ParseForm()
	return r
}
