package callback

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/generated"
)

// ErrOtherSession is the error of [State.Apply] for an event of a session other
// than the one the state is of.
var ErrOtherSession = errors.New("callback: event is of another payment session")

// State is what is known of one payment session after any number of its events,
// which may come twice, late and out of order: the same events give the same
// state whatever the order. The zero State knows nothing; the first event says
// which session it is of.
//
// Twilio numbers no events. What is assumed is this:
//
//   - The later DateUpdated is the later event. Where dates are equal or absent,
//     a session is taken to move forward: a finished entry follows the same
//     entry while digits arrive, success follows failure, and a shorter Required
//     follows a longer one. That a field is asked for again is therefore only
//     seen when events have dates.
//   - A result is final: no update, however late or however dated, undoes it.
//     Should there be several results, success counts before all others, because
//     money has moved; then the latest; and then the text.
//   - The latest list of missing fields is right. What was ever missing or
//     entered and is not on it, is captured.
//
// A State holds no card data, token or confirmation code; those are in the
// [Event] that brought them. As JSON it is complete and can be stored and read
// back, so that any machine can go on with it. Copies are independent. A State
// is not safe for use by several goroutines at once.
type State struct{ r record }

// record is a State as it is stored. Every member only ever grows or gives way
// to something later, and what it points to is never changed.
type record struct {
	AccountSID string            `json:"account,omitempty"`
	SID        string            `json:"session,omitempty"`
	Known      []Capture         `json:"known,omitempty"`  // ever missing or taken, sorted
	Needed     *needed           `json:"needed,omitempty"` // the latest update that said what is missing
	Latest     *entry            `json:"latest,omitempty"` // the latest update
	Entries    map[Capture]entry `json:"entries,omitempty"`
	Ending     *ending           `json:"ending,omitempty"`
}

// needed is what an update said is missing.
type needed struct {
	At      moment    `json:"at"`
	Missing []Capture `json:"missing"`
}

// entry is what an update said about one capture.
type entry struct {
	At      moment    `json:"at"`
	Capture Capture   `json:"capture,omitempty"`
	Error   ErrorType `json:"error,omitempty"`
}

// Apply folds e into the state. An event that has been applied before, or that
// is older than what is known, changes nothing. The only error is
// [ErrOtherSession], for an event with another SID or account, or without a
// SID; the state is then as it was.
func (s *State) Apply(e Event) error {
	sid, account := storable(e.SID), storable(e.AccountSID)
	if sid == "" || s.r.SID != "" && s.r.SID != sid {
		return ErrOtherSession
	}
	if s.r.AccountSID != "" && account != "" && s.r.AccountSID != account {
		return ErrOtherSession
	}
	s.r.SID = sid
	if account != "" {
		s.r.AccountSID = account
	}
	switch e.Kind {
	case Updated:
		s.r.update(e)
	case Completed:
		s.r.end(e)
	}
	return nil
}

func (r *record) update(e Event) {
	en := entry{At: momentOf(e), Capture: storable(e.Capture), Error: storable(e.ErrorType)}
	if r.Latest == nil || en.At.compare(r.Latest.At) > 0 {
		r.Latest = &en
	}
	if old, ok := r.Entries[en.Capture]; en.At.Stage != entering && (!ok || en.At.compare(old.At) > 0) {
		entries := maps.Clone(r.Entries)
		if entries == nil {
			entries = make(map[Capture]entry)
		}
		entries[en.Capture] = en
		r.Entries = entries
	}
	if en.At.Stage == taken && en.Capture != "" {
		r.Known = with(r.Known, en.Capture)
	}
	missing := e.Missing()
	for i, c := range missing {
		missing[i] = storable(c)
		r.Known = with(r.Known, missing[i])
	}
	// A finished entry without Required says, like an empty one, that nothing
	// is missing. Without Required, others say nothing about it.
	if e.mentions("Required") || en.At.Stage == taken {
		if r.Needed == nil || en.At.compare(r.Needed.At) > 0 {
			r.Needed = &needed{At: en.At, Missing: missing}
		}
	}
}

// storable returns s as it is after it was stored as JSON, which holds no
// broken UTF-8: a state must not depend on when it was stored.
func storable[T ~string](s T) T { return T(strings.ToValidUTF8(string(s), "\uFFFD")) }

// MarshalJSON writes the whole state, to be stored.
func (s State) MarshalJSON() ([]byte, error) { return json.Marshal(s.r) }

// UnmarshalJSON reads a state that MarshalJSON wrote.
func (s *State) UnmarshalJSON(data []byte) error {
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	s.r = r
	return nil
}

// ending is the result of a session.
type ending struct {
	Date    time.Time `json:"date,omitzero"`
	Success bool      `json:"success"`
	Result  Result    `json:"result"`
	Code    int       `json:"code,omitempty"`
}

func (e ending) compare(f ending) int {
	switch {
	case e.Success && !f.Success:
		return 1
	case f.Success && !e.Success:
		return -1
	}
	return cmp.Or(
		e.Date.Compare(f.Date),
		strings.Compare(string(e.Result), string(f.Result)),
		cmp.Compare(e.Code, f.Code),
	)
}

func (r *record) end(e Event) {
	end := ending{Date: e.DateUpdated.UTC(), Success: e.Succeeded(), Result: storable(e.Result)}
	if failure, ok := errors.AsType[*PaymentError](e.Err()); ok {
		end.Code = failure.Code
	}
	if r.Ending == nil || end.compare(*r.Ending) > 0 {
		r.Ending = &end
	}
	if !end.Success {
		return
	}
	// What was paid with was captured, even if no update said so.
	for c, value := range map[Capture]string{
		generated.CapturePaymentCardNumber: e.PaymentCardNumber.Reveal(),
		generated.CaptureExpirationDate:    e.ExpirationDate.Reveal(),
		generated.CaptureSecurityCode:      e.SecurityCode.Reveal(),
		generated.CapturePostalCode:        e.PaymentCardPostalCode.Reveal(),
		generated.CaptureBankAccountNumber: e.BankAccountNumber.Reveal(),
		generated.CaptureBankRoutingNumber: e.BankRoutingNumber.Reveal(),
	} {
		if value != "" {
			r.Known = with(r.Known, c)
		}
	}
}

// with returns a sorted list that has c too. The old list is not changed.
func with(list []Capture, c Capture) []Capture {
	i, found := slices.BinarySearch(list, c)
	if found {
		return list
	}
	return slices.Insert(slices.Clone(list), i, c)
}

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
