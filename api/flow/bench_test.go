package flow_test

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/internal/load"
)

// Packages natsbus and pgbus run the same benchmarks.

func BenchmarkSteps(b *testing.B) {
	bus := newMemory(b)
	load.BenchSteps(b, []flow.Bus{bus}, 100)
}

func BenchmarkStepAlone(b *testing.B) {
	bus := newMemory(b)
	load.BenchSteps(b, []flow.Bus{bus}, 1)
}

func BenchmarkOpenSession(b *testing.B) {
	bus := newMemory(b)
	load.BenchOpen(b, []flow.Bus{bus})
}
