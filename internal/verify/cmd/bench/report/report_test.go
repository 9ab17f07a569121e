package report_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/report"
)

// canned are results in which every client except twilio-go is faster by a
// factor. The machine halves its speed after each round, which must not change
// a ratio.
func canned(t *testing.T, rounds int) *report.Results {
	t.Helper()
	var b strings.Builder
	b.WriteString("date: 2026-01-02\ncpu: Abacus, 4 processors\ngo: 1.26\ntwilio-go: 1.31.0\ncommand: make bench\n\n")
	for round := range rounds {
		slow := float64(int(1) << round)
		line := func(name string, cost, allocs float64) {
			fmt.Fprintf(&b, "Benchmark%s 100 %g sec/op %g cpu-sec/op %g ops/sec %g B/op %g allocs/op\n",
				name, cost*slow, cost*slow, 1/(cost*slow), 100*allocs, allocs)
		}
		for _, c := range []struct {
			name         string
			cost, allocs float64
		}{{"twilio-go", 1, 111}, {"twilio-go-pooled", 0.9, 111}, {"oapi-codegen", 0.8, 100}, {"net-http", 0.4, 40}, {"generated", 0.48, 45}, {"twiliopay-go", 0.5, 51}} {
			line("Call/client="+c.name, c.cost, c.allocs)
			line("Request/client="+c.name, c.cost/20, c.allocs)
			line("Encode/client="+c.name, c.cost, c.allocs/50)
			line("Callback/client="+c.name, c.cost, c.allocs)
			line("Delivery/client="+c.name, 2*c.cost, c.allocs)
			line("Forgery/client="+c.name, c.cost, c.allocs)
			line("ForgeryOfEveryForm/client="+c.name, c.cost, c.allocs)
			for _, g := range report.Goroutines {
				line(fmt.Sprintf("Loopback/goroutines=%d/client=%s", g, c.name), c.cost/float64(g), c.allocs)
			}
		}
	}
	for i := 1; i <= 4; i++ {
		fmt.Fprintf(&b, "BenchmarkGrowthCalls/after=%d 20000 %d cpu-sec/op 51 allocs/op %d heap-B 20 goroutines 9 connections\n", i*20000, i, i*1e6)
	}
	r, err := report.Read(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTables(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := report.Tables(&b, canned(t, 8)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"`make bench`, 2026-01-02: Abacus, 4 processors, Go 1.26, twilio-go 1.31.0. Median and 95 % interval of 8 rounds.",
		"| a call: processor time | 1 | 0.80 ± 0% | 0.40 ± 0% | 0.50 ± 0% |",
		"| a call: allocations | 111 | 100 | 40 | 51 |",
		"| encoding its form: processor time | 1.25 ± 0% | 1 | 0.50 ± 0% | 0.62 ± 0% |",
		"| a status callback handled in full: processor time | 2.00 ± 0% | 1.60 ± 0% | 0.80 ± 0% | 1.00 ± 0% |",
		"| 8 goroutines | 1 | 1.11 ± 0% | 1.25 ± 0% | 2.50 ± 0% | 2.08 ± 0% | 2.00 ± 0% |",
		"| the request built, its form ready | 0.40 ± 0% | 0.48 ± 0% |",
		"| a call, 8 goroutines | 1 | 1.20 ± 0% |",
		"| calls over loopback, each on another call: 20,000 of 80,000 |  |  |",
		"| – processor time of one, halves | 1 | 2.33 |",
		"| – heap in use after garbage collection, MB | 1.00 | 4.00 |",
		"| allocations of a call | ≤ 55 | 51 | yes |",
		"| processor time of a call, to twilio-go | ≤ 0.55 | 0.50 ± 0% | yes |",
		"| throughput to twilio-go, 1 goroutine | ≥ 1.00 | 2.00 ± 0% | yes |", "| throughput to twilio-go, 32 goroutines | ≥ 1.00 | 2.00 ± 0% | yes |",
		"| throughput to the floor, 64 goroutines | ≥ 0.90 | 0.80 ± 0% | **no** |",
		"| – to the floor with the generated request and response, 64 goroutines | ≥ 0.90 | 0.96 ± 0% | yes |",
		"| a delivery, to one HMAC and url.ParseQuery | ≤ 3.00 | 2.50 ± 0% | yes |",
	} {
		if !strings.Contains(b.String(), want+"\n") {
			t.Errorf("no line %q", want)
		}
	}
	if t.Failed() {
		t.Log(b.String())
	}
}

// With fewer rounds than an interval needs, the spread is unknown.
func TestTooFewRounds(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := report.Tables(&b, canned(t, 3)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "0.50 ± ∞") {
		t.Errorf("three rounds give a spread:\n%s", b.String())
	}
}

func TestChart(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := report.Chart(&b, canned(t, 6)); err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal("the chart is not XML:", err)
		}
	}
	for _, want := range []string{"twilio-go<", "oapi-codegen's client<", "bare net/http<", "this SDK<", "goroutines<", ">64<"} {
		if !strings.Contains(strings.ReplaceAll(b.String(), "&#39;", "'"), want) {
			t.Errorf("the chart has no text %q", want)
		}
	}
}

func TestReadRefusesInvalidResults(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "date: today\n", "BenchmarkCall/client=x 10 fast sec/op\n"} {
		if _, err := report.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q is read as results, want an error", text)
		}
	}
	if err := report.Chart(io.Discard, new(report.Results)); err == nil {
		t.Error("a chart was drawn of nothing")
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	got := make(map[string]string)
	for _, c := range report.Environment() {
		got[c.Key] = string(c.Value)
	}
	if len(got) != 5 || !strings.Contains(got["cpu"], "processors") || len(got["date"]) != len("2026-01-02") || got["command"] == "" {
		t.Errorf("environment %v", got)
	}
}
