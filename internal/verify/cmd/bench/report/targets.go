package report

import (
	"fmt"

	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/clients"
)

// targets compares what this SDK promises with what was measured.
func targets(r *Results) string {
	t := newTable("target", "limit", "measured", "met")
	ours := "/client=" + clients.Ours
	count := func(title, subject, unit string, limit float64) {
		values := r.of(subject, unit)
		if len(values) == 0 {
			return
		}
		got := median(values).Center
		t.add(title, fmt.Sprintf("≤ %.0f", limit), fmt.Sprintf("%.0f", got), yes(got <= limit))
	}
	most := func(title, of, to, unit string, limit float64) {
		if got, ok := r.ratio(of, to, unit); ok {
			t.add(title, fmt.Sprintf("≤ %.2f", limit), format(got), yes(got.Center <= limit))
		}
	}
	least := func(title, of, to, unit string, limit float64) {
		if got, ok := r.ratio(of, to, unit); ok {
			t.add(title, fmt.Sprintf("≥ %.2f", limit), format(got), yes(got.Center >= limit))
		}
	}
	count("allocations of a call", "Call"+ours, Allocs, MaxCallAllocs)
	count("bytes of a call", "Call"+ours, Bytes, MaxCallBytes)
	most("processor time of a call, to twilio-go", "Call"+ours, "Call/client="+clients.Official, CPU, 0.55)
	count("allocations of encoding", "Encode"+ours, Allocs, MaxEncodeAllocs)
	most("time of encoding, to runtime.MarshalForm and Encode", "Encode"+ours, "Encode/client="+clients.Bare, CPU, 0.2)
	for _, g := range Goroutines {
		least("throughput to twilio-go, "+plural(g, "goroutine"), loopback(g)+ours, loopback(g)+"/client="+clients.Official, Throughput, 1)
	}
	for _, g := range []int{1, 8, 64} {
		at := ", " + plural(g, "goroutine")
		least("throughput to the floor"+at, loopback(g)+ours, loopback(g)+"/client="+clients.Floor, Throughput, 0.9)
		least("– to the floor with the generated request and response"+at, loopback(g)+ours, loopback(g)+"/client="+clients.Generated, Throughput, 0.9)
	}
	count("allocations of verify and parse", "Callback"+ours, Allocs, MaxCallbackAllocs)
	count("bytes of verify and parse", "Callback"+ours, Bytes, MaxCallbackBytes)
	most("verify and parse, to twilio-go's ValidateBody", "Callback"+ours, "Callback/client="+clients.Official, CPU, 0.35)
	most("a forgery refused, to twilio-go's ValidateBody", "Forgery"+ours, "Forgery/client="+clients.Official, CPU, 1)
	most("– when the URL has as many forms as any", "ForgeryOfEveryForm"+ours, "ForgeryOfEveryForm/client="+clients.Official, CPU, 1)
	most("a delivery, to one HMAC and url.ParseQuery", "Delivery"+ours, "Callback/client="+clients.Floor, CPU, 3)
	return t.String()
}

// Limits that tests check too: they do not depend on the machine.
const (
	MaxCallAllocs   = 55
	MaxCallBytes    = 6000
	MaxEncodeAllocs = 4

	MaxCallbackAllocs = 25
	MaxCallbackBytes  = 6200
)

func yes(met bool) string {
	if met {
		return "yes"
	}
	return "**no**"
}
