package paymentstest

import (
	"log/slog"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// noteEffect writes an effect of the core down: in the journal, and in what the server
// remembers of calls and payments. What has to be done about it is put off. It
// returns the number of the entry, zero for none.
func (s *Server) noteEffect(cause int64, e core.Effect) int64 {
	switch v := e.Event.(type) {
	case core.CallSeen:
		s.calls[v.CallSID] = s.newCall(v.CallSID)
		return s.emit(cause, KindCallSeen, v.CallSID, "", nil)
	case core.CallEnded:
		s.calls[v.CallSID].hungUp = s.now()
		return s.emit(cause, KindCallEnded, v.CallSID, "", nil)
	case core.CallForgotten:
		delete(s.calls, v.CallSID)
	case core.SessionOpened:
		return s.noteSession(cause, KindSessionOpened, e.Assumption, v.State)
	case core.SessionChanged:
		return s.noteSession(cause, KindSessionChanged, e.Assumption, v.State)
	case core.SessionEnded:
		return s.noteSession(cause, KindSessionEnded, e.Assumption, v.State)
	case core.PromptOpened:
		return s.notePromptOpened(cause, v)
	case core.PromptClosed:
		return s.notePromptClosed(cause, v)
	case core.KeyPressed:
		return s.noteKey(v)
	case core.Callback:
		return s.noteCallback(cause, e.Assumption, v)
	case core.SetTimer:
		s.later(func() { s.setTimer(v, cause) })
	case core.StopTimer:
		s.later(func() { s.stopTimer(v.SID) })
	case core.AskGateway:
		return s.noteGatewayAsked(cause, v)
	case core.GatewayDecided:
		return s.noteGatewayDecided(v)
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

func (s *Server) noteSession(cause int64, kind EntryKind, assumption string, st core.State) int64 {
	return s.emitAssuming(assumption, cause, kind, st.CallSID, st.SID, &statePart{st})
}

// notePromptOpened makes the prompt what the next keys respond to, and wakes who
// waits for it. A scripted caller hears it when the request that asks is answered.
func (s *Server) notePromptOpened(cause int64, v core.PromptOpened) int64 {
	c, p := s.calls[v.CallSID], Prompt(v.Prompt)
	c.prompt = &PromptEntry{Capture: p.Capture, Times: p.Times, Confirm: p.Confirm, Timeout: v.Timeout, Scripted: c.caller != nil}
	c.prompted = s.emit(cause, KindPromptOpened, v.CallSID, p.SID, c.prompt)
	c.unheard = &p
	close(c.asked)
	c.asked = make(chan struct{})
	return c.prompted
}

func (s *Server) notePromptClosed(cause int64, v core.PromptClosed) int64 {
	c := s.calls[v.CallSID]
	closed := *c.prompt
	closed.Reason, closed.ErrorType = PromptReason(v.Reason), v.Error
	closed.Typed, closed.Count = v.Typed, v.Count
	c.prompt, c.lastKey, c.unheard = nil, nil, nil
	return s.emit(cause, KindPromptClosed, v.CallSID, v.Prompt.SID, &closed)
}

// noteKey has the prompt that a key responds to as its cause.
func (s *Server) noteKey(v core.KeyPressed) int64 {
	k := &KeyEntry{Key: v.Key, Count: v.Count, Masked: strings.Repeat("•", v.Count), Deadline: v.Deadline, Lost: v.Lost != core.NotLost}
	var cause int64
	if c := s.calls[v.CallSID]; c != nil && c.prompt != nil && !k.Lost {
		cause, c.lastKey = c.prompted, k
	}
	return s.emit(cause, KindKeyPressed, wellFormed(v.CallSID), v.SID, k)
}

func (s *Server) noteCallback(cause int64, assumption string, v core.Callback) int64 {
	key, _ := s.config.credentials.tokenOf(v.AccountSID)
	o := &outgoing{time: s.now(), url: v.URL, form: v.Form, token: v.Token, key: key}
	s.delivery.mu.Lock()
	o.number = s.delivery.made.add(o, o.size())
	o.entry = s.emitAssuming(assumption, cause, KindCallbackMade, v.CallSID, v.SID, &callbackPart{outgoing: o})
	s.delivery.mu.Unlock()
	s.later(func() { s.enqueue(v.SID, o, v.Last) })
	return o.entry
}

func (s *Server) noteGatewayAsked(cause int64, v core.AskGateway) int64 {
	p := Payment(v.Payment)
	g := newGatewayEntry(p)
	asked := s.emit(cause, KindGatewayAsked, p.CallSID, p.SID, &g)
	s.pending[p.SID] = &pending{asked: asked}
	return asked
}

func (s *Server) noteGatewayDecided(v core.GatewayDecided) int64 {
	p, at := Payment(v.Payment), s.pending[v.Payment.SID]
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
	return s.emit(at.asked, KindGatewayDecided, p.CallSID, p.SID, &g)
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
