package flow

import (
	"context"
	"errors"

	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// Errors of a [Bus]. A bus may wrap them.
var (
	// ErrConflict: the record was changed by someone else since it was read.
	ErrConflict = errors.New("flow: the record has changed")
	// ErrFull: the bus is at its bounds and has no room for the message or
	// record. What it holds stays.
	ErrFull = errors.New("flow: the bus is full")
	// ErrExpired: the bus has forgotten the session, or the step lasted longer
	// than any call.
	ErrExpired = errors.New("flow: the session has expired on the bus")
	// ErrClosed: the bus, the subscription or the flow is closed.
	ErrClosed = errors.New("flow: closed")
)

// Bus carries the events of payment sessions from the machine that Twilio posts
// them to, to the machines that wait for them, and keeps one small record per
// session by which machines agree who acts.
//
// [NewMemory] is the bus of a single process; packages pgbus and natsbus have
// those for many machines. To write another, run the tests of package bustest against it:
// they are the contract in full.
//
// All methods are called from many goroutines at once. They should return when
// their context ends; a flow does not wait longer than a moment for one that
// does not.
//
// A bus may forget a session when nothing was published or swapped for it during
// the expiry of the bus, which is at least an hour, and as a whole only: its
// messages and its record are there together or gone together, and who still
// subscribes to it gets [ErrExpired]. Nothing else may be lost. A record that
// once was read or written here must not be missing later, unless the session is
// forgotten: a flow ends then.
type Bus interface {
	// Publish returns nil once the message is kept as safely as the bus keeps
	// anything, and an error when it is not, or may not be. A message with the
	// session and ID of one that is kept already is not kept again, and that is
	// no error.
	Publish(ctx context.Context, m Message) error

	// Subscribe returns the messages of a session that the bus has, from the
	// first, and a subscription to those that follow: none between the two is
	// missing, and none is in both. Messages come in the order in which they
	// were published, which is one order for all subscribers.
	//
	// Where AccountSID and SID are empty, the messages of all sessions of the
	// call come. A session nobody published to yet is no error.
	//
	// The context bounds Subscribe, not the subscription.
	Subscribe(ctx context.Context, s Session) (past []Message, live Subscription, err error)

	// Load returns the record of a session and its revision, which is never 0;
	// without a record it returns nil, 0 and no error. It may be behind a Swap
	// of another machine; Swap never is.
	Load(ctx context.Context, s Session) (value []byte, revision uint64, err error)

	// Swap writes the record of a session if its revision is still the given
	// one, 0 when there must be none, in one atomic step over all machines, and
	// returns the new revision. Otherwise it returns [ErrConflict]; so may a bus
	// that tries again by itself and finds its own write. After any other error
	// the record may be written or not.
	Swap(ctx context.Context, s Session, value []byte, revision uint64) (uint64, error)

	// List returns sessions that have a record, with their records, in an order
	// of the bus's own and a page at a time. Left out are sessions that are
	// forgotten and those whose latest message is final; a session with a final
	// message before its latest may be there or not.
	//
	// A session whose record was there when the first page was asked for is in
	// one of the pages, in one only as long as nothing changes. A record that is
	// written meanwhile may come twice and is not skipped. The pages end although
	// other machines go on writing. A value may be behind a Swap of another
	// machine. To list changes nothing: it keeps no session from being forgotten.
	//
	// A query that does not pass its Validate, and an After that the bus has not
	// made, is an error.
	List(ctx context.Context, q ListQuery) (ListPage, error)
}

// Subscription is a place in the messages of a session. Its methods may be
// called at the same time.
type Subscription interface {
	// Next returns the next message, waiting for it until the context is done.
	// A subscriber that is slow, or never comes back, keeps no publisher and no
	// other subscriber waiting. A bus that is out of reach for a while is
	// waited for; an error other than the context's is for good. Once the
	// session is forgotten it is [ErrExpired].
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

// Validate returns a *[payments.ValidationError] for each SID that does not have
// its form, so that it is safe to make keys and subjects of them.
func (s Session) Validate() error {
	return join(checkSID(sid.Account, s.AccountSID), checkSID(sid.Call, s.CallSID), checkSID(sid.Payment, s.SID))
}

// Includes reports whether t is s or, where s names no account or no SID, one
// of the sessions that s stands for.
func (s Session) Includes(t Session) bool {
	return s.CallSID == t.CallSID &&
		(s.AccountSID == "" || s.AccountSID == t.AccountSID) && (s.SID == "" || s.SID == t.SID)
}

// validatePattern is Validate for what [Bus.Subscribe] takes: account and SID may
// be empty, and stand for all.
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
