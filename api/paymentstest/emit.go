package paymentstest

import (
	"net/http"
	"time"
)

// The entries of the journal that do not come from the core: about requests,
// deliveries, faults and notes.

// emit adds an entry that another one brought about, zero for none, and returns its
// number.
func (s *Server) emit(cause int64, kind EntryKind, call, session string, part recordPart) int64 {
	return s.emitAssuming("", cause, kind, call, session, part)
}

// emitAssuming is emit for what rests on a field of Assumptions, if one is named.
func (s *Server) emitAssuming(assumption string, cause int64, kind EntryKind, call, session string, part recordPart) int64 {
	if assumption != "" {
		part = assumedPart{part, assumption}
	}
	return s.journal.add(record{time: s.now(), kind: codeOf(kind), call: call, session: session, cause: cause, part: part})
}

// received begins what a request brings about.
func (s *Server) received(rec *Request) {
	rec.entry = s.emit(0, KindRequestReceived, wellFormed(rec.CallSID), wellFormed(rec.SID), &requestPart{rec: rec})
}

// responded ends it.
func (s *Server) responded(rec *Request, sent response) {
	if rec.Operation == FetchToken && sent.status == http.StatusOK {
		sent.body = []byte(`{"access_token":"…"}`)
	}
	s.emitAssuming(sent.assumption, rec.entry, KindResponseSent, wellFormed(rec.CallSID), wellFormed(rec.SID), &responsePart{
		response: sent, server: s, rec: rec, duration: time.Since(rec.started),
	})
}

// attempted notes what happens to a callback on its way.
func (s *Server) attempted(cause int64, kind EntryKind, o *outgoing, a AttemptEntry) int64 {
	a.Callback, a.URL = o.number, o.url
	return s.emit(cause, kind, wellFormed(o.form.Get("CallSid")), wellFormed(o.form.Get("Sid")), &a)
}

// faultsArmed notes that faults were set, rules many of them.
func (s *Server) faultsArmed(target string, rules int) {
	s.emit(0, KindFaultArmed, "", "", &FaultEntry{Target: target, Rules: rules})
}

func (s *Server) faultFired(cause int64, call, session string, f FaultEntry) {
	s.emit(cause, KindFaultFired, wellFormed(call), wellFormed(session), &f)
}

// noted takes text without values that others sent.
func (s *Server) noted(call, text string) { s.emit(0, KindNote, wellFormed(call), "", notePart(text)) }
