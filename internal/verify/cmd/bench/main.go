// Command bench compares this SDK with its alternatives, in one process: every
// client makes the same call in turn, many times.
//
//	go run ./cmd/bench
//
// It writes results.txt in Go's benchmark format, for benchstat and the like,
// draws throughput.svg from it and prints tables of ratios. Both files are in a
// temporary directory, whose name it prints; with -update the chart also
// replaces the one in README.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/report"
)

func main() {
	out := flag.String("out", filepath.Join(os.TempDir(), "twiliopay-bench"), "directory of results.txt and throughput.svg")
	update := flag.Bool("update", false, "replace the chart in the repository, cmd/bench/throughput.svg, too")
	redraw := flag.Bool("redraw", false, "measure nothing: tables and chart of the results.txt there is")
	rounds := flag.Int("rounds", 80, "times everything is measured; 6 are needed for a spread")
	each := flag.Duration("each", 40*time.Millisecond, "time of one measurement; short ones, so that those of a round share the state of the machine")
	flag.Parse()
	if err := run(*out, charts(*out, *update), *redraw, *rounds, *each); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(out string, charts []string, redraw bool, rounds int, each time.Duration) error {
	text := filepath.Join(out, "results.txt")
	if !redraw {
		if err := os.MkdirAll(out, 0o755); err != nil {
			return err
		}
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
	for _, path := range charts {
		if err := draw(path, results); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "drawn: %s\n", path)
	}
	return report.Tables(os.Stdout, results)
}

// charts are the files to draw; the repository's is among them only with
// -update.
func charts(out string, update bool) []string {
	files := []string{filepath.Join(out, "throughput.svg")}
	if update {
		files = append(files, filepath.Join("cmd", "bench", "throughput.svg"))
	}
	return files
}

func draw(path string, results *report.Results) error {
	chart, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := report.Chart(chart, results); err != nil {
		return err
	}
	return chart.Close()
}
