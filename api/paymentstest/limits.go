package paymentstest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
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

// maxRequests is how many requests one session may take effect with, where
// [WithMaxSessions] bounds their number.
const maxRequests = 1000

// retire forgets an ended session when its turn comes.
func (s *Server) retire(sess *session) {
	if s.config.maxSessions > 0 {
		s.ended = append(s.ended, sess)
	}
}

// room makes place for one more session on a call that has none open. It forgets
// the sessions that ended first, and their calls. It reports false when all are
// open.
func (s *Server) room() bool {
	limit := s.config.maxSessions
	for limit > 0 && len(s.sessions) >= limit {
		if len(s.ended) == 0 {
			return false
		}
		s.forget(s.ended[0])
		s.ended[0], s.ended = nil, s.ended[1:]
	}
	return true
}

func (s *Server) forget(sess *session) {
	delete(s.sessions, sess.sid)
	for _, id := range sess.keys {
		delete(s.keys, id)
	}
	if sess.call.session == sess && s.calls[sess.call.SID] == sess.call {
		delete(s.calls, sess.call.SID)
		s.forgotten++
	}
}

// full is the answer to a create for which there is no room.
func (s *Server) full() answer {
	s.warn("simulation full", slog.Int("open sessions", s.config.maxSessions))
	return refuse(http.StatusServiceUnavailable, 20503,
		fmt.Sprintf("the simulation is full: %d payment sessions are open, which is its limit; complete or cancel some, or start it with a higher limit", s.config.maxSessions))
}

// shortKey stands for an idempotency key where it is kept for long: a key of up
// to 32 bytes itself, the digest of any other.
func shortKey(key string) string {
	if len(key) <= sha256.Size {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:]) // 64 characters, as no key has that stands for itself
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
