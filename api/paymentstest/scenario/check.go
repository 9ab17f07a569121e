package scenario

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// outcome is what has happened, as far as expectations cover it.
type outcome struct {
	requests  []paymentstest.Request
	callbacks []paymentstest.Callback // grouped by call, in order
	charges   []paymentstest.Charge
	tokens    []paymentstest.Token
}

// seen returns what has happened on the wanted calls.
func seen(srv *paymentstest.Server, wanted func(callSID string) bool) outcome {
	o := outcome{
		requests:  slices.DeleteFunc(srv.Requests(), func(r paymentstest.Request) bool { return !wanted(r.CallSID) }),
		callbacks: slices.DeleteFunc(srv.Callbacks(), func(c paymentstest.Callback) bool { return !wanted(c.Event.CallSID) }),
		charges:   slices.DeleteFunc(srv.Charges(), func(c paymentstest.Charge) bool { return !wanted(c.CallSID) }),
		tokens:    slices.DeleteFunc(srv.Tokens(), func(t paymentstest.Token) bool { return !wanted(t.CallSID) }),
	}
	first := map[string]int{}
	for i, c := range o.callbacks {
		if _, known := first[c.Event.CallSID]; !known {
			first[c.Event.CallSID] = i
		}
	}
	slices.SortStableFunc(o.callbacks, func(a, b paymentstest.Callback) int {
		return first[a.Event.CallSID] - first[b.Event.CallSID]
	})
	return o
}

// check compares what has happened with what is expected.
func (s *Scenario) check(o outcome) *Report {
	e := s.file.Expect
	r := &Report{Scenario: s.name, Title: s.Title()}
	compare(r, "results", e.Results, o.results())
	compare(r, "charges", e.Charges, o.chargePhrases())
	compare(r, "tokens", e.Tokens, o.tokenPhrases())
	compareEvents(r, e.Events, o.eventPhrases())
	count(r, "requests", e.Requests, o.requestCounts())
	count(r, "delivered", e.Delivered, o.deliveredCounts())
	if f := s.file.Faults; f.Requests != nil || f.Callbacks != nil {
		r.addNone("faults", o.unfired(f))
	}
	r.addNone("charged once", o.chargedTwice(e.Charges != nil))
	r.addNone("valid requests", o.violations())
	if !e.AllowUndelivered {
		r.addNone("callbacks accepted", o.notAccepted())
	}
	return r
}

// compare checks a list, unless want is nil.
func compare[T interface{ fits(phrase) bool }](r *Report, name string, want []T, got []phrase) {
	if want == nil {
		return
	}
	passed := len(want) == len(got)
	for i, w := range want {
		passed = passed && i < len(got) && w.fits(got[i])
	}
	addLists(r, name, passed, want, got)
}

// compareEvents checks events, with wildcards.
func compareEvents(r *Report, want []event, got []phrase) {
	if want != nil {
		addLists(r, "events", follow(want, got), want, got)
	}
}

// follow reports whether the events match want in order. On a mismatch it returns
// to the last wildcard and lets it match one more event.
func follow(want []event, got []phrase) bool {
	w, g, wildcard, resume := 0, 0, -1, 0
	for g < len(got) {
		switch {
		case w < len(want) && want[w].isAnything():
			wildcard, resume = w, g
			w++
		case w < len(want) && want[w].fits(got[g]):
			w++
			g++
		case wildcard >= 0:
			resume++
			w, g = wildcard+1, resume
		default:
			return false
		}
	}
	for w < len(want) && want[w].isAnything() {
		w++
	}
	return w == len(want)
}

func (e event) isAnything() bool { return len(e.phrase) == 1 && e.phrase[0] == anything }

func addLists[T any](r *Report, name string, passed bool, want []T, got []phrase) {
	c := Check{Name: name, Passed: passed}
	for _, w := range want {
		c.Want = append(c.Want, fmt.Sprint(w))
	}
	for _, g := range got {
		c.Got = append(c.Got, g.String())
	}
	r.Checks = append(r.Checks, c)
}

// count checks numbers by name. Names that want does not have are not checked.
func count[T ~string](r *Report, name string, want map[T]int, got map[T]int) {
	if want == nil {
		return
	}
	c := Check{Name: name, Passed: true}
	for _, what := range slices.Sorted(maps.Keys(want)) {
		c.Want = append(c.Want, fmt.Sprintf("%d %s", want[what], what))
		c.Got = append(c.Got, fmt.Sprintf("%d %s", got[what], what))
		c.Passed = c.Passed && want[what] == got[what]
	}
	r.Checks = append(r.Checks, c)
}

// results returns how the sessions ended, in the order in which they started.
func (o outcome) results() []phrase {
	var order []string
	ends := map[string]phrase{}
	for _, c := range o.callbacks {
		sid := c.Event.SID
		if ends[sid] == nil {
			order = append(order, sid)
			ends[sid] = phrase{open}
		}
		if c.Event.Kind == callback.Completed {
			ends[sid] = resultOf(c.Event)
		}
	}
	list := make([]phrase, len(order))
	for i, sid := range order {
		list[i] = ends[sid]
	}
	return list
}

func resultOf(e callback.Event) phrase {
	p := phrase{string(e.Result)}
	if e.PayErrorCode != "" {
		p = append(p, e.PayErrorCode)
	}
	return p
}

// phraseOf returns what a callback reports.
func phraseOf(e callback.Event) phrase {
	p := phrase{string(nameOf(e))}
	switch nameOf(e) {
	case ended:
		return append(p, resultOf(e)...)
	case started:
		return p
	}
	for _, word := range []string{string(e.Capture), string(e.ErrorType)} {
		if word != "" {
			p = append(p, word)
		}
	}
	return p
}

// eventPhrases returns all events except partial ones.
func (o outcome) eventPhrases() []phrase {
	var list []phrase
	for _, c := range o.callbacks {
		if nameOf(c.Event) != entering {
			list = append(list, phraseOf(c.Event))
		}
	}
	return list
}

func (o outcome) chargePhrases() []phrase {
	var list []phrase
	for _, c := range o.charges {
		list = append(list, append(phrase{string(c.Amount), c.Currency}, with(c.Payment)...))
	}
	return list
}

func (o outcome) tokenPhrases() []phrase {
	var list []phrase
	for _, t := range o.tokens {
		list = append(list, append(phrase{string(t.TokenType)}, with(t.Payment)...))
	}
	return list
}

// with returns the card type, or ach-debit, and the last digits.
func with(p paymentstest.Payment) phrase {
	kind := string(p.CardType)
	if p.Method == payments.PaymentMethodACHDebit {
		kind = string(p.Method)
	}
	return phrase{kind, p.LastDigits}
}

func (o outcome) requestCounts() map[operation]int {
	n := map[operation]int{}
	for _, r := range o.requests {
		n[operation(r.Operation)]++
	}
	return n
}

// deliveredCounts counts the accepted deliveries by event.
func (o outcome) deliveredCounts() map[eventName]int {
	n := map[eventName]int{}
	for _, c := range o.callbacks {
		for _, a := range c.Attempts {
			if a.Status >= 200 && a.Status < 300 {
				n[nameOf(c.Event)]++
			}
		}
	}
	return n
}

// unfired lists the faults that never fired. A run without them proves little.
func (o outcome) unfired(f faults) []string {
	var list []string
	for _, fault := range f.Requests {
		if !slices.ContainsFunc(o.requests, func(r paymentstest.Request) bool {
			return (fault.Operation == "" || fault.Operation == operation(r.Operation)) && r.Fault.String() == fault.fault().String()
		}) {
			list = append(list, fmt.Sprintf("%s did not fire on any request of %s", fault.Fault, cmp.Or(fault.Operation, "any operation")))
		}
	}
	for _, fault := range f.Callbacks {
		if !slices.ContainsFunc(o.callbacks, func(c paymentstest.Callback) bool {
			return (fault.Event == "" || fault.Event == nameOf(c.Event)) && c.Delivery == fault.delivery()
		}) {
			list = append(list, fmt.Sprintf("no callback of %s was delivered %s", cmp.Or(fault.Event, "any event"), fault.Way))
		}
	}
	return list
}

// chargedTwice lists sessions and calls that were charged more than once. For calls
// that is allowed if the scenario lists its charges.
func (o outcome) chargedTwice(listed bool) []string {
	sessions, calls := map[string]int{}, map[string]int{}
	for _, c := range o.charges {
		sessions[c.SID]++
		calls[c.CallSID]++
	}
	var list []string
	for _, sid := range slices.Sorted(maps.Keys(sessions)) {
		if n := sessions[sid]; n > 1 {
			list = append(list, fmt.Sprintf("session %s was charged %d times", sid, n))
		}
	}
	for _, sid := range slices.Sorted(maps.Keys(calls)) {
		if n := calls[sid]; n > 1 && !listed {
			list = append(list, fmt.Sprintf("call %s was charged %d times: if that is intended, list the charges in expect.charges", sid, n))
		}
	}
	return list
}

// violations lists requests that violate the contract.
func (o outcome) violations() []string {
	var list []string
	for _, r := range o.requests {
		if r.Violation != nil {
			list = append(list, "request "+strconv.Itoa(r.Number)+": "+r.Violation.Error())
		}
	}
	return list
}

// notAccepted lists the callbacks that were due but not accepted.
func (o outcome) notAccepted() []string {
	var list []string
	for _, c := range o.callbacks {
		if c.Delivered() || c.Delivery == paymentstest.Never() {
			continue
		}
		why := "was not delivered"
		if n := len(c.Attempts); n > 0 {
			if last := c.Attempts[n-1]; last.Status != 0 {
				why = "got status " + strconv.Itoa(last.Status)
			} else if last.Err != nil {
				why = last.Err.Error()
			}
		}
		list = append(list, fmt.Sprintf("callback %d (%s): %s", c.Number, phraseOf(c.Event), why))
	}
	return list
}
