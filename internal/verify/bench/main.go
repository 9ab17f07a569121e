// Command bench compares this SDK with what its users would pick instead, in
// one process: every client makes the same call, in turn, several times over.
//
//	go run ./bench
//
// It writes results.txt in Go's benchmark format, for benchstat and the like,
// draws throughput.svg from it and prints tables of ratios.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/verify/bench/report"
)

func main() {
	out := flag.String("out", "bench", "directory of results.txt and throughput.svg")
	redraw := flag.Bool("redraw", false, "measure nothing: tables and chart of the results.txt there is")
	rounds := flag.Int("rounds", 80, "times everything is measured; 6 are needed for a spread")
	each := flag.Duration("each", 40*time.Millisecond, "time of one measurement; short ones, so that those of a round share the state of the machine")
	flag.Parse()
	if err := run(*out, *redraw, *rounds, *each); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(out string, redraw bool, rounds int, each time.Duration) error {
	text := filepath.Join(out, "results.txt")
	if !redraw {
		if err := measure(text, rounds, each); err != nil {
			return err
		}
	}
	f, err := os.Open(text)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	results, err := report.Read(f)
	if err != nil {
		return err
	}
	chart, err := os.Create(filepath.Join(out, "throughput.svg"))
	if err != nil {
		return err
	}
	if err := report.Chart(chart, results); err != nil {
		return err
	}
	if err := chart.Close(); err != nil {
		return err
	}
	return report.Tables(os.Stdout, results)
}
