package paymentstest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestManualClock(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := paymentstest.NewManualClock(start)
	var rang []string
	ring := func(name string) func() {
		return func() { rang = append(rang, name+"@"+clock.Now().Sub(start).String()) }
	}
	clock.AfterFunc(time.Minute, ring("minute"))
	clock.AfterFunc(30*time.Second, func() {
		ring("half")()
		clock.AfterFunc(10*time.Second, ring("chained"))
	})
	clock.AfterFunc(2*time.Minute, ring("later"))
	stop := clock.AfterFunc(time.Second, ring("stopped"))
	clock.AfterFunc(0, ring("now"))
	if !stop() || stop() {
		t.Error("a timer stops once")
	}
	for _, step := range []struct {
		by   time.Duration
		want string
	}{
		{-time.Hour, "now@0s"},
		{30*time.Second - 1, "now@0s"},
		{30*time.Second + 1, "now@0s half@30s chained@40s minute@1m0s"},
	} {
		clock.Advance(step.by)
		if got := strings.Join(rang, " "); got != step.want {
			t.Errorf("after another %v rang %s, want %s", step.by, got, step.want)
		}
	}
	if got := clock.Now(); !got.Equal(start.Add(time.Minute)) {
		t.Errorf("the clock shows %v", got)
	}
}

// TestTimeoutByManualClock tests the timeout for the next digit without a bubble and
// without waiting.
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
	all := srv.Callbacks()
	if got := all[len(all)-1].Event.ErrorType; len(all) != 4 || got != "input-timeout" {
		t.Errorf("%d callbacks, the last with error %q, want 4 and input-timeout", len(all), got)
	}
}
