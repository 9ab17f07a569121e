package flow

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// apply updates the flow from a message. It ignores messages of other sessions,
// repeated deliveries, and messages after the end that do not replace it: a
// success counts whenever it arrives.
func (f *Flow) apply(m Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.end != nil && f.end.succeeded() || !f.session.Includes(m.Session) {
		return
	}
	switch m.Note {
	case NoteCancelled:
		f.cancel()
		return
	case NoteSettled:
		f.settleBy(m)
		return
	}
	e, err := m.Event()
	if err != nil || e.SID != f.session.SID || f.isForeign(m, e) || f.delivered.seenBefore(m.ID) {
		return
	}
	if f.end != nil && (!f.end.yieldsTo(e) || f.settled && e.Result != callback.ResultSuccess) {
		return
	}
	_ = f.state.Apply(e) // it is of this session, so this cannot fail
	step := f.stepOf(m, e)
	f.latest = max(f.latest, step)
	switch {
	case e.Kind == callback.Completed:
		f.finishWith(end{event: e})
	case step > 0:
		if !slices.Contains(f.confirmed, step) {
			f.confirmed = append(f.confirmed, step)
		}
		if asked := f.askedAt(step, e); e.Kind == callback.Updated && isFinal(e, asked) {
			f.finishEntry(step, f.describe(e, asked))
		}
	}
	if e.Kind != callback.Started || step <= 0 {
		f.show(e, step) // a request acknowledged without a result, such as after a cancel, is not shown
	}
	f.wake()
}

// isForeign reports whether the callback belongs to a create that was refused
// because this session was open: another start on the call, or a retry of this
// session's own. It names this session but does not describe it.
func (f *Flow) isForeign(m Message, e callback.Event) bool {
	return e.ErrorType == callback.ErrorTypeSessionInProgress && m.Flow != "" && (m.Flow != f.seen.Flow || m.Step == 0)
}

// deliveries identifies the messages a session has received: digests of their
// IDs, sorted.
type deliveries [][16]byte

// maxDelivered bounds deliveries.
const maxDelivered = 10_000

// seenBefore reports whether a delivery is a repeat, and remembers it.
func (d *deliveries) seenBefore(id string) bool {
	sum := sha256.Sum256([]byte(id))
	digest := [16]byte(sum[:])
	i, known := slices.BinarySearchFunc(*d, digest, func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
	if !known && len(*d) < maxDelivered {
		*d = slices.Insert(withRoom(*d), i, digest)
	}
	return known
}

// withRoom returns list with room for one more element. Append would double it.
func withRoom[T any](list []T) []T {
	if n := len(list); n == cap(list) {
		grown := make([]T, n, n+max(4, n/4))
		copy(grown, list)
		return grown
	}
	return list
}

// final is how the entry of a capture ended.
type final struct {
	step  int
	entry *shown
}

// finishEntry records how an entry ended.
func (f *Flow) finishEntry(step int, p Progress) {
	entry := f.keepShown(p)
	for i := range f.finals {
		if f.finals[i].step == step {
			f.finals[i].entry = &entry
			return
		}
	}
	f.finals = append(f.finals, final{step, &entry})
}

// finalOf returns how the entry of a step ended, if it has ended.
func (f *Flow) finalOf(step int) (Progress, bool) {
	for _, done := range f.finals {
		if done.step == step {
			return done.entry.progress(0), true
		}
	}
	return Progress{}, false
}

// noStep is the step of a callback whose URL does not name one.
const noStep = -1

// stepOf returns the step whose request a callback belongs to. If the URL does
// not name it, that is the latest step if it asked for the same field.
func (f *Flow) stepOf(m Message, e callback.Event) int {
	switch {
	case m.Flow == f.seen.Flow:
		return m.Step
	case m.Flow != "":
		return noStep
	case e.Capture != "" && e.Capture == f.seen.asking().Op.Capture:
		return f.seen.asking().Step
	}
	return noStep
}

// askedAt returns the field that a callback's step asked for.
func (f *Flow) askedAt(step int, e callback.Event) payments.Capture {
	if asking := f.seen.asking(); e.Capture == "" && step == asking.Step {
		return asking.Op.Capture
	}
	return e.Capture
}

// isFinal reports whether an update ends the entry of the asked field: it was
// refused or captured. An update with neither digits nor an error, while the
// field is still missing, only confirms that the request was understood.
func isFinal(e callback.Event, asked payments.Capture) bool {
	switch {
	case e.ErrorType != "":
		return true
	case e.Partial():
		return false
	}
	return entered(e, asked) != "" || !slices.Contains(e.Missing(), asked)
}
