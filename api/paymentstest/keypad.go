package paymentstest

import (
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// Enter types an entry and ends it with #: Enter("4111 1111 1111 1111"). Spaces
// and hyphens are for the reader. An entry that has its full length ends by
// itself, and the # is then not pressed.
func (c *Call) Enter(digits string) error {
	return c.press(strings.NewReplacer(" ", "", "-", "").Replace(digits), true)
}

// Press presses keys, 0 to 9, * and #, one after the other. Spaces are for the
// reader.
func (c *Call) Press(keys string) error {
	return c.press(strings.ReplaceAll(keys, " ", ""), false)
}

// Star presses *, which ends the payment session.
func (c *Call) Star() error { return c.Press("*") }

// HangUp ends the call, and with it an open payment session. Hanging up twice
// changes nothing.
func (c *Call) HangUp() {
	c = c.real()
	s := c.server
	s.lock(0)
	defer s.mu.Unlock()
	s.log("caller hung up", "call", wellFormed(c.SID))
	if !c.ended {
		c.ended, c.hungUp = true, s.now()
		s.callEnded(c)
	}
	if sess := c.open(); sess != nil && sess.pending == nil {
		s.promptClosed(sess, PromptHangUp, "")
		s.finish(sess, s.unsolicited(sess), ending{result: callback.ResultCallerHungUp})
		s.deliver(sess)
	}
}

func (c *Call) press(keys string, end bool) error {
	if strings.Trim(keys, "0123456789*#") != "" {
		return ErrNoKey
	}
	turn, c := c.turn, c.real()
	s := c.server
	s.lock(0)
	defer s.mu.Unlock()
	if turn > 0 && turn != c.turn {
		return ErrTakenOver
	}
	s.log("caller pressed keys", "call", wellFormed(c.SID), "count", len(keys))
	if c.session != nil {
		defer s.deliver(c.session)
	}
	for i := range len(keys) {
		if err := c.key(keys[i], i > 0); err != nil {
			return err
		}
	}
	if sess := c.open(); end && sess != nil && sess.entry != nil && len(sess.entry.digits) > 0 {
		return c.key('#', true)
	}
	return nil
}

// key presses one key. After others, # may follow an entry that has just ended
// by itself.
func (c *Call) key(key byte, after bool) error {
	s, sess := c.server, c.open()
	act, trailing := func() {}, after && key == '#'
	var err error
	switch {
	case c.ended:
		err = ErrCallEnded
	case sess != nil && sess.pending == nil && key == '*':
		act = func() {
			s.promptClosed(sess, PromptStar, "")
			s.finish(sess, s.unsolicited(sess), ending{result: callback.ResultCallerInterruptedWithStar})
		}
	case sess != nil && sess.confirms:
		act = func() { s.confirmed(sess, key) }
	case sess == nil || sess.entry == nil:
		if !trailing {
			err = ErrNotAsked
		}
	case key != '#':
		act = func() { s.digit(sess, key) }
	case len(sess.entry.digits) > 0:
		act = func() { s.enter(sess) }
	}
	s.keyPressed(c, key, err != nil)
	act()
	return err
}

// open returns the session that keys go to.
func (c *Call) open() *session {
	if c.session == nil || c.session.finished {
		return nil
	}
	return c.session
}

// confirmed acts on the key that answers "press 1 to go on, 2 to cancel".
func (s *Server) confirmed(sess *session, key byte) {
	switch key {
	case '1':
		s.confirmTyped(sess, typedConfirm)
		s.promptClosed(sess, PromptComplete, "")
		s.settle(sess, sess.lastURL)
	case '2':
		s.confirmTyped(sess, typedRefuse)
		s.promptClosed(sess, PromptComplete, "")
		s.finish(sess, sess.lastURL, ending{result: s.config.assume.cancelResult()})
	}
}

// unsolicited is the URL for an ending no request asked for.
func (s *Server) unsolicited(sess *session) string {
	if s.config.assume.EndToCreateURL {
		return sess.createURL
	}
	return sess.lastURL
}
