package flow

import (
	"slices"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// apply folds a message into the flow. One that is not of this session, that
// came before, or that comes after the end, changes nothing; but success counts
// whenever it comes.
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
	if err != nil || e.SID != f.session.SID || f.isForeign(m, e) || f.knows(m.ID) {
		return
	}
	if f.end != nil && e.Result != callback.ResultSuccess {
		return
	}
	_ = f.state.Apply(e) // which cannot be of another session
	step := f.stepOf(m, e)
	f.latest = max(f.latest, step)
	switch {
	case e.Kind == callback.Completed:
		f.finishWith(end{event: e})
	case step > 0:
		f.heard[step] = true
		if e.Kind == callback.Updated && isFinal(e, f.askedAt(step, e)) {
			f.finals[step] = e
		}
	}
	if e.Kind != callback.Started || step <= 0 {
		f.show(e, step) // and not one that says nothing, such as after a cancel
	}
	f.wake()
}

// isForeign reports whether the callback belongs to a create that was refused
// because this session was open: another start on the call, or one of this
// session that was sent again. It names this session and is not about it.
func (f *Flow) isForeign(m Message, e callback.Event) bool {
	return e.ErrorType == callback.ErrorTypeSessionInProgress && m.Flow != "" && (m.Flow != f.seen.Flow || m.Step == 0)
}

// knows remembers a delivery and reports whether it was remembered before.
func (f *Flow) knows(id string) bool {
	if _, known := f.delivered[id]; known {
		return true
	}
	if len(f.delivered) < maxDelivered {
		f.delivered[id] = struct{}{}
	}
	return false
}

// untold is the step of a callback whose URL does not name it.
const untold = -1

// stepOf returns the step whose request a callback belongs to. Where the URL does
// not name it, it is the latest step if that asked for the same field.
func (f *Flow) stepOf(m Message, e callback.Event) int {
	switch {
	case m.Flow == f.seen.Flow:
		return m.Step
	case m.Flow != "":
		return untold
	case e.Capture != "" && e.Capture == f.seen.asking().Op.Capture:
		return f.seen.asking().Step
	}
	return untold
}

// askedAt returns the field that the step of a callback asked for.
func (f *Flow) askedAt(step int, e callback.Event) payments.Capture {
	if asking := f.seen.asking(); e.Capture == "" && step == asking.Step {
		return asking.Op.Capture
	}
	return e.Capture
}

// isFinal reports whether an update ends the entry of the asked field: it was
// refused, or it is there. An update that has neither digits nor an error while
// the field is still missing only says that the request was understood.
func isFinal(e callback.Event, asked payments.Capture) bool {
	switch {
	case e.ErrorType != "":
		return true
	case e.Partial():
		return false
	}
	return entered(e, asked) != "" || !slices.Contains(e.Missing(), asked)
}
