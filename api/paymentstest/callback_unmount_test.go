package paymentstest_test

import (
	"errors"
	"net/http"
	"net/url"
	"runtime"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// status is a handler that responds with one status.
type status struct{ code int }

func (s *status) ServeHTTP(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(s.code) }

func TestUnmountedHandlerGetsNoMoreCallbacks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory())
		send := func() (int, error) {
			a, err := srv.Send(t.Context(), paymentstest.HandMade{URL: statusURL, Form: url.Values{"Sid": {"PK00000000000000000000000000000001"}}})
			return a.Status, err
		}
		wantStatus := func(want int) {
			t.Helper()
			if got, err := send(); got != want || err != nil {
				t.Errorf("status %d, %v; want %d", got, err, want)
			}
		}
		mount := func(h http.Handler) func() {
			t.Helper()
			unmount, err := srv.Mount("https://pay.example.com/", h)
			if err != nil {
				t.Fatal(err)
			}
			return unmount
		}

		first := mount(&status{http.StatusAccepted})
		wantStatus(http.StatusAccepted)

		entered, release := make(chan struct{}), make(chan struct{})
		second := mount(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(entered)
			<-release
			w.WriteHeader(http.StatusTeapot)
		}))
		slow := make(chan int)
		go func() {
			got, _ := send()
			slow <- got
		}()
		<-entered
		second()
		second()
		wantStatus(http.StatusAccepted)
		close(release)
		if got := <-slow; got != http.StatusTeapot {
			t.Errorf("the post in progress ended with %d, want %d", got, http.StatusTeapot)
		}

		first()
		if got, err := send(); got != 0 || !errors.Is(err, paymentstest.ErrNotLocal) {
			t.Errorf("without a handler: status %d, %v; want ErrNotLocal", got, err)
		}
	})
}

func TestUnmountReleasesTheHandler(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t)
	handler := &status{http.StatusOK}
	kept := weak.Make(handler)
	unmount, err := srv.Mount("https://pay.example.com/", handler)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := srv.Send(t.Context(), paymentstest.HandMade{URL: statusURL}); err != nil {
		t.Fatal(err)
	}
	handler = nil
	unmount()
	waitUntil(t, func() bool { // the connection closes on another goroutine
		runtime.GC()
		return kept.Value() == nil
	})
}

func TestUnmountFromTheHandlerAndAfterClose(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t)
	var unmount func()
	unmount, err := srv.Mount("https://pay.example.com/", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { unmount() }))
	if err != nil {
		t.Fatal(err)
	}
	later, err := srv.Mount("http://other.example.com/", http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	if a, err := srv.Send(t.Context(), paymentstest.HandMade{URL: statusURL}); a.Status != http.StatusOK || err != nil {
		t.Errorf("status %d, want %d; %v", a.Status, http.StatusOK, err)
	}
	srv.Close()
	unmount()
	later()
	if unmount, err := srv.Mount("pay.example.com", http.NotFoundHandler()); err == nil || unmount == nil {
		t.Errorf("Mount of no URL: %v", err)
	}
}
