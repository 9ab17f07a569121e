package paymentstest

import (
	"maps"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Snapshot is the state of a server after entry Number of its journal. [Server.Watch]
// continues from Number.
type Snapshot struct {
	// Number is the last entry of the journal, First the oldest that is kept.
	Number int64     `json:"number"`
	First  int64     `json:"first"`
	Time   time.Time `json:"time"`
	// Calls and Sessions are in the order of their creation.
	Calls    []CallSnapshot    `json:"calls"`
	Sessions []SessionSnapshot `json:"sessions"`
	// Ledger is what the gateway has charged and tokenized.
	Ledger []LedgerLine `json:"ledger"`
	// Assumptions are those in force.
	Assumptions Assumptions `json:"assumptions"`
}

// CallSnapshot is the state of a call.
type CallSnapshot struct {
	SID string `json:"sid"`
	// AccountSID is the account that used the call first, empty until then.
	AccountSID string    `json:"account,omitempty"`
	Seen       time.Time `json:"seen"`
	// Ended is when the caller hung up, zero while the call is in progress.
	Ended time.Time `json:"ended,omitzero"`
	// Prompt is what the caller is asked, nil for nothing. Key is the last key pressed
	// in reply.
	Prompt *PromptEntry `json:"prompt,omitempty"`
	Key    *KeyEntry    `json:"key,omitempty"`
	// Scripted reports whether a [Caller] hears the next question.
	Scripted bool `json:"scripted,omitempty"`
	// Session is the last payment session of the call, empty for none.
	Session string `json:"session,omitempty"`
}

// Phase is what a payment session is doing.
type Phase string

// The phases.
const (
	PhaseIdle       Phase = "idle"       // nothing is asked
	PhaseCapturing  Phase = "capturing"  // the caller is asked for a field
	PhaseConfirming Phase = "confirming" // the caller is asked to press 1 or 2
	PhaseCompleting Phase = "completing" // the payment is with the gateway
	PhaseEnded      Phase = "ended"
)

// SessionSnapshot is the state of a payment session.
type SessionSnapshot struct {
	SID        string    `json:"sid"`
	CallSID    string    `json:"call"`
	AccountSID string    `json:"account"`
	Opened     time.Time `json:"opened"`
	Updated    time.Time `json:"updated"`
	Phase      Phase     `json:"phase"`
	// Capture is what is asked for in [PhaseCapturing].
	Capture payments.Capture `json:"capture,omitempty"`

	Method          payments.PaymentMethod   `json:"method"`
	BankAccountType payments.BankAccountType `json:"bankAccountType,omitempty"`
	// Amount is what complete charges; empty if it makes a token, of TokenType.
	Amount    wire.Amount        `json:"amount,omitempty"`
	Currency  string             `json:"currency"`
	TokenType payments.TokenType `json:"tokenType,omitempty"`
	Connector string             `json:"connector"`

	// Captured are the accepted fields, masked as in callbacks. CardType is the brand
	// of the card.
	Captured map[payments.Capture]string `json:"captured,omitempty"`
	CardType payments.CardType           `json:"cardType,omitempty"`
	// Missing are the captures still to be made, matchers included.
	Missing []payments.Capture `json:"missing,omitempty"`
	// CanComplete reports whether complete is accepted now.
	CanComplete bool `json:"canComplete,omitempty"`

	// Result and Code are those of the last callback, in [PhaseEnded].
	Result callback.Result `json:"result,omitempty"`
	Code   int             `json:"code,omitempty"`
	// Charged and Tokenized report what the gateway did.
	Charged   bool `json:"charged,omitempty"`
	Tokenized bool `json:"tokenized,omitempty"`
}

// Snapshot returns the state of the server, exactly as it is after the last entry of
// its journal.
func (s *Server) Snapshot() Snapshot { return s.sim.snapshot() }

func (s *simulation) snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap := Snapshot{
		Time: s.now(), Calls: make([]CallSnapshot, 0, len(s.calls)), Sessions: []SessionSnapshot{},
		Ledger: s.ledger.lines(), Assumptions: s.assume.clone(),
	}
	snap.First, snap.Number = s.journal.bounds()
	for _, c := range slices.SortedFunc(maps.Values(s.calls), func(a, b *Call) int { return a.number - b.number }) {
		snap.Calls = append(snap.Calls, c.snapshot())
	}
	for _, st := range s.core.Sessions() {
		snap.Sessions = append(snap.Sessions, snapshotOf(st))
	}
	return snap
}

func (c *Call) snapshot() CallSnapshot {
	st, _ := c.sim.core.Call(c.SID)
	return CallSnapshot{
		SID: wellFormed(c.SID), AccountSID: st.AccountSID, Seen: c.seen, Ended: c.hungUp, Scripted: c.caller != nil,
		Session: st.Session, Prompt: c.prompt, Key: c.lastKey,
	}
}

func snapshotOf(st core.State) SessionSnapshot {
	return SessionSnapshot{
		SID: st.SID, CallSID: st.CallSID, AccountSID: st.AccountSID, Opened: st.Opened, Updated: st.Updated,
		Phase: Phase(st.Phase), Capture: st.Capture, Method: st.Method, BankAccountType: st.BankAccountType,
		Amount: st.Amount, Currency: st.Currency, TokenType: st.TokenType, Connector: st.Connector,
		Captured: st.Captured, CardType: st.CardType, Missing: st.Missing, CanComplete: st.CanComplete,
		Result: st.Result, Code: st.Code, Charged: st.Charged, Tokenized: st.Tokenized,
	}
}
