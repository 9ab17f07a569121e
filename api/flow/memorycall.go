package flow

import (
	"cmp"
	"container/list"
	"slices"
	"time"
)

// memoryLine is what a [Memory] holds of one call SID. The bus's lock guards it
// and all below.
type memoryLine struct {
	sid     string
	parts   map[string]*memoryCall // by account; "" has those who subscribed to all
	last    uint64                 // number of the newest message
	waiting chan struct{}          // closed when a message comes; nil when nobody waits
}

// memoryCall is what an account has of a call.
type memoryCall struct {
	line     *memoryLine
	account  *memoryAccount
	messages []numbered
	sessions map[Session]*memorySession
	ended    error // why there will be no more; nil while there may be
	watchers int   // subscriptions that are not closed
	used     time.Time
	place    *list.Element // in the account's lists
	isOver   bool          // place is in the list of those that are over
}

// isForAll reports whether c stands for all accounts.
func (c *memoryCall) isForAll() bool { return c.account.sid == "" }

// numbered is a message and its place among those of its call: numbers stay
// when other messages go.
type numbered struct {
	number uint64
	Message
}

// memorySession is one session of a call.
type memorySession struct {
	name     Session
	flow     string // of the latest message
	events   int
	over     bool
	record   []byte
	revision uint64
}

// after returns the first message of s with a number above n.
func (c *memoryCall) after(n uint64, s Session) (first numbered, found bool) {
	if !c.isForAll() {
		return c.ownAfter(n, s)
	}
	for _, part := range c.line.parts {
		if m, ok := part.ownAfter(n, s); ok && (!found || m.number < first.number) {
			first, found = m, true
		}
	}
	return first, found
}

func (c *memoryCall) ownAfter(n uint64, s Session) (numbered, bool) {
	i, _ := slices.BinarySearchFunc(c.messages, n+1, func(m numbered, n uint64) int { return cmp.Compare(m.number, n) })
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
	c.line.last++
	c.messages = append(c.messages, numbered{c.line.last, m})
	c.line.wake()
}

// thin makes room among the events of a session that has too many: the oldest
// one that only shows a digit goes, because the next shows more. It reports
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

func (l *memoryLine) wake() {
	if l.waiting != nil {
		close(l.waiting)
		l.waiting = nil
	}
}

// wait returns what is closed when something changes.
func (l *memoryLine) wait() <-chan struct{} {
	if l.waiting == nil {
		l.waiting = make(chan struct{})
	}
	return l.waiting
}

// settled reports whether all sessions of the call are over and nobody waits
// for another.
func (c *memoryCall) settled() bool {
	for _, s := range c.sessions {
		if !s.over {
			return false
		}
	}
	all := c.line.parts[""]
	return c.watchers == 0 && (all == nil || all.watchers == 0)
}
