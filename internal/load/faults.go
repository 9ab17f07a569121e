package load

import (
	"hash/fnv"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// faults makes requests fail, and checks that complete is not sent again once
// Twilio may have acted.
type faults struct {
	mu      sync.Mutex
	acted   map[string]bool // sessions whose complete may have been processed
	doubled atomic.Int64
}

func newFaults() *faults { return &faults{acted: make(map[string]bool)} }

// share returns a number below 100 that depends only on the texts.
func share(texts ...string) int {
	h := fnv.New32a()
	for _, text := range texts {
		_, _ = h.Write([]byte(text + "\n"))
	}
	return int(h.Sum32() % 100)
}

func (f *faults) inject(a paymentstest.Attempt) paymentstest.Fault {
	fault := choose(a)
	if a.Operation != paymentstest.Complete {
		return fault
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.acted[a.SID] {
		f.doubled.Add(1)
	}
	f.acted[a.SID] = f.acted[a.SID] || fault.String() != tooMany.String()
	return fault
}

var (
	tooMany        = paymentstest.TooManyRequests("")
	lostResponse   = paymentstest.Reset().AfterCommit()
	failedResponse = paymentstest.Respond(http.StatusServiceUnavailable, "<h1>no</h1>").AfterCommit()
	lostRequest    = paymentstest.Respond(http.StatusBadGateway, "")
)

// choose loses one response in ten, without changing the fate of the session: a
// request is lost entirely only for a complete in sessions meant for that.
func choose(a paymentstest.Attempt) paymentstest.Fault {
	switch n := share(a.CallSID, string(a.Operation), a.SID); {
	case a.Operation == paymentstest.Complete && fateOf(a.CallSID) == lostComplete:
		return lostRequest
	case a.Operation == paymentstest.Complete && n < 5 && a.Number == 1:
		return tooMany
	case n < 10:
		return lostResponse
	case n < 15:
		return failedResponse
	}
	return paymentstest.Fault{}
}

// decide declines the sessions meant to be declined.
func decide(p paymentstest.Payment) paymentstest.Verdict {
	if fateOf(p.CallSID) == declined {
		return paymentstest.Decline(payments.CodeChargeRejected, "insufficient_funds")
	}
	return paymentstest.Verdict{}
}

// deliveries delivers some callbacks twice, some late and some out of order,
// and only the given percentage of those about a digit.
func deliveries(digits int) func(paymentstest.Callback) paymentstest.Delivery {
	return func(c paymentstest.Callback) paymentstest.Delivery {
		n := share(c.Token)
		switch {
		case c.Event.Partial() && share(c.Token, "digit") >= digits:
			return paymentstest.Never()
		case n < 5:
			return paymentstest.Twice()
		case n < 10 && c.Event.Partial(): // the last callback of an entry keeps its place
			return paymentstest.AfterNext()
		case n < 15:
			return paymentstest.Late(20 * time.Millisecond)
		}
		return paymentstest.Once()
	}
}
