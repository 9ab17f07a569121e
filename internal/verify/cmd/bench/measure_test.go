package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/report"
)

var sink []byte

func TestMeasure(t *testing.T) {
	s := subject{"Allocate", func(n int) error {
		for range n {
			sink = make([]byte, 1<<10)
		}
		return nil
	}}
	values, n, err := s.measure()
	if err != nil || n == 0 {
		t.Fatal(n, err)
	}
	got := make(map[string]float64)
	for _, v := range values {
		got[v.Unit] = v.Value
	}
	if bytes := got[report.Bytes]; bytes < 1<<10 || bytes > 1<<10+64 {
		t.Errorf("%v bytes an operation, want 1024", bytes)
	}
	if allocs := got[report.Allocs]; allocs < 1 || allocs > 1.1 {
		t.Errorf("%v allocations an operation, want 1", allocs)
	}
	if product := got[report.Time] * got[report.Throughput]; product < 0.999 || product > 1.001 || got[report.CPU] <= 0 {
		t.Errorf("time, throughput and processor time do not match: %v", got)
	}
}

func TestMeasureReportsFailure(t *testing.T) {
	want := errors.New("no response")
	_, _, err := subject{"Fail", func(int) error { return want }}.measure()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// Every subject works, so a run of minutes does not end in an error.
func TestSuiteRuns(t *testing.T) {
	groups, closeAll, err := suite()
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll()
	seen := make(map[string]bool)
	for _, g := range groups {
		for _, s := range g {
			if seen[s.name] || strings.ContainsAny(s.name, " \t") {
				t.Errorf("name %q is used twice or has a space", s.name)
			}
			seen[s.name] = true
			if err := s.run(70); err != nil {
				t.Errorf("%s: %v", s.name, err)
			}
		}
	}
}
