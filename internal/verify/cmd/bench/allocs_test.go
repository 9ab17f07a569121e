//go:build !race

// The race detector allocates memory itself, so these counts hold only without
// it.

package main

import (
	"net/http"
	"runtime"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/clients"
	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/report"
)

func TestAllocationsOfACall(t *testing.T) {
	call, err := freshCalls(payments.WithHTTPClient(&http.Client{Transport: clients.Transport{ToAny: true}}))
	if err != nil {
		t.Fatal(err)
	}
	client, err := clients.NewOurs(payments.WithHTTPClient(&http.Client{Transport: clients.Transport{}}))
	if err != nil {
		t.Fatal(err)
	}
	allocs, bytes := cost(t, 2000, func() error { return client.Create(t.Context()) })
	t.Logf("%d allocations, %d bytes", allocs, bytes)
	if allocs > report.MaxCallAllocs || bytes > report.MaxCallBytes {
		t.Errorf("a call makes %d allocations of %d bytes, want at most %d of %d",
			allocs, bytes, report.MaxCallAllocs, report.MaxCallBytes)
	}

	// Allocations stay the same after ten thousand calls, each on another call
	// SID. The first few are skipped: Go formats small numbers without
	// allocating.
	if err := repeat(clients.Client{Create: call}, 1000); err != nil {
		t.Fatal(err)
	}
	early, earlyBytes := cost(t, 2000, func() error { return call(t.Context()) })
	if err := repeat(clients.Client{Create: call}, 10_000); err != nil {
		t.Fatal(err)
	}
	late, lateBytes := cost(t, 2000, func() error { return call(t.Context()) })
	if late > early || lateBytes > earlyBytes+16 {
		t.Errorf("a call grew from %d allocations of %d bytes to %d of %d", early, earlyBytes, late, lateBytes)
	}
}

func TestAllocationsOfEncoding(t *testing.T) {
	params := clients.Params()
	allocs, _ := cost(t, 2000, func() error { _, err := encode(&params); return err })
	if allocs > report.MaxEncodeAllocs {
		t.Errorf("encoding makes %d allocations, want at most %d", allocs, report.MaxEncodeAllocs)
	}
}

func TestAllocationsOfACallback(t *testing.T) {
	verified, err := understand()
	if err != nil {
		t.Fatal(err)
	}
	allocs, bytes := cost(t, 2000, func() error { return verified(1) })
	t.Logf("%d allocations, %d bytes", allocs, bytes)
	if allocs > report.MaxCallbackAllocs || bytes > report.MaxCallbackBytes {
		t.Errorf("verifying and parsing a callback makes %d allocations of %d bytes, want at most %d of %d",
			allocs, bytes, report.MaxCallbackAllocs, report.MaxCallbackBytes)
	}
}

// After two hundred thousand calls, each on another call SID, no more memory is
// in use.
func TestMemoryStaysFlat(t *testing.T) {
	call, err := freshCalls(payments.WithHTTPClient(&http.Client{Transport: clients.Transport{ToAny: true}}))
	if err != nil {
		t.Fatal(err)
	}
	if err := spread(growthBlock, growthGoroutines, call); err != nil {
		t.Fatal(err)
	}
	before := heap()
	if err := spread(growthCalls, growthGoroutines, call); err != nil {
		t.Fatal(err)
	}
	if after := heap(); after > before+64<<10 {
		t.Errorf("%d bytes in use after %d calls, %d after %d", after, growthBlock+growthCalls, before, growthBlock)
	}
}

// The same for deliveries, once a handler's memory of deliveries is full.
func TestMemoryOfDeliveriesStaysFlat(t *testing.T) {
	deliver, err := freshDeliveries()
	if err != nil {
		t.Fatal(err)
	}
	if err := deliver(growthBlock); err != nil {
		t.Fatal(err)
	}
	before := heap()
	if err := deliver(3 * growthBlock); err != nil {
		t.Fatal(err)
	}
	if after := heap(); after > before+before/4 {
		t.Errorf("%d bytes in use after %d deliveries, %d after %d", after, 4*growthBlock, before, growthBlock)
	}
}

// cost is what one call of f allocates, the mean of n rounded down.
func cost(t *testing.T, n uint64, f func() error) (allocs, bytes uint64) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if err := f(); err != nil { // allocates what is kept
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	return (after.Mallocs - before.Mallocs) / n, (after.TotalAlloc - before.TotalAlloc) / n
}
