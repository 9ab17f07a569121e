package paymentstest

import (
	"net/http"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// All entries of the journal come from here: one function for each thing that
// can happen. The caller holds the server's lock, so that a snapshot goes with the
// last entry.

// lock takes the server's lock for something that may leave entries, and names the
// entry that brings them about, zero for none.
func (s *Server) lock(cause int64) {
	s.mu.Lock()
	s.cause = cause
}

// emit adds an entry that s.cause brought about, and returns its number.
func (s *Server) emit(kind EntryKind, call, session string, part recordPart) int64 {
	return s.journal.add(record{time: s.now(), kind: kind, call: call, session: session, cause: s.cause, part: part})
}

// emitAssumed is emit for what rests on a field of Assumptions, if one is named.
func (s *Server) emitAssumed(assumption string, kind EntryKind, call, session string, part recordPart) int64 {
	return s.journal.add(record{time: s.now(), kind: kind, call: call, session: session, cause: s.cause, assumption: assumption, part: part})
}

// received begins what a request brings about.
func (s *Server) received(rec *Request) {
	s.cause = 0
	rec.entry = s.emit(KindRequestReceived, wellFormed(rec.CallSID), wellFormed(rec.SID), &requestPart{rec: rec})
	s.cause = rec.entry
}

// responded ends it. The assumption is that which the response rests on.
func (s *Server) responded(rec *Request, sent response) {
	s.cause = rec.entry
	if rec.Violation != nil && shownPath(rec.Path) != rec.Path {
		sent.body = nil // it repeats the path
	}
	if rec.Operation == FetchToken && sent.status == http.StatusOK {
		sent.body = []byte(`{"access_token":"…"}`)
	}
	s.emitAssumed(sent.assumption, KindResponseSent, wellFormed(rec.CallSID), wellFormed(rec.SID), &responsePart{
		response: sent, number: rec.Number, duration: time.Since(rec.started), id: s.requestID(rec),
		committed: rec.Committed, replayed: rec.Replayed, fault: rec.Fault,
	})
}

func (s *Server) callSeen(c *Call) { s.emit(KindCallSeen, wellFormed(c.SID), "", nil) }

func (s *Server) callEnded(c *Call) { s.cause = s.emit(KindCallEnded, wellFormed(c.SID), "", nil) }

func (s *Server) sessionOpened(sess *session)  { s.sessionEntry(KindSessionOpened, "", sess) }
func (s *Server) sessionChanged(sess *session) { s.sessionEntry(KindSessionChanged, "", sess) }

func (s *Server) sessionEnded(sess *session, assumption string) {
	s.sessionEntry(KindSessionEnded, assumption, sess)
}

func (s *Server) sessionEntry(kind EntryKind, assumption string, sess *session) {
	state := s.sessionSnapshot(sess)
	s.emitAssumed(assumption, kind, sess.call.SID, sess.sid, &state)
}

// promptOpened makes the prompt what the next keys respond to.
func (s *Server) promptOpened(sess *session, p Prompt) {
	sess.prompt = &PromptEntry{Capture: p.Capture, Times: p.Times, Confirm: p.Confirm, Timeout: sess.terms.timeout, Scripted: sess.call.caller != nil}
	sess.prompted = s.emit(KindPromptOpened, sess.call.SID, sess.sid, sess.prompt)
}

// promptClosed does nothing when there is no prompt.
func (s *Server) promptClosed(sess *session, why PromptReason, wrong callback.ErrorType) {
	if sess.prompt == nil {
		return
	}
	closed := *sess.prompt
	closed.Reason, closed.ErrorType = why, wrong
	if e := sess.entry; e != nil && len(e.digits) > 0 {
		closed.Count = len(e.digits)
		if why == PromptComplete || why == PromptRefused {
			closed.Typed = sess.nameOf(e.capture, string(e.digits), s.now())
		}
	}
	sess.prompt, sess.lastKey = nil, nil
	s.emit(KindPromptClosed, sess.call.SID, sess.sid, &closed)
}

// confirmTyped names the key that responds to a question to confirm.
func (s *Server) confirmTyped(sess *session, name string) {
	if sess.prompt != nil {
		prompt := *sess.prompt
		prompt.Typed, prompt.Count, sess.prompt = name, 1, &prompt
	}
}

// keyPressed notes a key, and makes it the cause of what follows. A lost key is
// one that nothing was asked for.
func (s *Server) keyPressed(c *Call, key byte, lost bool) {
	k := &KeyEntry{Key: shownKey(key), Lost: lost}
	sess, name := c.open(), ""
	s.cause = 0
	if sess != nil {
		name = sess.sid
	}
	if sess != nil && sess.prompt != nil && !lost {
		s.cause, sess.lastKey = sess.prompted, k
	}
	if sess != nil && sess.entry != nil {
		k.Count = len(sess.entry.digits)
		if k.Key == "•" {
			k.Count++
			k.Deadline = s.now().Add(sess.terms.timeout)
		}
		k.Masked = strings.Repeat("•", k.Count)
	}
	s.cause = s.emit(KindKeyPressed, wellFormed(c.SID), name, k)
}

func shownKey(key byte) string {
	if key == '#' || key == '*' {
		return string(key)
	}
	return "•"
}

func (s *Server) callbackMade(sess *session, l *letter) {
	l.entry = s.emit(KindCallbackMade, sess.call.SID, sess.sid, &callbackPart{letter: l})
	if d := l.delivery.String(); d != "" {
		s.fired(l.entry, sess.call.SID, sess.sid, FaultEntry{Target: "callback", Name: d, Callback: l.number})
	}
}

// attempted notes what happens to a callback on its way.
func (s *Server) attempted(kind EntryKind, l *letter, a AttemptEntry) int64 {
	a.Callback, a.URL = l.number, l.url
	return s.emit(kind, wellFormed(l.form.Get("CallSid")), wellFormed(l.form.Get("Sid")), &a)
}

// asked notes that the gateway is asked for a payment, which causes its verdict.
func (s *Server) asked(p Payment) int64 {
	g := newGatewayEntry(p)
	return s.emit(KindGatewayAsked, p.CallSID, p.SID, &g)
}

func (s *Server) decided(p Payment, v Verdict) {
	g := newGatewayEntry(p)
	g.Result, g.Code, g.ConnectorError, g.Delay, g.Held = v.result(), v.Code, v.ConnectorError, v.After, v.Hold
	s.cause = s.emit(KindGatewayDecided, p.CallSID, p.SID, &g)
}

// faultsArmed notes that faults were set, rules many of them.
func (s *Server) faultsArmed(target string, rules int) {
	s.emit(KindFaultArmed, "", "", &FaultEntry{Target: target, Rules: rules})
}

func (s *Server) fired(cause int64, call, session string, f FaultEntry) {
	before := s.cause
	s.cause = cause
	s.emit(KindFaultFired, wellFormed(call), wellFormed(session), &f)
	s.cause = before
}

// noted takes text without values that others sent.
func (s *Server) noted(call, text string) { s.emit(KindNote, wellFormed(call), "", notePart(text)) }

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

// sessionSnapshot is the session as it stands.
func (s *Server) sessionSnapshot(sess *session) SessionSnapshot {
	t := &sess.terms
	state := SessionSnapshot{
		SID: sess.sid, CallSID: sess.call.SID, AccountSID: sess.accountSID, Opened: sess.created, Updated: sess.updated,
		Phase: sess.phase(), Method: t.method, BankAccountType: t.bankAccountType, Currency: t.currency, Connector: t.connector,
	}
	if t.charges() {
		state.Amount = t.amount
	} else {
		state.TokenType = t.tokenType
	}
	if sess.entry != nil {
		state.Capture = sess.entry.capture
	}
	if sess.finished {
		state.Captured, state.CardType = sess.captured, sess.brand
		state.Result, state.Code = sess.outcome.result, sess.outcome.code
		state.Charged, state.Tokenized = sess.outcome.confirmation != "", sess.outcome.token != ""
		return state
	}
	state.Captured, state.CardType = sess.shownCaptures(s.config), sess.cardType()
	state.Missing = sess.required(false)
	state.CanComplete = len(state.Missing) == 0 && sess.pending == nil
	return state
}

func (s *session) phase() Phase {
	switch {
	case s.finished:
		return PhaseEnded
	case s.pending != nil:
		return PhaseCompleting
	case s.entry != nil:
		return PhaseCapturing
	case s.confirms:
		return PhaseConfirming
	}
	return PhaseIdle
}

// shownCaptures are the captured fields as callbacks show them, nil for none.
func (s *session) shownCaptures(c config) map[payments.Capture]string {
	if len(s.values) == 0 {
		return nil
	}
	shown := make(map[payments.Capture]string, len(s.values))
	for field, digits := range s.values {
		shown[field] = c.show(field, digits)
	}
	return shown
}
