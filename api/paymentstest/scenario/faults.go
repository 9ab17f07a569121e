package scenario

import (
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// fault returns the fault for the file's words.
func (f requestFault) fault() paymentstest.Fault {
	var fault paymentstest.Fault
	switch f.Fault {
	case tooManyRequests:
		fault = paymentstest.TooManyRequests(f.RetryAfter)
	case unavailable:
		fault = paymentstest.Respond(503, "<html><body>Service Unavailable</body></html>")
		if f.RetryAfter != "" {
			fault = paymentstest.Respond(503, "<html><body>Service Unavailable</body></html>", "Retry-After", f.RetryAfter)
		}
	case serverError:
		fault = paymentstest.Refuse(500, 20500, "Internal Server Error")
	case reset:
		fault = paymentstest.Reset()
	case halfBody:
		fault = paymentstest.HalfBody()
	case neverAnswer:
		fault = paymentstest.NeverAnswer()
	case slow:
		fault = paymentstest.Delay(time.Duration(f.Delay))
	}
	if f.TakesEffect {
		fault = fault.AfterCommit()
	}
	if f.Fault != slow && f.Delay > 0 {
		fault = fault.After(time.Duration(f.Delay))
	}
	return fault
}

// check reports fields that are missing or contradict each other.
func (f requestFault) check(line int, field string, p *problems) {
	switch {
	case f.Fault == "":
		p.add(line, field, "needs the field fault: %s", oneOf(faultNames))
	case f.Fault == slow && f.Delay == 0:
		p.add(line, field, "slow needs the field delay, such as \"2s\"")
	case f.RetryAfter != "" && f.Fault != tooManyRequests && f.Fault != unavailable:
		p.add(line, field, "retryAfter is allowed with too-many-requests and unavailable only")
	case f.Nth < 0:
		p.add(line, field, "nth must be at least 1")
	case f.Times != nil && *f.Times < 0:
		p.add(line, field, "times must not be negative; 0 means always")
	}
}

func (f *requestFault) bind(n *node, field string, p *problems) {
	type plain requestFault
	before := len(p.list)
	bindInto(n, field, (*plain)(f), p)
	if len(p.list) == before {
		f.check(n.line, field, p)
	}
}

func (f *callbackFault) bind(n *node, field string, p *problems) {
	type plain callbackFault
	before := len(p.list)
	bindInto(n, field, (*plain)(f), p)
	switch {
	case len(p.list) > before:
	case f.Way == "":
		p.add(n.line, field, "needs the field way: %s", oneOf(ways))
	case (f.Way == late) != (f.Delay > 0):
		p.add(n.line, field, "the field delay, such as \"2s\", is required for late and not allowed otherwise")
	case f.Nth < 0:
		p.add(n.line, field, "nth must be at least 1")
	}
}

// counter counts occurrences by key.
type counter struct {
	mu    sync.Mutex
	count map[string]int
}

// next increments the count of a key and returns it.
func (c *counter) next(key string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == nil {
		c.count = map[string]int{}
	}
	c.count[key]++
	return c.count[key]
}

// injector returns an injector that counts the requests of each call separately.
func (f faults) injector() paymentstest.Injector {
	counts := make([]counter, len(f.Requests))
	return func(a paymentstest.Attempt) paymentstest.Fault {
		var chosen paymentstest.Fault
		for i, fault := range f.Requests {
			if fault.Operation != "" && fault.Operation != operation(a.Operation) {
				continue
			}
			n, from, times := counts[i].next(a.CallSID), max(fault.Nth, 1), 1
			if fault.Times != nil {
				times = *fault.Times
			}
			if chosen.None() && n >= from && (times == 0 || n < from+times) {
				chosen = fault.fault()
			}
		}
		return chosen
	}
}

// rule returns a delivery rule that counts the callbacks of each call separately.
func (f faults) rule() func(paymentstest.Callback) paymentstest.Delivery {
	counts := make([]counter, len(f.Callbacks))
	return func(c paymentstest.Callback) paymentstest.Delivery {
		var chosen paymentstest.Delivery
		name := nameOf(c.Event)
		for i, fault := range f.Callbacks {
			if fault.Event != "" && fault.Event != name {
				continue
			}
			n := counts[i].next(c.Event.CallSID)
			if chosen == paymentstest.Once() && (fault.Nth == 0 || fault.Nth == n) {
				chosen = fault.delivery()
			}
		}
		return chosen
	}
}

func (f callbackFault) delivery() paymentstest.Delivery {
	switch f.Way {
	case twice:
		return paymentstest.Twice()
	case late:
		return paymentstest.Late(time.Duration(f.Delay))
	case never:
		return paymentstest.Never()
	case outOfOrder:
		return paymentstest.AfterNext()
	}
	return paymentstest.Once()
}

// nameOf returns the file's name for what a callback reports.
func nameOf(e callback.Event) eventName {
	switch {
	case e.Kind == callback.Completed:
		return ended
	case e.Kind == callback.Started:
		return started
	case e.ErrorType != "":
		return failed
	case e.Partial():
		return entering
	}
	return captured
}
