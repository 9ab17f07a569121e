package core

import (
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// apply presses one key:
//
//	Asked for            0 to 9                     #                        *
//	───────────────────  ─────────────────────────  ───────────────────────  ────────────
//	a field, no digits   first digit                ignored                  ends session
//	a field, digits      next digit; the last one   ends the entry           ends session
//	                     of a fixed length ends it
//	to confirm           1 pays, 2 cancels          ignored                  ends session
//	nothing              lost                       lost, or ignored after   ends session
//	                                                  an entry (Follows)
//	nothing: no session  lost                       as above                 lost
//	nothing: hung up     lost                       lost                     lost
//
// While the gateway decides, * is lost as well.
func (k Key) apply(m *Machine) {
	c := m.calls[k.CallSID]
	s := c.open()
	late := k.Follows && k.Key == '#' // after an entry, or a session, that has just ended
	switch {
	case strings.IndexByte("0123456789*#", k.Key) < 0:
		m.lose(k, NoSuchKey)
	case c != nil && c.ended:
		m.lose(k, NotInProgress)
	case s == nil || s.deciding:
		m.idle(k, late)
	case k.Key == '*':
		m.press(s, k)
		m.finish(s, m.unsolicited(s), ending{result: callback.ResultCallerInterruptedWithStar}, Star, "EndToCreateURL")
	case s.confirming:
		m.press(s, k)
		m.confirm(s, k.Key)
	case s.entry == nil:
		m.idle(k, late)
	case k.Key != '#':
		m.digit(s, k)
	default:
		m.press(s, k)
		if len(s.entry.digits) > 0 {
			m.enter(s)
		}
	}
}

func (e EndEntry) apply(m *Machine) {
	if s := m.calls[e.CallSID].open(); s != nil && s.entry != nil && len(s.entry.digits) > 0 {
		Key{CallSID: e.CallSID, Key: '#'}.apply(m)
	}
}

// press reports a key that was heard. It is the cause of what follows.
func (m *Machine) press(s *session, k Key) {
	pressed := KeyPressed{CallSID: k.CallSID, SID: s.sid, Key: keyName(k.Key)}
	if e := s.entry; e != nil {
		pressed.Capture, pressed.Count = e.capture, len(e.digits)
		if pressed.Key == digitKey && !s.isWhole(e) {
			pressed.Deadline = m.now.Add(s.params.timeout)
		}
	}
	m.cause = m.emit(pressed)
}

// idle reports a key while nothing is asked: lost, unless it is the # after an
// entry.
func (m *Machine) idle(k Key, late bool) {
	if late {
		m.lose(k, NotLost)
		return
	}
	m.lose(k, NotAsked)
}

// lose reports a key that did nothing.
func (m *Machine) lose(k Key, why Lost) {
	pressed := KeyPressed{CallSID: k.CallSID, Key: keyName(k.Key), Lost: why}
	if s := m.calls[k.CallSID].open(); s != nil {
		pressed.SID = s.sid
	}
	m.emit(pressed)
}

// keyName is how a key is shown, without which digit it is.
func keyName(key byte) string {
	if key == '*' || key == '#' {
		return string(key)
	}
	return digitKey
}

// digitKey is shown for every digit.
const digitKey = "•"

// digit adds a digit to the entry, which may complete it.
func (m *Machine) digit(s *session, k Key) {
	e := s.entry
	e.digits = append(e.digits, k.Key)
	m.press(s, k)
	m.callbackUpdate(s, e.url, e.capture, partial, "")
	if s.isWhole(e) {
		m.enter(s)
		return
	}
	s.timers++
	e.timer = s.timers
	m.emit(SetTimer{SID: s.sid, N: e.timer, After: s.params.timeout})
}

// apply ends an entry whose next digit is late. A timer that was replaced or
// stopped does nothing.
func (t TimerFired) apply(m *Machine) {
	s := m.sessions[t.SID]
	if s == nil || s.entry == nil || s.entry.timer == 0 || s.entry.timer != t.N {
		return
	}
	m.drop(s, TimedOut, callback.ErrorTypeInputTimeout)
}
