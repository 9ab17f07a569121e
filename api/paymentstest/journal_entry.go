package paymentstest

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Entry is one entry of a server's journal: something that happened, and its cause.
// Read the journal with [Server.Watch] or [Server.Entries].
//
// No entry contains a credential, a payment token, a confirmation code, or digits of a
// caller beyond what Twilio's callbacks show. Values that the application sent
// (bodies, callback URLs, descriptions) are kept. Printing an entry shows none of
// them; its JSON shows all.
//
// Entries share memory with the server and with each other: do not change what
// they point to.
type Entry struct {
	// Number counts entries from 1, without gaps.
	Number int64     `json:"number"`
	Time   time.Time `json:"time"`
	Kind   EntryKind `json:"kind"`
	// Call and Session are the SIDs that the entry is about, if any.
	Call    string `json:"call,omitempty"`
	Session string `json:"session,omitempty"`
	// Cause is the number of the entry that caused this one: the request of a session,
	// the key press of a callback, the callback of an attempt to deliver it. The cause
	// of a key press is the prompt that it responds to. Zero: none that the server
	// knows.
	Cause int64 `json:"cause,omitempty"`
	// Assumption names the field of [Assumptions] that decided this.
	Assumption string `json:"assumption,omitempty"`

	// The Kind determines which one of these is set.
	Request  *RequestEntry    `json:"request,omitempty"`
	Response *ResponseEntry   `json:"response,omitempty"`
	State    *SessionSnapshot `json:"state,omitempty"`
	Prompt   *PromptEntry     `json:"prompt,omitempty"`
	Key      *KeyEntry        `json:"key,omitempty"`
	Callback *CallbackEntry   `json:"callback,omitempty"`
	Attempt  *AttemptEntry    `json:"attempt,omitempty"`
	Gateway  *GatewayEntry    `json:"gateway,omitempty"`
	Fault    *FaultEntry      `json:"fault,omitempty"`
	Note     string           `json:"note,omitempty"`
	// Missed is how many entries up to Number were forgotten before they were read.
	Missed int64 `json:"missed,omitempty"`
}

// EntryKind is what an [Entry] is about. It determines which of its members is set.
type EntryKind string

// The kinds of entries.
const (
	KindCallSeen  EntryKind = "call.seen"  // a request or the test has mentioned a call
	KindCallEnded EntryKind = "call.ended" // the caller has hung up

	KindRequestReceived EntryKind = "request.received" // Request
	KindResponseSent    EntryKind = "response.sent"    // Response; also when a fault left the request without one

	KindSessionOpened  EntryKind = "session.opened"  // State
	KindSessionChanged EntryKind = "session.changed" // State: a capture began or ended, or the payment went to the gateway
	KindSessionEnded   EntryKind = "session.ended"   // State

	KindPromptOpened EntryKind = "prompt.opened" // Prompt: the caller is asked for a field, or to confirm
	KindPromptClosed EntryKind = "prompt.closed" // Prompt
	KindKeyPressed   EntryKind = "key.pressed"   // Key

	KindCallbackMade      EntryKind = "callback.made"      // Callback
	KindCallbackAttempted EntryKind = "callback.attempted" // Attempt: a post starts
	KindCallbackResponded EntryKind = "callback.responded" // Attempt: the application responded, with any status
	KindCallbackFailed    EntryKind = "callback.failed"    // Attempt: there was no response
	KindCallbackGivenUp   EntryKind = "callback.given-up"  // Attempt: there was no 2xx, and there will be no further post

	KindGatewayAsked   EntryKind = "gateway.asked"   // Gateway
	KindGatewayDecided EntryKind = "gateway.decided" // Gateway

	KindFaultArmed EntryKind = "fault.armed" // Fault: injectors or a rule for callbacks were set
	KindFaultFired EntryKind = "fault.fired" // Fault

	KindNote   EntryKind = "note"   // Note
	KindMissed EntryKind = "missed" // Missed; read a Snapshot
)

// kindCode is a kind in one byte: its position in kinds.
type kindCode uint8

var kinds = []EntryKind{
	KindCallSeen,
	KindCallEnded,
	KindRequestReceived,
	KindResponseSent,
	KindSessionOpened,
	KindSessionChanged,
	KindSessionEnded,
	KindPromptOpened,
	KindPromptClosed,
	KindKeyPressed,
	KindCallbackMade,
	KindCallbackAttempted,
	KindCallbackResponded,
	KindCallbackFailed,
	KindCallbackGivenUp,
	KindGatewayAsked,
	KindGatewayDecided,
	KindFaultArmed,
	KindFaultFired,
	KindNote,
}

func codeOf(kind EntryKind) kindCode { return kindCode(slices.Index(kinds, kind)) } // #nosec G115 -- fewer than 256

func (c kindCode) kind() EntryKind { return kinds[c] }

// String is a line such as "#12 key.pressed CA… PK… because of #8".
func (e Entry) String() string {
	text := "#" + strconv.FormatInt(e.Number, 10) + " " + string(e.Kind)
	for _, sid := range []string{e.Call, e.Session} {
		if sid != "" {
			text += " " + wellFormed(sid)
		}
	}
	if e.Cause != 0 {
		text += " because of #" + strconv.FormatInt(e.Cause, 10)
	}
	return text
}

// Format prints [Entry.String] for every verb.
func (e Entry) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.String())) }
