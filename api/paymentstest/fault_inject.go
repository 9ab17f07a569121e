package paymentstest

import (
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// Attempt is a request about to be acted on, as an [Injector] sees it.
type Attempt struct {
	Operation Operation
	// Number counts the requests with this account, operation and idempotency
	// key: 1 is the first try, 2 the first repetition.
	Number int
	// Total counts all valid requests the server has seen, this one included.
	Total int
	// OnCall counts the valid requests for this call, this one included.
	OnCall         int
	AccountSID     string
	CallSID        string
	SID            string // empty on create
	IdempotencyKey string
}

// Injector chooses the fault of a request; the zero [Fault] lets it pass. It is
// called for one request at a time and must not call the server.
type Injector func(Attempt) Fault

// On makes attempt number n of every logical operation of a kind fail; [Any]
// means every kind, and n 0 every attempt.
func On(op Operation, n int, fault Fault) Injector {
	return func(a Attempt) Fault {
		if (op == Any || op == a.Operation) && (n == 0 || n == a.Number) {
			return fault
		}
		return Fault{}
	}
}

// AtRandom makes about rate of all requests, from 0 to 1, fail with one of the
// faults. The choice depends on the seed, the call and how many requests that
// call has seen: it is the same in every run that sends the same requests on
// each call in the same order, however calls are interleaved.
func AtRandom(seed uint64, rate float64, faults ...Fault) Injector {
	return func(a Attempt) Fault {
		if len(faults) == 0 {
			return Fault{}
		}
		r := rand.New(rand.NewPCG(seed, hash(a.CallSID+" "+strconv.Itoa(a.OnCall)))) // #nosec G404 -- faults repeat for a seed
		if r.Float64() >= rate {
			return Fault{}
		}
		return faults[r.IntN(len(faults))]
	}
}

// Inject replaces the server's faults: the first injector that gives one
// decides. Without arguments no request fails any more.
func (s *Server) Inject(injectors ...Injector) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.injectors = injectors
	s.faultsArmed("request", len(injectors))
}

// Arm puts an injector before those of [Server.Inject], and before those armed
// earlier, until disarm is called: a person, a page or a scenario can break
// something for a while and leave the server as it was.
func (s *Server) Arm(in Injector) (disarm func()) {
	return arm(s, &s.armed, "request", in)
}

// countAttempt counts a valid request.
func (s *Server) countAttempt(rec *Request) {
	s.total++
	rec.Attempt = s.attempts.add(attemptKey{rec.AccountSID, rec.CallSID, rec.SID, core.ShortKey(rec.IdempotencyKey), rec.Operation})
	rec.total, rec.onCall = s.total, s.onCall.add(rec.CallSID)
}

// choose chooses and notes the fault of a request.
func (s *Server) choose(rec *Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := Attempt{
		Operation: rec.Operation, AccountSID: rec.AccountSID, CallSID: rec.CallSID, SID: rec.SID,
		IdempotencyKey: rec.IdempotencyKey, Number: rec.Attempt, Total: rec.total, OnCall: rec.onCall,
	}
	for in := range s.armed.then(s.injectors...) {
		if in == nil {
			continue
		}
		if f := in(a); !f.None() {
			rec.Fault = f
			s.faultFired(rec.entry, rec.CallSID, rec.SID, FaultEntry{
				Target: "request", Name: f.String(), Operation: rec.Operation, Request: rec.Number,
				TookEffect: f.commit || f.kind == faultNone,
			})
			return f
		}
	}
	return Fault{}
}

type attemptKey struct {
	account, call, sid, key string
	op                      Operation
}

// armed are rules that stand before the server's own, the last one first.
type armed[T any] struct{ rules []*T }

// arm puts a rule before all others, and notes in the journal that there is one
// more or, after disarm, one less.
func arm[T any](s *Server, a *armed[T], target string, rule T) (disarm func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := &rule
	a.rules = slices.Insert(a.rules, 0, entry)
	s.faultsArmed(target, len(a.rules))
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		before := len(a.rules)
		if a.rules = slices.DeleteFunc(a.rules, func(r *T) bool { return r == entry }); len(a.rules) < before {
			s.faultsArmed(target, len(a.rules))
		}
	}
}

// then yields what is armed, and after it others.
func (a *armed[T]) then(others ...T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, r := range a.rules {
			if !yield(*r) {
				return
			}
		}
		for _, o := range others {
			if !yield(o) {
				return
			}
		}
	}
}

// hash spreads text over 64 bits.
func hash(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:8])
}

// counters counts by key. With a limit it keeps to twice as many keys, and
// forgets those that were not seen for longest.
type counters[K comparable] struct {
	limit       int
	now, before map[K]int
}

func newCounters[K comparable](limit int) counters[K] {
	return counters[K]{limit: limit, now: map[K]int{}}
}

// add counts one more, and returns how many there were.
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
