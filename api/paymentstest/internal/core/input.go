package core

import (
	"fmt"
	"net/url"
)

// Input is one thing that happens to the simulated Twilio: [NewCall], [Request],
// [Key], [EndEntry], [HangUp], [TimerFired] or [Decided].
type Input interface {
	apply(m *Machine)
}

// NewCall starts a call. Without a SID it gets a new one, which the effect
// [CallSeen] has. A known call does not change.
type NewCall struct {
	CallSID string
}

// Request is a request that the contract and the credentials accept.
type Request struct {
	Operation  Operation
	AccountSID string
	CallSID    string
	SID        string // empty on create
	// Path is what the error about an unknown resource quotes.
	Path string
	Form url.Values
}

// Operation is what a request asks for.
type Operation string

// The operations. Update is an update with neither or both of Capture and
// Status.
const (
	Create   Operation = "create"
	Capture  Operation = "capture"
	Complete Operation = "complete"
	Cancel   Operation = "cancel"
	Update   Operation = "update"
)

// Key is one key that the caller presses: 0 to 9, * or #.
type Key struct {
	CallSID string
	Key     byte
	// Follows is set on a key pressed in one go with the key before it. Such a #
	// may follow an entry that has just ended by itself.
	Follows bool
}

// Format does not print the key.
func (k Key) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "core.Key(%s)", k.CallSID) }

// EndEntry presses # if the caller has typed digits of an entry that has not
// ended by itself, and does nothing otherwise.
type EndEntry struct {
	CallSID string
}

// HangUp ends a call.
type HangUp struct {
	CallSID string
}

// TimerFired follows [SetTimer] after its time.
type TimerFired struct {
	SID string
	N   int
}

// Decided is the gateway's verdict, which [AskGateway] asked for.
type Decided struct {
	SID     string
	Verdict Verdict
}
