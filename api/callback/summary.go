package callback

import "slices"

// SessionSID returns the SID of the session, "" before the first event.
func (s State) SessionSID() string { return s.r.SID }

// Captured returns, sorted, what the caller has entered and Twilio has taken.
func (s State) Captured() []Capture {
	var captured []Capture
	for _, c := range s.r.Known {
		if s.r.captured(c) {
			captured = append(captured, c)
		}
	}
	return captured
}

// Missing returns what the session still needs before it can complete, in the
// order Twilio gave. It is nil before the first update and after success.
func (s State) Missing() []Capture {
	if s.r.Needed == nil || s.Succeeded() {
		return nil
	}
	return slices.Clone(s.r.Needed.Missing)
}

// CanComplete reports whether the session is ready for Status "complete": it
// has no result, its latest entry was taken, and nothing is missing.
func (s State) CanComplete() bool {
	r := &s.r
	return r.Ending == nil && r.Latest != nil && r.Latest.At.Stage == taken && r.Needed != nil && len(r.Needed.Missing) == 0
}

// LastError returns the latest entry error that still stands, and the capture
// it is about; both are empty when there is none. An error stands until its
// field is captured or the session succeeds; one that names no field, until the
// next update.
func (s State) LastError() (ErrorType, Capture) {
	var last entry
	for c, en := range s.r.Entries {
		stands := en.Error != "" && !s.r.captured(c)
		if c == "" && s.r.Latest != nil && en.At.compare(s.r.Latest.At) < 0 {
			stands = false
		}
		if stands && (last.Error == "" || en.At.compare(last.At) > 0) {
			last = en
		}
	}
	return last.Error, last.Capture
}

// Completed reports whether the session has a result, good or bad.
func (s State) Completed() bool { return s.r.Ending != nil }

// Result returns how the session ended, "" while it has not.
func (s State) Result() Result {
	if s.r.Ending == nil {
		return ""
	}
	return s.r.Ending.Result
}

// Succeeded reports whether the charge was made or the token returned.
func (s State) Succeeded() bool { return s.r.Ending != nil && s.r.Ending.Success }

// Err returns a *[PaymentError] when the session ended without success, and nil
// otherwise. Unlike that of [Event.Err] it has no text of the gateway.
func (s State) Err() error {
	if s.r.Ending == nil || s.r.Ending.Success {
		return nil
	}
	return &PaymentError{SessionSID: s.r.SID, Result: s.r.Ending.Result, Code: s.r.Ending.Code}
}

// captured reports whether c, which is known, is captured: it is not on the
// latest list of what is missing, and no error came after that list.
func (r *record) captured(c Capture) bool {
	if r.Ending != nil && r.Ending.Success {
		return true
	}
	if r.Needed == nil || slices.Contains(r.Needed.Missing, c) {
		return false
	}
	en, ok := r.Entries[c]
	return !ok || en.Error == "" || en.At.compare(r.Needed.At) < 0
}
