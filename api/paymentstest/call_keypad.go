package paymentstest

import (
	"strings"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// Enter types an entry and ends it with #: Enter("4111 1111 1111 1111"). Spaces
// and hyphens are ignored. An entry of full length ends by itself; # is then not
// pressed.
func (c *Call) Enter(digits string) error {
	return c.press(strings.NewReplacer(" ", "", "-", "").Replace(digits), true)
}

// Press presses keys, 0 to 9, * and #, one after the other. Spaces are ignored.
func (c *Call) Press(keys string) error {
	return c.press(strings.ReplaceAll(keys, " ", ""), false)
}

// Star presses *, which ends the payment session.
func (c *Call) Star() error { return c.Press("*") }

// HangUp ends the call and its open payment session. Hanging up twice changes
// nothing.
func (c *Call) HangUp() {
	c = c.real()
	s := c.sim
	s.deliver(s.run(func(st *step) {
		s.report.log("caller hung up", "call", wellFormed(c.SID))
		st.input(0, core.HangUp{CallSID: c.SID})
	}))
}

// press presses keys in one go, with nothing in between. It stops at the first one
// that is lost.
func (c *Call) press(keys string, end bool) error {
	if strings.Trim(keys, "0123456789*#") != "" {
		return ErrNoKey
	}
	turn, c := c.turn, c.real()
	s := c.sim
	var err error
	s.deliver(s.run(func(st *step) {
		if turn > 0 && turn != c.turn {
			err = ErrTakenOver
			return
		}
		s.report.log("caller pressed keys", "call", wellFormed(c.SID), "count", len(keys))
		for i := range len(keys) {
			if err = lost(st.input(0, core.Key{CallSID: c.SID, Key: keys[i], Follows: i > 0})); err != nil {
				return
			}
		}
		if end {
			st.input(0, core.EndEntry{CallSID: c.SID})
		}
	}))
	return err
}

// lost is why a key did nothing, nil if it was heard.
func lost(effects []core.Effect) error {
	for _, e := range effects {
		if key, is := e.Event.(core.KeyPressed); is {
			switch key.Lost {
			case core.NotLost:
			case core.NotAsked:
				return ErrNotAsked
			case core.NotInProgress:
				return ErrCallEnded
			case core.NoSuchKey:
				return ErrNoKey
			}
		}
	}
	return nil
}
