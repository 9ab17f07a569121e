package core

import (
	"strconv"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// call is a telephone call that payment sessions run on.
type call struct {
	sid        string
	accountSID string // the account that used the call first; empty until then
	ended      bool
	session    *session // the last one, open or over
	sessions   int
	era        int // distinguishes its sessions from those of a forgotten call with its SID
}

// open returns the open session of the call, nil for none.
func (c *call) open() *session {
	if c == nil || c.session == nil || c.session.over {
		return nil
	}
	return c.session
}

func (n NewCall) apply(m *Machine) {
	sid := n.CallSID
	if sid == "" {
		sid = Derive(m.config.Seed, "CA", 32, "call", strconv.Itoa(m.made))
	}
	if m.calls[sid] == nil {
		m.newCall(sid)
	}
}

func (m *Machine) newCall(sid string) *call {
	c := &call{sid: sid, era: m.era}
	m.calls[sid] = c
	m.made++
	m.emit(CallSeen{CallSID: sid})
	return c
}

// apply ends the call and its open session. A session whose payment is with the
// gateway ends by the verdict instead. Hanging up twice changes nothing.
func (h HangUp) apply(m *Machine) {
	c := m.calls[h.CallSID]
	if c == nil {
		c = m.newCall(h.CallSID)
	}
	if c.ended {
		return
	}
	c.ended = true
	m.cause = m.emit(CallEnded{CallSID: c.sid})
	if s := c.open(); s != nil && !s.deciding {
		m.finish(s, m.unsolicited(s), ending{result: callback.ResultCallerHungUp}, HungUp, "EndToCreateURL")
	}
}

// unsolicited is the URL of callbacks about an end that no request caused.
func (m *Machine) unsolicited(s *session) string {
	if m.config.Assumptions.EndToCreateURL {
		return s.createURL
	}
	return s.lastURL
}
