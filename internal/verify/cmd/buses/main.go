// Command buses compares the buses of package flow in one run: in one process,
// over one PostgreSQL server and over one NATS server, both on this machine and
// in processes of their own, with events encrypted and on disk.
//
//	go run ./cmd/buses
//
// It prints a table: steps a second with 100 concurrent sessions; the time from
// the arrival of a delivery to the return of the step that waits for it on
// another machine, for one session and for 100; and the memory of an open flow,
// with -open of them open. The buses take turns over several rounds; the table
// has medians.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/load"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

func main() {
	if serveNATS() {
		return
	}
	rounds := flag.Int("rounds", 3, "times everything is measured; the table has medians")
	steps := flag.Int("steps", 5_000, "steps measured with 100 concurrent sessions")
	single := flag.Int("single", 1_000, "steps measured with one session")
	open := flag.Int("open", 2_000, "open flows that are measured")
	flag.Parse()
	testing.Init() // now, so that -h lists only the flags above
	defer pgserver.CleanUp()
	if err := run(os.Stdout, *rounds, *steps, *single, *open); err != nil {
		fmt.Fprintln(os.Stderr, "buses:", err)
		pgserver.CleanUp()
		os.Exit(1)
	}
}

// run measures every bus in turn, for a number of rounds, and prints a row for
// each.
func run(w io.Writer, rounds, steps, single, open int) error {
	results := make([]map[string][]float64, len(buses))
	for i := range results {
		results[i] = make(map[string][]float64)
	}
	for range rounds {
		for i, bus := range buses {
			for _, m := range []struct {
				name  string
				n     int
				bench func(*testing.B)
			}{
				{"many", steps, func(b *testing.B) { load.BenchSteps(b, bus.machines(b, 2), 100) }},
				{"single", single, func(b *testing.B) { load.BenchSteps(b, bus.machines(b, 2), 1) }},
				{"open", open, func(b *testing.B) { load.BenchOpen(b, bus.machines(b, 1)) }},
			} {
				extra, err := measure(m.n, m.bench)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", bus.name, m.name, err)
				}
				for unit, value := range extra {
					results[i][m.name+" "+unit] = append(results[i][m.name+" "+unit], value)
				}
			}
		}
	}
	fmt.Fprintln(w, "| bus | steps/s, 100 sessions | delivery to waiter, 1 session: p50, p99 | 100 sessions: p50, p99 | bytes per open flow | goroutines per open flow |")
	fmt.Fprintln(w, "|---|---:|---:|---:|---:|---:|")
	for i, bus := range buses {
		r := results[i]
		fmt.Fprintf(w, "| %s | %.0f | %s, %s | %s, %s | %.0f | %.2f |\n", bus.name, median(r["many steps/s"]),
			millis(r["single p50-µs"]), millis(r["single p99-µs"]), millis(r["many p50-µs"]), millis(r["many p99-µs"]),
			median(r["open B/session"]), median(r["open goroutines/session"]))
	}
	return nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func millis(micros []float64) string { return fmt.Sprintf("%.2g ms", median(micros)/1000) }

// measure runs a benchmark with n iterations and returns its metrics.
func measure(n int, bench func(*testing.B)) (map[string]float64, error) {
	if err := flag.Set("test.benchtime", fmt.Sprintf("%dx", n)); err != nil {
		return nil, err
	}
	result := testing.Benchmark(bench)
	if result.N != n {
		return nil, fmt.Errorf("%d of %d iterations were run", result.N, n)
	}
	return result.Extra, nil
}
