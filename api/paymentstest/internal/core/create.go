package core

import (
	"net/http"
	"strconv"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// create starts a session, or refuses to.
func (m *Machine) create(r Request) (*session, *refusal) {
	c := m.calls[r.CallSID]
	if c == nil && m.config.Assumptions.KnownCallsOnly {
		return nil, notFound(r).assuming("KnownCallsOnly")
	}
	if c != nil {
		if refusal := m.checkCall(c, r); refusal != nil {
			return nil, refusal
		}
	}
	p, refusal := readParams(r.Form, m.config.Assumptions.Connectors)
	if refusal != nil {
		return nil, refusal
	}
	if !m.room(1) {
		return nil, m.full()
	}
	if c = m.calls[r.CallSID]; c == nil { // a refused request must not create a call
		c = m.newCall(r.CallSID)
	}
	s := m.newSession(c, r, p)
	c.accountSID, c.session = r.AccountSID, s
	m.sessions[s.sid] = s
	m.emit(SessionOpened{State: m.stateOf(s)})
	m.callbackStart(s)
	return s, nil
}

// checkCall returns why no session can start on a call, nil if one can.
func (m *Machine) checkCall(c *call, r Request) *refusal {
	if c.accountSID != "" && c.accountSID != r.AccountSID {
		return notFound(r)
	}
	if c.ended {
		return &refusal{response: Response{
			Status: http.StatusBadRequest, Code: 21220, Message: "Invalid call state: the call is not in progress",
		}}
	}
	m.expire(c.session)
	if open := c.open(); open != nil {
		const field = "ReportSessionInProgress"
		if m.config.Assumptions.ReportSessionInProgress {
			m.callbackUpdate(open, r.url(), "", final, callback.ErrorTypeSessionInProgress)
		}
		return refuse(payments.CodeInvalidOperation, "a payment session is open on this call").assuming(field)
	}
	return nil
}

func (m *Machine) newSession(c *call, r Request, p params) *session {
	c.sessions++
	m.opened++
	name := []string{"session", c.sid, strconv.Itoa(c.sessions)}
	if c.era > 0 {
		name = append(name, strconv.Itoa(c.era))
	}
	return &session{
		sid: Derive(m.config.Seed, "PK", 32, name...), number: m.opened, accountSID: r.AccountSID, call: c, params: p,
		created: m.now, updated: m.now, touched: m.now, createURL: r.url(), lastURL: r.url(),
	}
}
