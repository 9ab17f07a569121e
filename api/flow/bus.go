package flow

import (
	"context"
	"errors"

	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// Errors of a [Bus]. A bus may wrap them.
var (
	// ErrConflict: another writer changed the record after it was read.
	ErrConflict = errors.New("flow: the record has changed")
	// ErrFull: the bus has reached its limits and has no room for the message
	// or record. What it already stores stays.
	ErrFull = errors.New("flow: the bus is full")
	// ErrExpired: the bus has forgotten the session, or the step lasted longer
	// than any call.
	ErrExpired = errors.New("flow: the session has expired on the bus")
	// ErrClosed: the bus, the subscription or the flow is closed.
	ErrClosed = errors.New("flow: closed")
)

// Bus carries the events of payment sessions from the machine that Twilio posts
// them to, to the machines that wait for them. It also keeps one small record
// per session, by which machines agree on who acts.
//
// [NewMemory] is the bus for a single process; packages pgbus and natsbus have
// buses for many machines. To write another, run the tests of package bustest
// against it: they are the complete contract.
//
// All methods are called from many goroutines at once. They should return when
// their context ends; a flow waits only a moment longer for one that does not.
// A panic ends the step that called the method; a flow that calls it in the
// background, or once the step's outcome is known, treats it as an error.
//
// A bus may forget a session once nothing was published or swapped for it
// during the bus's expiry, which is at least an hour. It forgets the session as
// a whole, messages and record together, and its subscribers get [ErrExpired].
// Nothing else may be lost: a record that this bus has once read or written
// must not be missing later unless the session is forgotten, because a missing
// record ends a flow.
type Bus interface {
	// Publish returns nil once the message is stored as durably as the bus
	// stores anything, and an error if it is not, or may not be. A message
	// whose session and ID are stored already is not stored again; that is not
	// an error.
	Publish(ctx context.Context, m Message) error

	// Subscribe returns the messages of a session that the bus has, from the
	// first, and a subscription to those that follow, with no gap and no
	// overlap between the two. Messages arrive in the order in which they were
	// published; all subscribers see the same order.
	//
	// If AccountSID and SID are empty, the subscription covers all sessions of
	// the call. A session without messages is not an error.
	//
	// The context bounds Subscribe, not the subscription. Where a message cannot be
	// read, the error matches [ErrFormat].
	Subscribe(ctx context.Context, s Session) (past []Message, live Subscription, err error)

	// Load returns the record of a session and its revision, which is never 0;
	// without a record it returns nil, 0 and no error. It may lag behind a Swap
	// on another machine; Swap itself never does.
	Load(ctx context.Context, s Session) (value []byte, revision uint64, err error)

	// Swap writes the record of a session if its revision is still the given
	// one (0: if there is no record), in one atomic step across all machines,
	// and returns the new revision. Otherwise it returns [ErrConflict]. A bus
	// that retries by itself may also return ErrConflict when it meets its own
	// write. After any other error the record may or may not have been written.
	Swap(ctx context.Context, s Session, value []byte, revision uint64) (uint64, error)

	// List returns sessions that have a record, with their records, in an order
	// of the bus's choice, one page at a time. It leaves out forgotten sessions
	// and those whose latest message is final. A session with an earlier final
	// message may be listed or not.
	//
	// A session whose record existed when the first page was requested is on
	// one of the pages; on exactly one if nothing changes meanwhile. A record
	// that is written meanwhile may appear twice but is never skipped. The
	// pages end even if other machines keep writing. A value may lag behind a
	// Swap on another machine. Listing changes nothing: it does not extend a
	// session's expiry.
	//
	// A query that fails its Validate, and an After that this bus did not
	// create, are errors.
	List(ctx context.Context, q ListQuery) (ListPage, error)
}

// Subscription is a place in the messages of a session. Its methods may be
// called at the same time.
type Subscription interface {
	// Next returns the next message, waiting for it until the context is done.
	// A slow or abandoned subscriber blocks neither publishers nor other
	// subscribers. If the bus is unreachable for a while, Next waits; an error
	// other than the context's is permanent. Once the session is forgotten it
	// is [ErrExpired].
	Next(ctx context.Context) (Message, error)
	// Close ends the subscription, and a waiting Next with [ErrClosed].
	Close() error
}

// Session names a payment session.
type Session struct {
	AccountSID string `json:"account,omitempty"` // AC and 32 hexadecimal digits
	CallSID    string `json:"call"`              // the call it was started on, CA and 32 hexadecimal digits
	SID        string `json:"session,omitempty"` // PK and 32 hexadecimal digits
}

// Validate returns a *[payments.ValidationError] for each malformed SID. A
// valid SID is safe in keys and subjects.
func (s Session) Validate() error {
	return join(checkSID(sid.Account, s.AccountSID), checkSID(sid.Call, s.CallSID), checkSID(sid.Payment, s.SID))
}

// Includes reports whether t is s or, if s lacks an account or a SID, one of
// the sessions that s covers.
func (s Session) Includes(t Session) bool {
	return s.CallSID == t.CallSID &&
		(s.AccountSID == "" || s.AccountSID == t.AccountSID) && (s.SID == "" || s.SID == t.SID)
}

// validatePattern is Validate for the argument of [Bus.Subscribe]: an empty
// account or SID matches all.
func (s Session) validatePattern() error {
	var account, session error
	if s.AccountSID != "" {
		account = checkSID(sid.Account, s.AccountSID)
	}
	if s.SID != "" {
		session = checkSID(sid.Payment, s.SID)
	}
	return join(account, checkSID(sid.Call, s.CallSID), session)
}

func checkSID(kind sid.Kind, s string) error {
	if !kind.Is(s) {
		return invalid(kind.Name(), kind.Rule())
	}
	return nil
}
