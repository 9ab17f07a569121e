package main

import (
	"flag"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/report"
	"github.com/twiliopay/twiliopay-go/internal/verify/progress"
)

// subject is one measured operation.
type subject struct {
	name string // as in Call/client=twilio-go
	run  func(n int) error
}

// group is a set of subjects that are compared with each other.
type group []subject

// measure runs every subject in every round and writes the results to a file.
// Subjects of one group run one after the other, and each round starts with
// another one, so that other load on the machine affects all of them alike.
func measure(path string, rounds int, each time.Duration) (err error) {
	testing.Init()
	if err := flag.Set("test.benchtime", each.String()); err != nil {
		return err
	}
	groups, closeAll, err := suite()
	if err != nil {
		return err
	}
	defer closeAll()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	w, config := benchfmt.NewWriter(f), report.Environment()
	fmt.Fprintf(os.Stderr, "measuring how cost grows, then %d rounds\n", rounds)
	if err := growth(w, config); err != nil { // first, before other clients open connections
		return err
	}
	steps := progress.Start(rounds)
	for round := range rounds {
		for _, g := range groups {
			for i := range g {
				s := g[(i+round)%len(g)]
				values, n, err := s.measure()
				if err != nil {
					return fmt.Errorf("%s: %w", s.name, err)
				}
				if err := w.Write(&benchfmt.Result{Config: config, Name: benchfmt.Name(s.name), Iters: n, Values: values}); err != nil {
					return err
				}
			}
		}
		fmt.Fprintf(os.Stderr, "rounds measured: %s\n", steps.Step())
	}
	return nil
}

// measure runs a subject as the testing package runs a benchmark, and also
// measures processor time, which is more reliable than wall time on a shared
// machine.
func (s subject) measure() ([]benchfmt.Value, int, error) {
	var failed error
	var cpu time.Duration
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		start := processorTime()
		if err := s.run(b.N); err != nil {
			failed = err
			b.FailNow()
		}
		cpu = processorTime() - start
	})
	if failed != nil || r.N == 0 {
		return nil, 0, fmt.Errorf("failed: %w", failed)
	}
	n := float64(r.N)
	return []benchfmt.Value{
		{Value: r.T.Seconds() / n, Unit: report.Time},
		{Value: cpu.Seconds() / n, Unit: report.CPU},
		{Value: n / r.T.Seconds(), Unit: report.Throughput},
		{Value: float64(r.MemBytes) / n, Unit: report.Bytes},
		{Value: float64(r.MemAllocs) / n, Unit: report.Allocs},
	}, r.N, nil
}

// processorTime is what this process has used so far, garbage collection
// included.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // the arguments are constants
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
