package paymentstest

import (
	"slices"
	"sync"
	"time"
)

// Clock is the server's time: the dates it writes, the expiry of cards, the gap
// between two digits, the delays of callbacks and faults. The default is the
// time of package time, which is exact inside a testing/synctest bubble.
type Clock interface {
	// Now returns the current moment.
	Now() time.Time
	// AfterFunc calls f once when d has passed, but not from within AfterFunc:
	// the server holds a lock then. The returned function cancels the call and
	// reports whether it was in time.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}

// ManualClock is a [Clock] that moves only by [ManualClock.Advance]. Use it for tests
// about time in which testing/synctest does not fit.
type ManualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*manualTimer
}

type manualTimer struct {
	at time.Time
	f  func()
}

// NewManualClock returns a clock that shows start.
func NewManualClock(start time.Time) *ManualClock { return &ManualClock{now: start} }

// Now returns the time that the clock shows.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc calls f when [ManualClock.Advance] has moved the clock by d.
func (c *ManualClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	t := &manualTimer{at: c.now.Add(d), f: f}
	c.timers = append(c.timers, t)
	c.mu.Unlock()
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		i := slices.Index(c.timers, t)
		if i >= 0 {
			c.timers = slices.Delete(c.timers, i, i+1)
		}
		return i >= 0
	}
}

// Advance moves the clock by d and calls the functions that become due, in order of
// time, each while the clock shows its time. When Advance returns, all of them have
// returned. A negative d does nothing.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(max(d, 0))
	for {
		next := c.next(end)
		if next == nil {
			break
		}
		if next.at.After(c.now) {
			c.now = next.at
		}
		c.mu.Unlock()
		next.f()
		c.mu.Lock()
	}
	c.now = end
	c.mu.Unlock()
}

// next takes the first timer that is due by end, nil for none.
func (c *ManualClock) next(end time.Time) *manualTimer {
	first := -1
	for i, t := range c.timers {
		if !t.at.After(end) && (first < 0 || t.at.Before(c.timers[first].at)) {
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	t := c.timers[first]
	c.timers = slices.Delete(c.timers, first, first+1)
	return t
}
