package paymentstest

import (
	"slices"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Charge is a payment the gateway made.
type Charge struct {
	Payment
	Time             time.Time
	ConfirmationCode string
}

// Token is a token the gateway returned instead of charging.
type Token struct {
	Payment
	Time      time.Time
	Token     string
	ProfileID string
}

// Charges returns the payments made so far, in order.
func (s *Server) Charges() []Charge { return s.ledger.allCharges() }

// Tokens returns the tokens returned so far, in order.
func (s *Server) Tokens() []Token { return s.ledger.allTokens() }

// LedgerLine is a charge or a token without its secrets. [Server.Charges] and
// [Server.Tokens] have the rest.
type LedgerLine struct {
	Time       time.Time              `json:"time"`
	Operation  string                 `json:"operation"` // "charge" or "tokenize"
	CallSID    string                 `json:"call"`
	SessionSID string                 `json:"session"`
	Method     payments.PaymentMethod `json:"method"`
	Amount     wire.Amount            `json:"amount,omitempty"`
	Currency   string                 `json:"currency,omitempty"`
	LastDigits string                 `json:"lastDigits,omitempty"`
}

// ledger keeps what the gateway has charged and tokenized.
type ledger struct {
	mu      sync.Mutex
	charges history[Charge]
	tokens  history[Token]
}

func newLedger(c *config) *ledger {
	l := &ledger{}
	l.charges.budget = c.historyBytes / historyLists
	l.tokens.budget = l.charges.budget
	return l
}

func (l *ledger) charged(v core.Charged) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := Payment(v.Payment)
	l.charges.add(Charge{p, v.Time, v.ConfirmationCode}, p.size())
}

func (l *ledger) tokenized(v core.Tokenized) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := Payment(v.Payment)
	l.tokens.add(Token{p, v.Time, v.Token, v.ProfileID}, p.size())
}

func (l *ledger) allCharges() []Charge {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(l.charges.all())
}

func (l *ledger) allTokens() []Token {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(l.tokens.all())
}

// lines returns the charges and tokens in order of time.
func (l *ledger) lines() []LedgerLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := make([]LedgerLine, 0, l.charges.length+l.tokens.length)
	add := func(operation string, p Payment, at time.Time) {
		lines = append(lines, LedgerLine{
			Time: at, Operation: operation, CallSID: p.CallSID, SessionSID: p.SID, Method: p.Method,
			Amount: p.Amount, Currency: p.Currency, LastDigits: p.LastDigits,
		})
	}
	for c := range l.charges.all() {
		add(operationCharge, c.Payment, c.Time)
	}
	for t := range l.tokens.all() {
		add(operationTokenize, t.Payment, t.Time)
	}
	slices.SortStableFunc(lines, func(a, b LedgerLine) int { return a.Time.Compare(b.Time) })
	return lines
}
