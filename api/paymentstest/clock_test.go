package paymentstest_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestManualClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		clock := paymentstest.NewManualClock(start)
		var mu sync.Mutex
		var rang []string
		ring := func(name string) func() {
			return func() {
				mu.Lock()
				defer mu.Unlock()
				rang = append(rang, name)
			}
		}
		clock.AfterFunc(time.Minute, ring("minute"))
		stop := clock.AfterFunc(time.Second, ring("stopped"))
		clock.AfterFunc(0, ring("now"))
		synctest.Wait()
		if len(rang) != 1 || rang[0] != "now" {
			t.Errorf("rang %s, want now", rang)
		}
		if !stop() || stop() {
			t.Error("a timer stops once")
		}
		clock.Advance(time.Minute - 1)
		clock.Advance(-time.Hour)
		synctest.Wait()
		if len(rang) != 1 {
			t.Errorf("rang early: %s", rang)
		}
		clock.Advance(1)
		synctest.Wait()
		if len(rang) != 2 || rang[1] != "minute" {
			t.Errorf("rang %s, want now and minute", rang)
		}
		if got := clock.Now(); !got.Equal(start.Add(time.Minute)) {
			t.Errorf("the clock shows %v", got)
		}
	})
}

// TestTimeoutByManualClock shows the timeout for the next digit without a
// bubble and without waiting.
func TestTimeoutByManualClock(t *testing.T) {
	t.Parallel()
	clock := paymentstest.NewManualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	srv := paymentstest.NewServer(t, paymentstest.WithClock(clock))
	client, call := newClient(t, srv), srv.NewCall()
	s, err := client.Create(t.Context(), call.SID, payments.CreateParams{StatusCallback: statusURL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: payments.CapturePostalCode}); err != nil {
		t.Fatal(err)
	}
	if err := call.Press("9"); err != nil {
		t.Fatal(err)
	}
	clock.Advance(5 * time.Second)
	waitUntil(t, func() bool { return len(srv.Callbacks()) == 4 })
	if got := srv.Callbacks()[3].Event.ErrorType; got != "input-timeout" {
		t.Errorf("error %q, want input-timeout", got)
	}
}
