package paymentstest

import "time"

// How entries get into the journal. Each type around the simulation writes the
// entries about its own events with emit; those that several of them write are
// here.

// origin is where an entry comes from.
type origin struct {
	at         time.Time
	cause      int64  // the entry that caused it, zero for none
	assumption string // the field of Assumptions that decided it, if one did
}

// because is the origin of an entry at the current time.
func (j *journal) because(cause int64) origin { return origin{at: j.clock.Now(), cause: cause} }

// emit adds an entry and returns its number.
func (j *journal) emit(o origin, kind EntryKind, call, session string, part recordPart) int64 {
	if o.assumption != "" {
		part = assumedPart{part, o.assumption}
	}
	return j.add(record{time: o.at, kind: codeOf(kind), call: call, session: session, cause: o.cause, part: part})
}

// faultsArmed records that faults were set, and how many rules are set now.
func (j *journal) faultsArmed(target string, rules int) {
	j.emit(j.because(0), KindFaultArmed, "", "", &FaultEntry{Target: target, Rules: rules})
}

// note records text that contains no value that others sent.
func (j *journal) note(call, text string) {
	j.emit(j.because(0), KindNote, wellFormed(call), "", notePart(text))
}
