package console_test

import (
	"errors"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

// TestCloseLeavesNothingBehind: a hundred consoles on one server leave no handler,
// fault or goroutine on it. It is not parallel, since it counts goroutines.
func TestCloseLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.AllowInvalidRequests())
		sink := paymentstest.HandMade{URL: "http://console.invalid/status"}
		use := func() {
			t.Helper()
			page, err := console.New(srv)
			if err != nil {
				t.Fatal(err)
			}
			srv.ServeOther(page)
			d := &desk{srv, page, srv.URL, srv.Client()}
			d.sample(t)
			d.must(t, "faults", `{"fault":"unavailable","times":0}`)
			d.must(t, "scenarios/happy-path/play", "{}") // Close ends it
			if a, err := srv.Send(t.Context(), sink); err != nil || a.Status != http.StatusNoContent {
				t.Fatalf("an open console does not receive callbacks: %+v, %v", a, err)
			}
			page.Close()
			synctest.Wait()
		}
		use() // the server starts its own goroutines at first use
		before := runtime.NumGoroutine()
		for range 100 {
			use()
		}
		leak.Goroutines(t, before+50) // one for each console would be 100
		if _, err := srv.Send(t.Context(), sink); !errors.Is(err, paymentstest.ErrNotLocal) {
			t.Errorf("a closed console receives callbacks: %v, want paymentstest.ErrNotLocal", err)
		}
		page, err := console.New(srv)
		if err != nil {
			t.Fatal(err)
		}
		defer page.Close()
		srv.ServeOther(page)
		d := &desk{srv, page, srv.URL, srv.Client()}
		d.sample(t) // no fault of a closed console fires
	})
}
