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

// Where [WithMaxSessions] bounds the sessions, one may take effect with so many
// requests, and all together with so many for each: their keys are kept.
const (
	maxRequests    = 1000
	keysPerSession = 20
)

// retire forgets an ended session when its turn comes.
func (s *Server) retire(sess *session) {
	if s.config.maxSessions > 0 {
		s.ended = append(s.ended, sess)
	}
}

// room makes place for one more key and so many more sessions. It forgets the
// sessions that ended first, and their calls. It reports false when all are open.
func (s *Server) room(sessions int) bool {
	limit := s.config.maxSessions
	for limit > 0 && (len(s.sessions)+sessions > limit || len(s.keys) >= limit*keysPerSession) {
		if len(s.ended) == 0 {
			return false
		}
		s.forget(s.ended[0])
		s.ended[0], s.ended = nil, s.ended[1:]
	}
	return true
}

// exhausted refuses a capture for which there is no room. Complete and cancel,
// which make room, are never refused.
func (s *Server) exhausted(rec *Request) (answer, bool) {
	open := s.sessions[rec.SID]
	switch {
	case rec.Operation != Capture || s.config.maxSessions == 0 || open == nil:
		return answer{}, false
	case len(open.keys) >= maxRequests:
		return refuse(http.StatusTooManyRequests, 20429,
			fmt.Sprintf("the simulation takes %d requests for one payment session, and then complete or cancel", maxRequests)), true
	case !s.room(0):
		return s.full(), true
	}
	return answer{}, false
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

// full is the answer to a request for which there is no room.
func (s *Server) full() answer {
	s.warn("simulation full", slog.Int("sessions", len(s.sessions)), slog.Int("keys", len(s.keys)), slog.Int("limit", s.config.maxSessions))
	return refuse(http.StatusServiceUnavailable, 20503,
		fmt.Sprintf("the simulation is full: %d payment sessions are open, with %d idempotency keys; its limit is %d sessions, and %d keys for each; complete or cancel some, or start it with a higher limit",
			len(s.sessions), len(s.keys), s.config.maxSessions, keysPerSession))
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
