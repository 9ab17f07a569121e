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

// ErrOtherSession is the error of [State.Apply] for an event of another session.
var ErrOtherSession = errors.New("callback: event is of another payment session")

// State combines the events of one payment session, which may arrive twice, late
// and out of order: the same events give the same state in any order. The zero
// State is ready for use; its first event determines the session.
//
// Twilio does not number events. State assumes:
//
//   - An event with a later DateUpdated is later. If dates are equal or absent, the
//     session moves forward: a finished entry follows the same entry in progress,
//     success follows failure, and a shorter Required follows a longer one. So
//     only dates can show that a field was asked for again.
//   - A result is final: no update undoes it, whatever its date. Of several
//     results, success wins, because money has moved; then the latest; then the
//     text decides.
//   - The latest list of missing fields is right. A field that was ever missing or
//     entered and is not on the list is captured.
//
// A State holds no card data, token or confirmation code; those are only in the
// [Event]. Its JSON is complete, so you can store it and read it back on another
// machine. Copies are independent. Do not use one State from several goroutines
// at once.
type State struct{ r record }

// record is a State as it is stored. A member is only added to or replaced by a
// later value, and what it points to is never changed.
type record struct {
	AccountSID string            `json:"account,omitempty"`
	SID        string            `json:"session,omitempty"`
	Known      []Capture         `json:"known,omitempty"`  // ever missing or accepted, sorted
	Needed     *needed           `json:"needed,omitempty"` // the latest update that reports what is missing
	Latest     *entry            `json:"latest,omitempty"` // the latest update
	Entries    map[Capture]entry `json:"entries,omitempty"`
	Ending     *ending           `json:"ending,omitempty"`
}

// needed is the list of missing fields of an update.
type needed struct {
	At      moment    `json:"at"`
	Missing []Capture `json:"missing"`
}

// entry is what an update reports about one capture.
type entry struct {
	At      moment    `json:"at"`
	Capture Capture   `json:"capture,omitempty"`
	Error   ErrorType `json:"error,omitempty"`
}

// Apply adds e to the state. An event that was applied before, or that reports
// nothing newer, changes nothing. The only error is [ErrOtherSession], for an
// event with another SID or account, or without a SID; the state is then
// unchanged.
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
	// A finished entry without Required means the same as an empty Required:
	// nothing is missing. Other updates without Required say nothing about it.
	if e.mentions("Required") || en.At.Stage == taken {
		if r.Needed == nil || en.At.compare(r.Needed.At) > 0 {
			r.Needed = &needed{At: en.At, Missing: missing}
		}
	}
}

// storable returns s as it would be after storing it as JSON, which replaces
// invalid UTF-8: a state must not depend on when it was stored.
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
	// The fields of the payment were captured, even if no update said so.
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

// with returns the sorted list with c added. It does not change list.
func with(list []Capture, c Capture) []Capture {
	i, found := slices.BinarySearch(list, c)
	if found {
		return list
	}
	return slices.Insert(slices.Clone(list), i, c)
}

// SessionSID returns the SID of the session, "" before the first event.
func (s State) SessionSID() string { return s.r.SID }

// Captured returns, sorted, the fields that the caller has entered and Twilio has
// accepted.
func (s State) Captured() []Capture {
	var captured []Capture
	for _, c := range s.r.Known {
		if s.r.captured(c) {
			captured = append(captured, c)
		}
	}
	return captured
}

// Missing returns the fields that the session still needs before it can complete,
// in Twilio's order. It is nil before the first update and after success.
func (s State) Missing() []Capture {
	if s.r.Needed == nil || s.Succeeded() {
		return nil
	}
	return slices.Clone(s.r.Needed.Missing)
}

// CanComplete reports whether the session is ready for Status "complete": it
// has no result, its latest entry was accepted, and nothing is missing.
func (s State) CanComplete() bool {
	r := &s.r
	return r.Ending == nil && r.Latest != nil && r.Latest.At.Stage == taken && r.Needed != nil && len(r.Needed.Missing) == 0
}

// LastError returns the latest unresolved entry error and its capture; both are
// empty if there is none. An error is resolved when its field is captured or the
// session succeeds; one that names no field, by the next update.
func (s State) LastError() (ErrorType, Capture) {
	var last entry
	for c, en := range s.r.Entries {
		unresolved := en.Error != "" && !s.r.captured(c)
		if c == "" && s.r.Latest != nil && en.At.compare(s.r.Latest.At) < 0 {
			unresolved = false
		}
		if unresolved && (last.Error == "" || en.At.compare(last.At) > 0) {
			last = en
		}
	}
	return last.Error, last.Capture
}

// Completed reports whether the session has a result, success or not.
func (s State) Completed() bool { return s.r.Ending != nil }

// Result returns how the session ended, "" before that.
func (s State) Result() Result {
	if s.r.Ending == nil {
		return ""
	}
	return s.r.Ending.Result
}

// Succeeded reports whether the charge was made or the token returned.
func (s State) Succeeded() bool { return s.r.Ending != nil && s.r.Ending.Success }

// Err returns a *[PaymentError] if the session ended without success, otherwise
// nil. Unlike the error of [Event.Err], it has no text of the gateway.
func (s State) Err() error {
	if s.r.Ending == nil || s.r.Ending.Success {
		return nil
	}
	return &PaymentError{SessionSID: s.r.SID, Result: s.r.Ending.Result, Code: s.r.Ending.Code}
}

// captured reports whether the known field c is captured: the latest list of
// missing fields does not have it, and no error followed that list.
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
