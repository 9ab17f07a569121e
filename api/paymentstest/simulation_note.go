package paymentstest

import (
	"log/slog"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// noteEffect writes an effect of the core down: in the journal, and in what the server
// remembers of calls and payments. What has to be done about it is put off. It
// returns the number of the entry, zero for none.
func (s *Server) noteEffect(o origin, e core.Effect) int64 {
	switch v := e.Event.(type) {
	case core.CallSeen:
		s.calls[v.CallSID] = s.newCall(v.CallSID)
		return s.emit(o, KindCallSeen, wellFormed(v.CallSID), "", nil)
	case core.CallEnded:
		s.calls[v.CallSID].hungUp = o.at
		return s.emit(o, KindCallEnded, wellFormed(v.CallSID), "", nil)
	case core.CallForgotten:
		delete(s.calls, v.CallSID)
	case core.SessionOpened:
		return s.noteSession(o, KindSessionOpened, v.State)
	case core.SessionChanged:
		return s.noteSession(o, KindSessionChanged, v.State)
	case core.SessionEnded:
		return s.noteSession(o, KindSessionEnded, v.State)
	case core.PromptOpened:
		return s.notePromptOpened(o, v)
	case core.PromptClosed:
		return s.notePromptClosed(o, v)
	case core.KeyPressed:
		return s.noteKey(o, v)
	case core.Callback:
		return s.noteCallback(o, v)
	case core.SetTimer:
		s.later(func() { s.setTimer(v, o.cause) })
	case core.StopTimer:
		s.later(func() { s.stopTimer(v.SID) })
	case core.AskGateway:
		return s.noteGatewayAsked(o, v)
	case core.GatewayDecided:
		return s.noteGatewayDecided(o, v)
	case core.Charged:
		p := Payment(v.Payment)
		s.charges.add(Charge{p, v.Time, v.ConfirmationCode}, p.size())
	case core.Tokenized:
		p := Payment(v.Payment)
		s.tokens.add(Token{p, v.Time, v.Token, v.ProfileID}, p.size())
	case core.Full:
		s.warn("simulation full", slog.Int("sessions", v.Sessions), slog.Int("keys", v.Keys), slog.Int("limit", s.config.maxSessions))
	}
	return 0
}

func (s *Server) noteSession(o origin, kind EntryKind, st *core.State) int64 {
	return s.emit(o, kind, st.CallSID, st.SID, &statePart{State: st})
}

// notePromptOpened makes the prompt what the next keys respond to, and wakes who
// waits for it. A scripted caller hears it when the response to the request that asks is out.
func (s *Server) notePromptOpened(o origin, v core.PromptOpened) int64 {
	c, p := s.calls[v.CallSID], Prompt(v.Prompt)
	c.prompt = &PromptEntry{Capture: p.Capture, Times: p.Times, Confirm: p.Confirm, Timeout: v.Timeout, Scripted: c.caller != nil}
	c.prompted = s.emit(o, KindPromptOpened, v.CallSID, p.SID, c.prompt)
	c.unheard = &p
	if c.asked != nil {
		close(c.asked)
		c.asked = nil
	}
	return c.prompted
}

func (s *Server) notePromptClosed(o origin, v core.PromptClosed) int64 {
	c := s.calls[v.CallSID]
	closed := *c.prompt
	closed.Reason, closed.ErrorType = PromptReason(v.Reason), v.Error
	closed.Typed, closed.Count = v.Typed, v.Count
	c.prompt, c.lastKey, c.unheard = nil, nil, nil
	return s.emit(o, KindPromptClosed, v.CallSID, v.Prompt.SID, &closed)
}

// noteKey has the prompt that a key responds to as its cause.
func (s *Server) noteKey(o origin, v core.KeyPressed) int64 {
	k := &KeyEntry{Key: v.Key, Count: v.Count, Masked: strings.Repeat("•", v.Count), Deadline: v.Deadline, Lost: v.Lost != core.NotLost}
	o.cause = 0
	if c := s.calls[v.CallSID]; c != nil && c.prompt != nil && !k.Lost {
		o.cause, c.lastKey = c.prompted, k
	}
	return s.emit(o, KindKeyPressed, wellFormed(v.CallSID), v.SID, k)
}

func (s *Server) noteCallback(from origin, v core.Callback) int64 {
	key, _ := s.config.credentials.tokenOf(v.AccountSID)
	o := &outgoing{time: from.at, url: v.URL, form: v.Form, token: v.Token, key: key}
	s.delivery.mu.Lock()
	o.number = s.delivery.made.add(o, o.size())
	o.entry = s.emit(from, KindCallbackMade, v.CallSID, v.SID, o)
	s.delivery.mu.Unlock()
	sid, last := v.SID, v.Last
	s.later(func() { s.delivery.enqueue(sid, o, last) })
	return o.entry
}

func (s *Server) noteGatewayAsked(o origin, v core.AskGateway) int64 {
	p := Payment(v.Payment)
	g := newGatewayEntry(p)
	asked := s.emit(o, KindGatewayAsked, p.CallSID, p.SID, &g)
	s.pending[p.SID] = &pending{asked: asked}
	return asked
}

func (s *Server) noteGatewayDecided(o origin, v core.GatewayDecided) int64 {
	p, at := Payment(v.Payment), s.pending[v.Payment.SID]
	o.cause = at.asked
	delete(s.pending, p.SID)
	if at.stop != nil {
		at.stop()
	}
	if at.counted {
		s.work.done()
	}
	g := newGatewayEntry(p)
	g.Code, g.ConnectorError, g.Delay, g.Held = v.Verdict.Code, v.Verdict.ConnectorError, at.delay, at.held
	g.Result = v.Verdict.ResultOf()
	return s.emit(o, KindGatewayDecided, p.CallSID, p.SID, &g)
}

func newGatewayEntry(p Payment) GatewayEntry {
	g := GatewayEntry{Operation: operationTokenize, Connector: p.Connector, Method: p.Method, Currency: p.Currency, TokenType: p.TokenType}
	if p.Amount != "" {
		g.Operation, g.Amount = operationCharge, p.Amount
	}
	return g
}

// What a gateway is asked for.
const (
	operationCharge   = "charge"
	operationTokenize = "tokenize"
)
