package core

import (
	"fmt"
	"time"
)

// Config is what a [Machine] is made with.
type Config struct {
	// Assumptions decide what is not known about Twilio.
	Assumptions Assumptions
	// Live makes the payment connector accept any valid card and bank account;
	// otherwise it is in TEST mode.
	Live bool
	// Seed is what SIDs, tokens and confirmation codes are derived from.
	Seed uint64
	// MaxSessions bounds the sessions that are kept; zero keeps all.
	MaxSessions int
}

// Machine is the state of the simulated Twilio: its calls, payment sessions and
// idempotency keys.
type Machine struct {
	config   Config
	calls    map[string]*call
	sessions map[string]*session
	keys     map[keyID]keyUse
	ended    []*session // that may be forgotten, the oldest first
	made     int        // calls, which names the next one
	era      int        // calls forgotten so far
	opened   int        // sessions

	// For the input being applied.
	now     time.Time
	effects []Effect
	cause   int
}

// New returns a machine without calls.
func New(c Config) *Machine {
	return &Machine{config: c, calls: map[string]*call{}, sessions: map[string]*session{}, keys: map[keyID]keyUse{}}
}

// Assume changes the assumptions for the inputs to come.
func (m *Machine) Assume(a Assumptions) { m.config.Assumptions = a }

// Apply gives the machine one input and returns its effects in order.
func (m *Machine) Apply(now time.Time, in Input) []Effect {
	m.now, m.cause, m.effects = now, Root, make([]Effect, 0, 6)
	in.apply(m)
	effects := m.effects
	m.effects = nil
	return effects
}

// emit adds an effect of the current cause, and returns its position.
func (m *Machine) emit(e Event) int { return m.emitAssuming("", e) }

// emitAssuming adds an effect that rests on a field of [Assumptions].
func (m *Machine) emitAssuming(field string, e Event) int {
	m.effects = append(m.effects, Effect{Cause: m.cause, Assumption: field, Event: e})
	return len(m.effects) - 1
}

// Format prints no state, because it contains the digits that callers typed.
func (m *Machine) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "core.Machine(%d calls, %d sessions)", len(m.calls), len(m.sessions))
}
