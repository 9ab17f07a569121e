package paymentstest

import (
	"log/slog"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// record writes an effect of the core down: in the journal, and in what the server
// remembers of calls and payments. What has to be done about it becomes an errand.
// It returns the number of the entry, zero for none.
func (s *simulation) record(o origin, e core.Effect) int64 {
	switch v := e.Event.(type) {
	case core.CallSeen:
		s.callsMade++
		s.calls[v.CallSID] = &Call{SID: v.CallSID, sim: s, number: s.callsMade, seen: o.at, caller: s.config.caller, turn: 1}
		return s.journal.emit(o, KindCallSeen, wellFormed(v.CallSID), "", nil)
	case core.CallEnded:
		s.calls[v.CallSID].hungUp = o.at
		return s.journal.emit(o, KindCallEnded, wellFormed(v.CallSID), "", nil)
	case core.CallForgotten:
		delete(s.calls, v.CallSID)
	case core.SessionOpened:
		return s.recordSession(o, KindSessionOpened, v.State)
	case core.SessionChanged:
		return s.recordSession(o, KindSessionChanged, v.State)
	case core.SessionEnded:
		return s.recordSession(o, KindSessionEnded, v.State)
	case core.PromptOpened:
		return s.calls[v.CallSID].openPrompt(o, v)
	case core.PromptClosed:
		return s.calls[v.CallSID].closePrompt(o, v)
	case core.KeyPressed:
		return s.recordKey(o, v)
	case core.Callback:
		callback, sid, last := s.delivery.add(o, v), v.SID, v.Last
		s.errands.add(func() { s.delivery.enqueue(sid, callback, last) })
		return callback.entry
	case core.SetTimer:
		s.errands.add(func() { s.setTimer(v, o.cause) })
	case core.StopTimer:
		s.errands.add(func() { s.timers.stop(v.SID) })
	case core.AskGateway:
		return s.gateway.asked(o, v)
	case core.GatewayDecided:
		return s.gateway.decided(o, v)
	case core.Charged:
		s.ledger.charged(v)
	case core.Tokenized:
		s.ledger.tokenized(v)
	case core.Full:
		s.report.warn("simulation full", slog.Int("sessions", v.Sessions), slog.Int("keys", v.Keys), slog.Int("limit", s.config.maxSessions))
	}
	return 0
}

func (s *simulation) recordSession(o origin, kind EntryKind, st *core.State) int64 {
	return s.journal.emit(o, kind, st.CallSID, st.SID, &statePart{State: st})
}

// recordKey makes the prompt that a key responds to its cause.
func (s *simulation) recordKey(o origin, v core.KeyPressed) int64 {
	k := &KeyEntry{Key: v.Key, Count: v.Count, Masked: strings.Repeat("•", v.Count), Deadline: v.Deadline, Lost: v.Lost != core.NotLost}
	o.cause = 0
	if c := s.calls[v.CallSID]; c != nil && c.prompt != nil && !k.Lost {
		o.cause, c.lastKey = c.prompted, k
	}
	return s.journal.emit(o, KindKeyPressed, wellFormed(v.CallSID), v.SID, k)
}

// openPrompt makes the prompt what the next keys respond to, and wakes whoever
// waits for it. A scripted caller hears it after the response to the request that
// asks.
func (c *Call) openPrompt(o origin, v core.PromptOpened) int64 {
	p := Prompt(v.Prompt)
	c.prompt = &PromptEntry{Capture: p.Capture, Times: p.Times, Confirm: p.Confirm, Timeout: v.Timeout, Scripted: c.caller != nil}
	c.prompted = c.sim.journal.emit(o, KindPromptOpened, v.CallSID, p.SID, c.prompt)
	c.unheard = &p
	if c.asked != nil {
		close(c.asked)
		c.asked = nil
	}
	return c.prompted
}

func (c *Call) closePrompt(o origin, v core.PromptClosed) int64 {
	closed := *c.prompt
	closed.Reason, closed.ErrorType = PromptReason(v.Reason), v.Error
	closed.Typed, closed.Count = v.Typed, v.Count
	c.prompt, c.lastKey, c.unheard = nil, nil, nil
	return c.sim.journal.emit(o, KindPromptClosed, v.CallSID, v.Prompt.SID, &closed)
}
