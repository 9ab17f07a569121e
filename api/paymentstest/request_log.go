package paymentstest

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// requestLog keeps the requests and counts their attempts. It writes the journal's
// entries about requests while it holds its lock, so that requests have the same
// order here and there.
type requestLog struct {
	seed    uint64 // request IDs are derived from it
	journal *journal

	mu       sync.Mutex // guards the members of kept requests that change, too
	kept     history[*Request]
	total    int
	onCall   counters[string]
	attempts counters[attemptKey]
}

type attemptKey struct {
	account, call, sid, key string
	op                      Operation
}

func newRequestLog(c *config, j *journal) *requestLog {
	counted := 8 * c.maxSessions
	l := &requestLog{seed: c.seed, journal: j, onCall: newCounters[string](counted), attempts: newCounters[attemptKey](counted)}
	l.kept.count, l.kept.budget = c.history, c.historyBytes/historyLists
	return l
}

// add keeps a request, gives it its number, and counts it if it is valid.
func (l *requestLog) add(rec *Request, valid bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if valid {
		l.total++
		rec.Attempt = l.attempts.add(attemptKey{rec.AccountSID, rec.CallSID, rec.SID, core.ShortKey(rec.IdempotencyKey), rec.Operation})
		rec.total, rec.onCall = l.total, l.onCall.add(rec.CallSID)
	}
	rec.Number = l.kept.add(rec, rec.size())
	rec.entry = l.journal.emit(origin{at: rec.Time}, KindRequestReceived, wellFormed(rec.CallSID), wellFormed(rec.SID), &requestPart{rec: rec})
}

// faulted records the fault of a request.
func (l *requestLog) faulted(rec *Request, f Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec.Fault = f
	l.journal.emit(l.journal.because(rec.entry), KindFaultFired, wellFormed(rec.CallSID), wellFormed(rec.SID), &FaultEntry{
		Target: targetRequest, Name: f.String(), Operation: rec.Operation, Request: rec.Number,
		TookEffect: f.commit || f.kind == faultNone,
	})
}

// acted records what a request did.
func (l *requestLog) acted(rec *Request, r core.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec.Committed, rec.Replayed = r.Committed, r.Replayed
	if r.Session.SID != "" {
		rec.SID = r.Session.SID
	}
}

// responded records a response. It is called before the response is written, so
// that whatever the client does next comes later in the journal.
func (l *requestLog) responded(rec *Request, sent sentResponse) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec.Status, rec.Code = sent.status, sent.code
	if rec.Operation == FetchToken && sent.status == http.StatusOK {
		sent.body = []byte(`{"access_token":"…"}`)
	}
	o := l.journal.because(rec.entry)
	o.assumption = sent.assumption
	l.journal.emit(o, KindResponseSent, wellFormed(rec.CallSID), wellFormed(rec.SID), &responsePart{
		sentResponse: sent, log: l, rec: rec, duration: time.Since(rec.started),
	})
}

func (l *requestLog) requestID(rec *Request) string {
	return core.Derive(l.seed, "RQ", 32, "request", strconv.Itoa(rec.Number))
}

func (l *requestLog) list() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Request, 0, l.kept.length)
	for r := range l.kept.all() {
		c := *r
		c.Header = c.Header.Clone()
		c.Form = cloneForm(c.Form)
		list = append(list, c)
	}
	return list
}

// counters counts by key. With a limit it keeps at most twice as many keys, and
// forgets those that have not been counted for longest.
type counters[K comparable] struct {
	limit       int
	now, before map[K]int
}

func newCounters[K comparable](limit int) counters[K] {
	return counters[K]{limit: limit, now: map[K]int{}}
}

// add counts one more and returns the new count.
func (c *counters[K]) add(key K) int {
	n, known := c.now[key]
	if !known {
		n = c.before[key]
		if c.limit > 0 && len(c.now) >= c.limit {
			c.now, c.before = map[K]int{}, c.now
		}
	}
	c.now[key] = n + 1
	return n + 1
}
