package core

import (
	"cmp"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// State is a payment session as it stands. Values are masked as callbacks mask
// them.
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
	Charges         bool // the session is to charge Amount; otherwise to make a token
	Amount          wire.Amount
	Currency        string
	TokenType       payments.TokenType
	Connector       string

	Captured map[payments.Capture]string
	CardType payments.CardType
	Missing  []payments.Capture
	// MayComplete is set while a complete would be accepted.
	MayComplete bool

	// Result and Code are those of the last callback. Succeeded is set when a
	// charge or token was made.
	Result    callback.Result
	Code      int
	Succeeded bool
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

func (m *Machine) state(s *session) State {
	st := State{
		SID: s.sid, CallSID: s.call.sid, AccountSID: s.accountSID, Opened: s.created, Updated: s.updated, Phase: s.phase(),
		Method: s.params.method, BankAccountType: s.params.bankAccountType, Charges: s.params.charges(),
		Amount: s.params.amount, Currency: s.params.currency, Connector: s.params.connector, CardType: s.cardType(),
	}
	if !st.Charges {
		st.TokenType = s.params.tokenType
	}
	if s.over {
		st.Captured = s.masked
		st.Result, st.Code, st.Succeeded = s.outcome.result, s.outcome.code, s.outcome.paid
		return st
	}
	if s.entry != nil {
		st.Capture = s.entry.capture
	}
	st.Captured = m.maskedValues(s)
	st.Missing = s.required(m.config.Assumptions.HideMatchers)
	st.MayComplete = !s.deciding && len(s.required(false)) == 0
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

// CallState is a call as it stands.
type CallState struct {
	SID        string
	AccountSID string // empty before the first session
	Ended      bool
	// Session is the last session on the call; empty when there was none.
	Session string
}

// Call returns a call, and false for one that is not known.
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

// Session returns a session, and false for one that is not known.
func (m *Machine) Session(sid string) (State, bool) {
	s := m.sessions[sid]
	if s == nil {
		return State{}, false
	}
	return m.state(s), true
}

// Calls returns all calls, in the order of their SIDs.
func (m *Machine) Calls() []CallState {
	list := make([]CallState, 0, len(m.calls))
	for _, c := range m.calls {
		list = append(list, c.state())
	}
	slices.SortFunc(list, func(a, b CallState) int { return cmp.Compare(a.SID, b.SID) })
	return list
}

// Sessions returns all sessions, the oldest first.
func (m *Machine) Sessions() []State {
	list := make([]State, 0, len(m.sessions))
	for _, s := range m.sessions {
		list = append(list, m.state(s))
	}
	slices.SortFunc(list, func(a, b State) int {
		return cmp.Or(a.Opened.Compare(b.Opened), cmp.Compare(a.SID, b.SID))
	})
	return list
}
