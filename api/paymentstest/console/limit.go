package console

import (
	"net/http"
	"sync"
	"time"
)

// bucket is a token bucket: rate per second, with bursts of burst.
type bucket struct {
	mu     sync.Mutex
	rate   float64
	burst  float64
	tokens float64
	last   time.Time
}

func newBucket(rate, burst float64) *bucket {
	return &bucket{rate: rate, burst: burst, tokens: burst, last: time.Now()}
}

// take reports whether one more is allowed, and counts it.
func (b *bucket) take() bool { return b.count(1) }

// has reports whether one more is allowed, without counting it.
func (b *bucket) has() bool { return b.count(0) }

func (b *bucket) count(n float64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.tokens = min(b.burst, b.tokens+now.Sub(b.last).Seconds()*b.rate)
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens -= n
	return true
}

var tooFast = &failure{
	status: http.StatusTooManyRequests, Code: "too-fast", retry: 1,
	Message: "too many commands: wait a second and try again",
}

// The limits of a console; see the package documentation.
const (
	commandsPerSecond = 50
	commandsAtOnce    = 100
	wrongPerSecond    = 1 // wrong tokens
	wrongAtOnce       = 20
	defaultViewers    = 16
)
