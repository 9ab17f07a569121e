package core

import (
	"maps"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// State is the state of a payment session. Values are masked as in callbacks.
type State struct {
	SID        string
	CallSID    string
	AccountSID string
	Opened     time.Time
	Updated    time.Time
	Phase      Phase
	// Capture is what the caller is asked for, if anything.
	Capture payments.Capture

	Method          payments.PaymentMethod
	BankAccountType payments.BankAccountType
	// Amount is what complete charges; empty when it makes a token, of TokenType.
	Amount    wire.Amount
	Currency  string
	TokenType payments.TokenType
	Connector string

	Captured map[payments.Capture]string
	CardType payments.CardType
	Missing  []payments.Capture // matchers included
	// CanComplete is set while a complete is accepted.
	CanComplete bool

	// Result and Code are those of the last callback. Charged and Tokenized are
	// set when the gateway did so.
	Result    callback.Result
	Code      int
	Charged   bool
	Tokenized bool
}

// Phase is what a session is doing.
type Phase string

// The phases.
const (
	Idle       Phase = "idle"
	Capturing  Phase = "capturing"
	Confirming Phase = "confirming"
	Completing Phase = "completing" // the gateway decides
	Ended      Phase = "ended"
)

// stateOf returns a state that effects share.
func (m *Machine) stateOf(s *session) *State {
	st := m.state(s)
	return &st
}

func (m *Machine) state(s *session) State {
	st := State{
		SID: s.sid, CallSID: s.call.sid, AccountSID: s.accountSID, Opened: s.created, Updated: s.updated, Phase: s.phase(),
		Method: s.params.method, BankAccountType: s.params.bankAccountType,
		Currency: s.params.currency, Connector: s.params.connector, CardType: s.cardType(),
	}
	if s.params.charges() {
		st.Amount = s.params.amount
	} else {
		st.TokenType = s.params.tokenType
	}
	if s.over {
		st.Captured, st.Result, st.Code = s.masked, s.outcome.result, s.outcome.code
		st.Charged, st.Tokenized = s.outcome.confirmation != "", s.outcome.token != ""
		return st
	}
	if s.entry != nil {
		st.Capture = s.entry.capture
	}
	st.Captured = m.maskedValues(s)
	st.Missing = s.required(false)
	st.CanComplete = !s.deciding && len(st.Missing) == 0
	return st
}

func (s *session) phase() Phase {
	switch {
	case s.over:
		return Ended
	case s.deciding:
		return Completing
	case s.confirming:
		return Confirming
	case s.entry != nil:
		return Capturing
	}
	return Idle
}

// CallState is the state of a call.
type CallState struct {
	SID        string
	AccountSID string // empty before the first session
	Ended      bool
	// Session is the last session on the call, empty before the first.
	Session string
}

// Call returns a call, and false if it is not known.
func (m *Machine) Call(callSID string) (CallState, bool) {
	c := m.calls[callSID]
	if c == nil {
		return CallState{SID: callSID}, false
	}
	return c.state(), true
}

func (c *call) state() CallState {
	st := CallState{SID: c.sid, AccountSID: c.accountSID, Ended: c.ended}
	if c.session != nil {
		st.Session = c.session.sid
	}
	return st
}

// Session returns a session, and false if it is not known.
func (m *Machine) Session(sid string) (State, bool) {
	s := m.sessions[sid]
	if s == nil {
		return State{}, false
	}
	return m.state(s), true
}

// Sessions returns all sessions, the oldest first.
func (m *Machine) Sessions() []State {
	list := make([]State, 0, len(m.sessions))
	for _, s := range slices.SortedFunc(maps.Values(m.sessions), func(a, b *session) int { return a.number - b.number }) {
		list = append(list, m.state(s))
	}
	return list
}
