package paymentstest

import (
	"net/http"
	"time"
)

const writeTimeout = 30 * time.Second

// newHTTPServer is a server that no client can hold up: neither by a request
// that trickles in, nor by not reading, nor by staying away. The limits are wider
// than those of the Go client and of Twilio, which give up first.
func newHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ErrorLog: quietLog,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second,
		WriteTimeout: writeTimeout, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
}

// counters counts by key. With a limit it keeps to twice as many keys, and
// forgets those that were not seen for longest.
type counters[K comparable] struct {
	limit       int
	now, before map[K]int
}

func newCounters[K comparable](limit int) counters[K] {
	return counters[K]{limit: limit, now: map[K]int{}}
}

// add counts one more, and returns how many there were.
func (c *counters[K]) add(key K) int {
	n, known := c.now[key]
	if !known {
		n = c.before[key]
		if c.limit > 0 && len(c.now) >= c.limit {
			c.now, c.before = map[K]int{}, c.now
		}
	}
	c.now[key] = n + 1
	return n + 1
}
