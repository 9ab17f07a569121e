package scenario_test

import (
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

// TestRunsLeaveNothingBehind: a hundred runs on one server leave no handler, fault or
// goroutine on it. It is not parallel, since it counts goroutines.
func TestRunsLeaveNothingBehind(t *testing.T) {
	sc, err := scenario.Parse("file", []byte(`{
		"steps": ["create", "capture expiration-date", "cancel"],
		"faults": {"requests": [{"operation": "cancel", "fault": "too-many-requests"}], "callbacks": [{"event": "started", "way": "twice"}]},
		"expect": {"results": ["transaction-cancelled"], "requests": {"cancel": 2}}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory())
		run := func() {
			t.Helper()
			if r, err := sc.Run(t.Context(), srv); err != nil || !r.Passed() {
				t.Fatalf("%v %s\nwant a pass", err, r)
			}
			synctest.Wait()
		}
		run() // the server starts its own goroutines at first use
		before := runtime.NumGoroutine()
		for range 100 {
			run()
		}
		leak.Goroutines(t, before+50) // one for each run would be 100
		for _, r := range srv.Requests() {
			if r.Operation != paymentstest.Create {
				continue
			}
			if _, err := srv.Send(t.Context(), paymentstest.HandMade{URL: r.Form.Get("StatusCallback")}); !errors.Is(err, paymentstest.ErrNotLocal) {
				t.Fatalf("a callback of request %d is still delivered: %v, want paymentstest.ErrNotLocal", r.Number, err)
			}
		}
		// The faults of the runs do not fire on another call.
		call := srv.NewCall()
		plain, err := scenario.Parse("file", []byte(`{"steps": ["create", "cancel"], "expect": {"requests": {"cancel": 1}, "delivered": {"started": 1}}}`))
		if err != nil {
			t.Fatal(err)
		}
		if r, err := plain.RunOn(t.Context(), srv, call); err != nil || !r.Passed() {
			t.Errorf("%v %s\nwant a pass", err, r)
		}
	})
}
