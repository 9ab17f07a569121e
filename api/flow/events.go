package flow

import (
	"context"
	"iter"
)

// Events returns the progress of the session from its first callback, in order,
// each once: what has been overtaken when it arrives, late or again, is left
// out. It ends after the end of the session (a success that Twilio
// posts after another end is shown too), when the context is done, when the
// flow is closed, and when the bus forgets the session.
//
// Any number of loops may run at the same time; each gets all of it, at its own
// pace.
func (f *Flow) Events(ctx context.Context) iter.Seq[Progress] {
	return func(yield func(Progress) bool) {
		for next := 0; ; next++ {
			var p Progress
			var over bool
			if f.until(ctx, func() bool {
				if over = next == len(f.progress); !over {
					p = f.progress[next]
				}
				return !over || f.settled || f.end != nil && f.end.succeeded()
			}) != nil || over {
				return
			}
			if ctx.Err() != nil || !yield(p) {
				return
			}
		}
	}
}
