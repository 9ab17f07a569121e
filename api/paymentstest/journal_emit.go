package paymentstest

import (
	"net/http"
	"time"
)

// The entries of the journal that do not come from the core: about requests,
// deliveries, faults and notes.

// origin is where an entry comes from.
type origin struct {
	at         time.Time
	cause      int64  // the entry that brings it about, zero for none
	assumption string // the field of Assumptions that it rests on, if one decides
}

// because is the origin of an entry at this moment.
func (s *Server) because(cause int64) origin { return origin{at: s.now(), cause: cause} }

func (s *Server) emit(o origin, kind EntryKind, call, session string, part recordPart) int64 {
	return s.journal.emit(o, kind, call, session, part)
}

// emit adds an entry and returns its number.
func (j *journal) emit(o origin, kind EntryKind, call, session string, part recordPart) int64 {
	if o.assumption != "" {
		part = assumedPart{part, o.assumption}
	}
	return j.add(record{time: o.at, kind: codeOf(kind), call: call, session: session, cause: o.cause, part: part})
}

// received begins what a request brings about.
func (s *Server) received(rec *Request) {
	rec.entry = s.emit(origin{at: rec.Time}, KindRequestReceived, wellFormed(rec.CallSID), wellFormed(rec.SID), &requestPart{rec: rec})
}

// responded ends it.
func (s *Server) responded(rec *Request, sent sentResponse) {
	if rec.Operation == FetchToken && sent.status == http.StatusOK {
		sent.body = []byte(`{"access_token":"…"}`)
	}
	o := s.because(rec.entry)
	o.assumption = sent.assumption
	s.emit(o, KindResponseSent, wellFormed(rec.CallSID), wellFormed(rec.SID), &responsePart{
		sentResponse: sent, server: s, rec: rec, duration: time.Since(rec.started),
	})
}

// faultsArmed notes that faults were set, rules many of them.
func (s *Server) faultsArmed(target string, rules int) {
	s.emit(s.because(0), KindFaultArmed, "", "", &FaultEntry{Target: target, Rules: rules})
}

func (s *Server) faultFired(cause int64, call, session string, f FaultEntry) {
	s.emit(s.because(cause), KindFaultFired, wellFormed(call), wellFormed(session), &f)
}

// noted takes text without values that others sent.
func (s *Server) noted(call, text string) {
	s.emit(s.because(0), KindNote, wellFormed(call), "", notePart(text))
}
