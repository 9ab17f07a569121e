package paymentstest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// What keys cannot do.
var (
	// ErrNotAsked: keys were pressed while nothing was asked, and are lost.
	ErrNotAsked = errors.New("paymentstest: key pressed while no capture is in progress")
	// ErrCallEnded: the caller has hung up.
	ErrCallEnded = errors.New("paymentstest: the call has ended")
	// ErrNoKey: a telephone has the keys 0 to 9, * and #.
	ErrNoKey = errors.New("paymentstest: no such key")
	// ErrTakenOver: a scripted caller pressed keys after another caller, or the test,
	// has taken over from it.
	ErrTakenOver = errors.New("paymentstest: another caller has taken over")
)

// Call is a telephone call that payment sessions run on, from the caller's side: a
// keypad. Get one with [Server.Call] or [Server.NewCall].
type Call struct {
	// SID is the call's SID, CA and 32 hexadecimal digits.
	SID string

	sim  *simulation
	of   *Call // of the handle that a scripted caller gets: the call
	turn int   // counts the callers, from 1; of a handle, whose it is

	// The simulation's lock guards the rest.
	number   int // counts calls from 1
	seen     time.Time
	hungUp   time.Time // zero while the call is in progress
	caller   Caller
	prompt   *PromptEntry  // what is asked, nil for nothing
	prompted int64         // its entry in the journal
	lastKey  *KeyEntry     // pressed in reply
	unheard  *Prompt       // a question the scripted caller has yet to hear
	asked    chan struct{} // closed at the next question; nil without a waiter
}

// Call returns the call with a SID. It is in progress until it hangs up.
func (s *Server) Call(callSID string) *Call { return s.sim.call(callSID) }

// NewCall returns a call in progress with a new SID.
func (s *Server) NewCall() *Call { return s.sim.call("") }

// FindCall returns a call that a request or the test has mentioned.
func (s *Server) FindCall(callSID string) (*Call, bool) { return s.sim.find(callSID) }

func (s *simulation) find(sid string) (*Call, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, known := s.calls[sid]
	return c, known
}

// call returns a call, which is in progress if it is new. An empty SID makes one.
func (s *simulation) call(sid string) *Call {
	var c *Call
	s.run(func(st *step) {
		for _, e := range st.input(0, core.NewCall{CallSID: sid}) {
			if seen, is := e.Event.(core.CallSeen); is {
				sid = seen.CallSID
			}
		}
		c = s.calls[sid]
	})
	return c
}

// real is the call of a handle, else the call itself.
func (c *Call) real() *Call {
	if c.of != nil {
		return c.of
	}
	return c
}

// AnswerWith sets a scripted caller for this call, from the next question on; with
// nil the test presses the keys. The default is the caller of [WithCaller], else nil.
func (c *Call) AnswerWith(caller Caller) {
	c = c.real()
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	c.caller = caller
}

// TakeOver lets a scripted caller, or with nil the test, take over the call at
// once. The new caller also hears the open question, unless digits of the entry
// have been pressed; later keys of the previous caller are refused with
// [ErrTakenOver].
func (c *Call) TakeOver(caller Caller) {
	c = c.real()
	s := c.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	c.caller = caller
	c.turn++
	if caller == nil {
		s.journal.note(c.SID, "a person has taken over the keypad")
		return
	}
	s.journal.note(c.SID, "a scripted caller has taken over the keypad")
	if p, asked := c.current(); asked && c.unheard == nil && (c.lastKey == nil || c.lastKey.Count == 0) {
		c.unheard = &p
		s.ask(c)
	}
}

// Prompt returns what the caller is now asked, and false if nothing.
func (c *Call) Prompt() (Prompt, bool) {
	c = c.real()
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	return c.current()
}

func (c *Call) current() (Prompt, bool) {
	p, asked := c.sim.core.Prompt(c.SID)
	return Prompt(p), asked
}

// Await returns when the caller is asked for a field, at once if that is already
// so. When ctx is done first, Await returns an error that wraps its error and says
// what the caller is asked instead.
func (c *Call) Await(ctx context.Context, capture payments.Capture) error {
	c = c.real()
	for {
		c.sim.mu.Lock()
		p, asked := c.current()
		if c.asked == nil {
			c.asked = make(chan struct{})
		}
		next := c.asked
		c.sim.mu.Unlock()
		if asked && p.Capture == capture {
			return nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return fmt.Errorf("paymentstest: the caller is not asked for %s, but %s: %w", capture, c.situation(), ctx.Err())
		}
	}
}

// situation says in words what the caller is asked.
func (c *Call) situation() string {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	p, asked := c.current()
	call, _ := c.sim.core.Call(c.SID)
	session, known := c.sim.core.Session(call.Session)
	switch {
	case p.Confirm:
		return "to confirm"
	case asked:
		return "for " + string(p.Capture)
	case call.Ended:
		return "has hung up"
	case !known:
		return "there is no payment session"
	case session.Phase == core.Ended:
		return "the payment session has ended" + outcomeOf(session)
	}
	return "for nothing"
}

// outcomeOf is how a session ended, in words that follow "has ended".
func outcomeOf(s core.State) string {
	if s.Result == "" {
		return ""
	}
	text := " with " + string(s.Result)
	if s.Code != 0 {
		text += ", code " + strconv.Itoa(s.Code)
	}
	return text
}
