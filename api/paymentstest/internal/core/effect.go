package core

import (
	"net/url"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Root is the cause of an effect that the input itself caused.
const Root = -1

// Effect is one thing that follows from an input.
type Effect struct {
	// Cause is the position, in the same list, of the effect that caused this
	// one, or [Root].
	Cause int
	// Assumption is the field of [Assumptions] that decided it, empty for known
	// behavior of Twilio.
	Assumption string
	Event      Event
}

// Event is what happens in an [Effect]. The only digits of the caller in an event
// are those that callbacks show.
type Event interface {
	event()
}

type (
	// CallSeen says that a new call is in progress.
	CallSeen struct{ CallSID string }
	// CallEnded says that the caller hung up.
	CallEnded struct{ CallSID string }
	// CallForgotten says that a call is no longer known.
	CallForgotten struct{ CallSID string }

	// SessionOpened has the state of a new session.
	SessionOpened struct{ State *State }
	// SessionChanged has the new state of a session.
	SessionChanged struct{ State *State }
	// SessionEnded has the last state of a session.
	SessionEnded struct{ State *State }
	// SessionForgotten says that a session is no longer known.
	SessionForgotten struct{ SID string }
)

// PromptOpened asks the caller a question, to be answered by keys.
type PromptOpened struct {
	CallSID string
	Prompt  Prompt
	// Timeout is how long the caller may wait between two digits.
	Timeout time.Duration
}

// PromptClosed ends a question.
type PromptClosed struct {
	CallSID string
	Prompt  Prompt
	Reason  Reason
	// Error is why an entry was refused; empty unless the reason is [Refused].
	Error callback.ErrorType
	// Count is how many digits the entry had. Typed names an entry that was
	// completed or refused, see [TypedGood].
	Count int
	Typed string
}

// Reason is why a prompt closed.
type Reason string

// The reasons. Replaced is by another capture; SessionOver by a cancel, a
// complete or the end of the session's lifetime.
const (
	Completed   Reason = "complete"
	Refused     Reason = "refused"
	TimedOut    Reason = "timeout"
	Star        Reason = "star"
	HungUp      Reason = "hang-up"
	Replaced    Reason = "replaced"
	SessionOver Reason = "session-ended"
)

// KeyPressed says what a key did.
type KeyPressed struct {
	CallSID string
	SID     string // empty when no session is open
	Capture payments.Capture
	// Key is *, # or a dot in place of a digit.
	Key string
	// Count is how many digits the entry has with this key. Deadline is when the
	// next one is due, zero if none is.
	Count    int
	Deadline time.Time
	Lost     Lost
}

// Lost is why a key did nothing.
type Lost int

// The reasons. NotLost is the zero value.
const (
	NotLost Lost = iota
	NotAsked
	NotInProgress // the caller has hung up
	NoSuchKey
)

// Callback is a status callback to deliver.
type Callback struct {
	AccountSID string
	CallSID    string
	SID        string
	URL        string
	Form       url.Values
	// Token is its I-Twilio-Idempotency-Token.
	Token string
	// Last is set on the last one of a session.
	Last bool
}

// SetTimer asks for [TimerFired] with the same SID and N after some time. It
// replaces the session's timer before it.
type SetTimer struct {
	SID   string
	N     int
	After time.Duration
}

// StopTimer stops a session's timer, which may have fired.
type StopTimer struct{ SID string }

// AskGateway asks the payment gateway for [Decided].
type AskGateway struct {
	Payment Payment
	// TestMode is the refusal of a connector in TEST mode; with the zero Verdict
	// the gateway decides.
	TestMode Verdict
}

// GatewayDecided is the verdict on a payment, and the cause of what follows.
type GatewayDecided struct {
	Payment Payment
	Verdict Verdict
}

// Charged is a payment that was made.
type Charged struct {
	Payment          Payment
	Time             time.Time
	ConfirmationCode string
}

// Tokenized is a token that was made instead of charging.
type Tokenized struct {
	Payment   Payment
	Time      time.Time
	Token     string
	ProfileID string
}

// Full says that a request was refused because a limit is reached.
type Full struct {
	Sessions int
	Keys     int
}

func (CallSeen) event()         {}
func (CallEnded) event()        {}
func (CallForgotten) event()    {}
func (SessionOpened) event()    {}
func (SessionChanged) event()   {}
func (SessionEnded) event()     {}
func (SessionForgotten) event() {}
func (PromptOpened) event()     {}
func (PromptClosed) event()     {}
func (KeyPressed) event()       {}
func (Callback) event()         {}
func (SetTimer) event()         {}
func (StopTimer) event()        {}
func (AskGateway) event()       {}
func (GatewayDecided) event()   {}
func (Charged) event()          {}
func (Tokenized) event()        {}
func (Full) event()             {}
func (Response) event()         {}
