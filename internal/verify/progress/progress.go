// Package progress reports how far a long run is and estimates how long it
// still takes.
package progress

import (
	"fmt"
	"time"
)

// Run is a run of steps of about the same length.
type Run struct {
	total, done int
	began       time.Time
	now         func() time.Time
}

// Start starts a run.
func Start(total int) *Run { return start(total, time.Now) }

func start(total int, now func() time.Time) *Run {
	return &Run{total: total, began: now(), now: now}
}

// Step counts a finished step and returns, for example, "[12/154] 6m left". The
// estimate assumes that the remaining steps take as long as the finished ones.
func (r *Run) Step() string {
	r.done++
	text := fmt.Sprintf("[%*d/%d]", len(fmt.Sprint(r.total)), r.done, r.total)
	left := r.now().Sub(r.began) * time.Duration(r.total-r.done) / time.Duration(r.done)
	switch {
	case r.done >= r.total:
		return text
	case left >= 10*time.Minute:
		return fmt.Sprintf("%s %.0fm left", text, left.Minutes())
	case left >= time.Minute:
		return fmt.Sprintf("%s %.0fm%02.0fs left", text, left.Truncate(time.Minute).Minutes(), (left % time.Minute).Truncate(time.Second).Seconds())
	}
	return fmt.Sprintf("%s %.0fs left", text, left.Seconds())
}
