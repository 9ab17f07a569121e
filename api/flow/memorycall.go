package flow

import (
	"container/list"
	"slices"
	"time"
)

// memoryCall is what a [Memory] holds of one call. The bus's lock guards it.
type memoryCall struct {
	sid      string
	messages []numbered
	last     uint64 // number of the newest message
	sessions map[Session]*memorySession
	waiting  chan struct{} // closed when a message comes; nil when nobody waits
	ended    error         // why there will be no more; nil while there may be
	watchers int           // subscriptions that are not closed
	used     time.Time
	place    *list.Element // in Memory.open or Memory.over
	isOver   bool          // place is in Memory.over
}

// numbered is a message and its place among those of its call: numbers stay
// when other messages go.
type numbered struct {
	number uint64
	Message
}

// memorySession is one session of a call.
type memorySession struct {
	events   int
	over     bool
	record   []byte
	revision uint64
}

// after returns the first message of s with a number above n.
func (c *memoryCall) after(n uint64, s Session) (numbered, bool) {
	i, _ := slices.BinarySearchFunc(c.messages, n+1, func(m numbered, n uint64) int {
		switch {
		case m.number < n:
			return -1
		case m.number > n:
			return 1
		}
		return 0
	})
	for _, m := range c.messages[i:] {
		if s.Includes(m.Session) {
			return m, true
		}
	}
	return numbered{}, false
}

// has reports whether a delivery is there already.
func (c *memoryCall) has(m Message) bool {
	return slices.ContainsFunc(c.messages, func(old numbered) bool { return old.ID == m.ID && old.Session == m.Session })
}

// add appends a message and wakes who waits.
func (c *memoryCall) add(m Message) {
	c.last++
	c.messages = append(c.messages, numbered{c.last, m})
	c.wake()
}

// thin makes room among the events of a session that has too many: the oldest
// one that only told of a digit goes, of which the next tells more. It reports
// whether there was one.
func (c *memoryCall) thin(s Session) bool {
	for i, m := range c.messages {
		if m.Session == s && isDigit(m.Message) {
			c.messages = slices.Delete(c.messages, i, i+1)
			c.sessions[s].events--
			return true
		}
	}
	return false
}

func isDigit(m Message) bool {
	e, err := m.Event()
	return err == nil && e.Partial() && e.ErrorType == ""
}

// end ends all subscriptions.
func (c *memoryCall) end(err error) {
	c.ended = err
	c.wake()
}

func (c *memoryCall) wake() {
	if c.waiting != nil {
		close(c.waiting)
		c.waiting = nil
	}
}

// wait returns what is closed when something changes.
func (c *memoryCall) wait() <-chan struct{} {
	if c.waiting == nil {
		c.waiting = make(chan struct{})
	}
	return c.waiting
}

// settled reports whether all sessions of the call are over and nobody waits
// for another.
func (c *memoryCall) settled() bool {
	for _, s := range c.sessions {
		if !s.over {
			return false
		}
	}
	return c.watchers == 0
}
