package flow_test

import (
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/internal/load"
)

// TestTenThousandSessions runs them with lost answers, callbacks that come
// twice, late and out of order, refused cards, declines, cancels, callers who
// hang up, and machines that die in the middle of a capture.
func TestTenThousandSessions(t *testing.T) {
	bus := newMemory(t)
	counts := load.Run(t, load.Config{
		Sessions: 10_000, Workers: 500, Machines: []flow.Bus{bus, bus, bus}, Digits: 20, Patience: 2 * time.Second,
	})
	t.Log(counts)
	if counts.Lost != 0 || counts.Doubled != 0 || counts.Crossed != 0 || counts.Started != 10_000 {
		t.Error("want 10000 started, and none lost, doubled or crossed")
	}
}
