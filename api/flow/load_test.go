package flow_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/internal/load"
)

// TestManySessions runs ten thousand with lost responses, callbacks that arrive
// twice, late and out of order, refused cards, declines, cancels, callers who
// hang up, and machines that die in the middle of a capture. Time is simulated,
// so a busy machine causes no timeouts: every callback arrives within the
// patience, and an unreported step has lost one. The race detector makes the
// simulation ten times slower, so with it there are fewer sessions.
func TestManySessions(t *testing.T) {
	sessions := 10_000
	if raceDetector {
		sessions = 200
	}
	synctest.Test(t, func(t *testing.T) {
		bus := newMemory(t)
		counts := load.Run(t, load.Config{
			Sessions: sessions, Workers: 200, Machines: []flow.Bus{bus, bus, bus}, Digits: 20, Patience: time.Second,
		})
		counts.Check(t, sessions)
		if counts.Unreported != 0 {
			t.Errorf("%d unreported, want 0", counts.Unreported)
		}
	})
}
