package flow_test

import (
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/internal/load"
)

// TestManySessions runs ten thousand with lost answers, callbacks that come
// twice, late and out of order, refused cards, declines, cancels, callers who
// hang up, and machines that die in the middle of a capture. The race detector
// makes the simulation ten times slower, so that under it there are fewer.
func TestManySessions(t *testing.T) {
	sessions := 10_000
	if raceDetector {
		sessions = 1_500
	}
	bus := newMemory(t)
	counts := load.Run(t, load.Config{
		Sessions: sessions, Workers: 200, Machines: []flow.Bus{bus, bus, bus}, Digits: 20, Patience: 8 * time.Second,
	})
	t.Log(counts)
	if counts.Lost != 0 || counts.Doubled != 0 || counts.Crossed != 0 || counts.Started != sessions {
		t.Errorf("want %d started, and none lost, doubled or crossed", sessions)
	}
}
