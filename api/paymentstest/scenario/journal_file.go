package scenario

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// file returns the recording as a file.
func (r *recording) file() file {
	if r.prompt != nil {
		r.closed(r.prompt)
	}
	f := file{
		Title: "saved from a run", Payment: r.payment, Caller: r.caller.short(), Expect: r.expect(),
		Faults: faults{Callbacks: shortFaults(r.callbacks)},
	}
	if slices.ContainsFunc(r.gateway, func(v verdict) bool { return v != verdict{Verdict: approve} }) {
		f.Gateway = r.gateway
	}
	count := map[string]int{}
	for _, attempts := range r.operations() {
		last := attempts[len(attempts)-1]
		if !slices.ContainsFunc(attempts, func(q *request) bool { return q.done }) {
			continue
		}
		f.Steps = append(f.Steps, last.step)
		f.Faults.Requests = append(f.Faults.Requests, replay(attempts, count)...)
	}
	f.Patience = r.patience(f)
	return f
}

// operations groups the requests by operation: retries belong to the first request.
func (r *recording) operations() [][]*request {
	var all [][]*request
	for _, q := range r.requests {
		again := slices.IndexFunc(all, func(attempts []*request) bool {
			first := attempts[0]
			return q.number > 0 && first.number > 0 && first.key == q.key && first.step.verb == q.step.verb && first.step.capture == q.step.capture
		})
		if again >= 0 {
			all[again] = append(all[again], q)
			continue
		}
		all = append(all, []*request{q})
	}
	return all
}

// replay returns the faults of an operation, numbered for a run in which package
// payments sends the requests. It retries by its documented rules, whatever the
// recorded application did.
func replay(attempts []*request, count map[string]int) []requestFault {
	var list []requestFault
	repeated := true
	for _, q := range attempts {
		if !repeated {
			break
		}
		count[q.step.verb]++
		repeated = false
		if q.fault != nil {
			fault := *q.fault
			if fault.Nth = count[q.step.verb]; fault.Nth == 1 {
				fault.Nth = 0 // the default, which also means the first
			}
			list = append(list, fault)
			repeated = fault.Fault == tooManyRequests || fault.Fault != slow && q.step.verb != doComplete
		}
	}
	if repeated {
		count[attempts[0].step.verb]++
	}
	return list
}

// patience returns how long the player waits: less than the default if nothing
// will arrive, and longer than any delay.
func (r *recording) patience(f file) duration {
	silent, wait := false, time.Duration(0)
	for _, list := range f.Caller {
		silent = silent || slices.Contains(list, doNothing)
		if slices.Contains(list, unfinished) {
			wait = max(wait, r.timeout)
		}
	}
	for _, fault := range f.Faults.Callbacks {
		wait = max(wait, time.Duration(fault.Delay))
	}
	for _, v := range f.Gateway {
		if r.overtaken && v.After > 0 {
			return v.After / 2
		}
		wait = max(wait, time.Duration(v.After))
	}
	if silent || wait+time.Second > defaultPatience {
		return duration(wait + time.Second)
	}
	return 0
}

// short leaves out actions that are the default.
func (c caller) short() caller {
	short := caller{}
	for field, list := range c {
		for len(list) > 1 && list[len(list)-1] == list[len(list)-2] {
			list = list[:len(list)-1]
		}
		if len(list) == 1 && list[0] == (caller{}).action(field, 0) {
			continue
		}
		short[field] = list
	}
	return short
}

// expect returns the recorded results as expectations.
func (r *recording) expect() expect {
	var o outcome
	for _, m := range r.callbacks {
		o.callbacks = append(o.callbacks, paymentstest.Callback{Event: m.event})
	}
	e := expect{Charges: []charge{}, Tokens: []token{}}
	for _, p := range o.results() {
		e.Results = append(e.Results, result{p})
	}
	for _, p := range o.eventPhrases() {
		e.Events = append(e.Events, event{p})
	}
	for _, m := range r.callbacks {
		g := r.paid[m.event.SID]
		switch {
		case g == nil || !m.event.Succeeded():
		case g.Operation == "charge":
			e.Charges = append(e.Charges, charge{append(phrase{string(g.Amount), g.Currency}, shownWith(m.event)...)})
		default:
			e.Tokens = append(e.Tokens, token{append(phrase{string(g.TokenType)}, shownWith(m.event)...)})
		}
	}
	return e
}

// shownWith returns what a callback shows of the card or account.
func shownWith(e callback.Event) phrase {
	number, kind := e.PaymentCardNumber.Reveal(), string(e.PaymentCardType.Reveal())
	if e.PaymentMethod == payments.PaymentMethodACHDebit {
		number, kind = e.BankAccountNumber.Reveal(), string(payments.PaymentMethodACHDebit)
	}
	last := strings.TrimLeft(strings.ReplaceAll(number, "-", ""), "xX*")
	if kind == "" || !lastPart.fits(last) {
		return phrase{}
	}
	return phrase{kind, last}
}

// shortFaults describes how callbacks were delivered, in as few rules as possible.
func shortFaults(all []made) []callbackFault {
	if same(all) {
		return ruleFor("", all)
	}
	var list []callbackFault
	for _, name := range eventNames {
		of := slices.DeleteFunc(slices.Clone(all), func(m made) bool { return nameOf(m.event) != name })
		if same(of) {
			list = append(list, ruleFor(name, of)...)
			continue
		}
		for i, m := range of {
			if m.fault.Way != "" {
				m.fault.Event, m.fault.Nth = name, i+1
				list = append(list, m.fault)
			}
		}
	}
	return list
}

// same reports whether all callbacks were delivered in the same way.
func same(list []made) bool {
	return !slices.ContainsFunc(list, func(m made) bool { return m.fault != list[0].fault })
}

// ruleFor returns the rule for callbacks that were all delivered in the same way, or
// nil if that way is the default.
func ruleFor(name eventName, list []made) []callbackFault {
	if len(list) == 0 || list[0].fault.Way == "" {
		return nil
	}
	fault := list[0].fault
	fault.Event = name
	return []callbackFault{fault}
}

// callbackFaultOf parses the format of [paymentstest.Delivery.String].
func callbackFaultOf(name string) (callbackFault, error) {
	if delay, isLate := strings.CutPrefix(name, "late by "); isLate {
		d, err := time.ParseDuration(delay)
		return callbackFault{Way: late, Delay: duration(d)}, err
	}
	w := way(strings.ReplaceAll(name, " ", "-"))
	if !slices.Contains(ways, w) {
		return callbackFault{}, fmt.Errorf("a scenario file cannot express the delivery %q of a callback", name)
	}
	return callbackFault{Way: w}, nil
}

// requestFaultOf parses the format of [paymentstest.Fault.String].
func requestFaultOf(f *paymentstest.FaultEntry) (*requestFault, error) {
	fault := &requestFault{Operation: operation(f.Operation)}
	name := f.Name
	if at := strings.LastIndex(name, " after "); at >= 0 {
		if d, err := time.ParseDuration(name[at+len(" after "):]); err == nil {
			fault.Delay, name = duration(d), name[:at]
		}
	}
	name, fault.TakesEffect = strings.CutSuffix(name, " after commit")
	names := map[string]faultName{
		"429": tooManyRequests, "503": unavailable, "500": serverError, "reset": reset, "half body": halfBody, "never answer": neverAnswer, "response": slow,
	}
	if fault.Fault = names[name]; fault.Fault == "" {
		return nil, fmt.Errorf("a scenario file cannot express the fault %q of a request", f.Name)
	}
	return fault, nil
}

// isTestMode reports whether a code is a decline by TEST mode.
func isTestMode(code int) bool {
	return code == payments.CodeInvalidTestCard || code == payments.CodeInvalidTestBankAccount
}

// paymentOf reads the form of create. Free text may contain personal data: it leaves
// out Description and replaces the values of Parameter.
func paymentOf(form url.Values) (payments.CreateParams, error) {
	var p payments.CreateParams
	v := reflect.ValueOf(&p).Elem()
	for i, name := range namesOf(v.Type()) {
		text := form.Get(name)
		if text == "" || name == "Description" || slices.Contains(playerFields, name) {
			continue
		}
		var err error
		switch field := v.Field(i); field.Kind() {
		case reflect.Pointer:
			err = json.Unmarshal([]byte(strings.ToLower(text)), field.Addr().Interface())
		case reflect.Int:
			err = json.Unmarshal([]byte(text), field.Addr().Interface())
		case reflect.String:
			field.SetString(text)
		default: // lists and Parameter
			quoted, quoteErr := json.Marshal(text)
			if quoteErr != nil {
				return p, quoteErr
			}
			err = json.Unmarshal(quoted, field.Addr().Interface())
		}
		if err != nil {
			return p, fmt.Errorf("the field %s of create cannot be read", name)
		}
	}
	values := p.Parameter.Reveal()
	for name := range values {
		values[name] = "example"
	}
	if len(values) > 0 {
		p.Parameter = wire.NewParameters(values)
	}
	return p, nil
}
