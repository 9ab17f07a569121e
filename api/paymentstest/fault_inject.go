package paymentstest

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"sync"
)

// Attempt is a request about to be acted on, as an [Injector] sees it.
type Attempt struct {
	Operation Operation
	// Number counts the requests with this account, operation and idempotency
	// key: 1 is the first attempt, 2 the first retry.
	Number int
	// Total counts all valid requests, including this one.
	Total int
	// OnCall counts the valid requests for this call, including this one.
	OnCall         int
	AccountSID     string
	CallSID        string
	SID            string // empty on create
	IdempotencyKey string
}

// Injector chooses the fault of a request; the zero [Fault] is none. It is called for
// one request at a time and must not call the server.
type Injector func(Attempt) Fault

// On makes attempt n of every operation of a kind fail. [Any] is every kind, and n 0
// every attempt.
func On(op Operation, n int, fault Fault) Injector {
	return func(a Attempt) Fault {
		if (op == Any || op == a.Operation) && (n == 0 || n == a.Number) {
			return fault
		}
		return Fault{}
	}
}

// AtRandom makes about rate of all requests, from 0 to 1, fail with one of the
// faults. The choice depends on the seed, the call and its number of requests: it is
// the same in every run that sends the same requests on each call in the same order,
// however calls are interleaved.
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

// Inject replaces the server's faults: the first injector that returns one decides.
// Without arguments requests no longer fail.
func (s *Server) Inject(injectors ...Injector) { s.faults.rules.replace(injectors...) }

// Arm puts an injector before those of [Server.Inject], and before those armed
// earlier, until disarm is called. Use it to break something for a while without
// changing the server's own faults.
func (s *Server) Arm(in Injector) (disarm func()) { return s.faults.rules.arm(in) }

// faults chooses what goes wrong with requests.
type faults struct {
	rules    *rules[Injector]
	requests *requestLog
	mu       sync.Mutex // held while injectors are asked
}

// choose chooses and records the fault of a request.
func (f *faults) choose(rec *Request) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := Attempt{
		Operation: rec.Operation, AccountSID: rec.AccountSID, CallSID: rec.CallSID, SID: rec.SID,
		IdempotencyKey: rec.IdempotencyKey, Number: rec.Attempt, Total: rec.total, OnCall: rec.onCall,
	}
	for _, in := range f.rules.inOrder() {
		if in == nil {
			continue
		}
		if fault := in(a); !fault.None() {
			f.requests.faulted(rec, fault)
			return fault
		}
	}
	return Fault{}
}

// hash spreads text over 64 bits.
func hash(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:8])
}
