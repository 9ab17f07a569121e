package leak

import (
	"runtime"
	"testing"
	"time"
)

// Goroutines fails a test if more than limit goroutines run. Those that are about to
// end have ten seconds to do so. In a synctest bubble these pass at once, and the
// runtime counts its own goroutine while that runs a finalizer: a limit there needs
// room for a few.
func Goroutines(tb testing.TB, limit int) {
	tb.Helper()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > limit && time.Now().Before(deadline); {
		runtime.Gosched()
		time.Sleep(10 * time.Millisecond)
	}
	if now := runtime.NumGoroutine(); now > limit {
		tb.Errorf("%d goroutines run, want at most %d", now, limit)
	}
}
