package main

import (
	"slices"
	"testing"
)

// Only -update replaces README's chart: a run on a busy machine must not.
func TestOnlyUpdateReplacesTheChart(t *testing.T) {
	t.Parallel()
	for update, want := range map[bool][]string{false: {"scratch/throughput.svg"}, true: {"scratch/throughput.svg", "cmd/bench/throughput.svg"}} {
		if got := charts("scratch", update); !slices.Equal(got, want) {
			t.Errorf("with -update %t: %q, want %q", update, got, want)
		}
	}
}
