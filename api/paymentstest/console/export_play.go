package console

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// player turns the entries of a run into the steps of a test.
type player struct {
	test     goTest
	requests map[int]paymentstest.Request
	bases    map[string]bool
	onCall   int         // requests sent so far
	sessions []string    // SIDs, in order
	sent     map[int]int // by request: its position on the call
	steps    map[int]int // by request: its step
	finals   int         // non-partial callbacks so far
	final    map[int]int // by callback: its position among those
	waits    bool        // the gateway is deciding
}

// assume adds the assumptions that differ from the default.
func (p *player) assume(a paymentstest.Assumptions) {
	fields, v := "", reflect.ValueOf(a)
	for i := range v.NumField() {
		name, value := v.Type().Field(i).Name, v.Field(i)
		switch {
		case value.IsZero():
		case value.Type() == reflect.TypeFor[time.Duration]():
			fields += name + ": " + goDuration(value.Interface().(time.Duration)) + ", "
		case value.Kind() == reflect.String:
			fields += name + ": " + strconv.Quote(value.String()) + ", "
		default:
			fields += fmt.Sprintf("%s: %#v, ", name, value.Interface())
		}
	}
	if fields != "" {
		p.test.Options = append(p.test.Options, "paymentstest.WithAssumptions(paymentstest.Assumptions{"+fields+"})")
	}
}

func (p *player) play(e paymentstest.Entry) {
	switch e.Kind {
	case paymentstest.KindRequestReceived:
		p.request(e.Request)
	case paymentstest.KindResponseSent:
		p.response(e.Response)
	case paymentstest.KindFaultFired:
		p.fault(e.Fault)
	case paymentstest.KindSessionOpened:
		p.sessions = append(p.sessions, e.Session)
	case paymentstest.KindPromptClosed:
		p.closed(e.Prompt)
	case paymentstest.KindCallEnded:
		p.step("call.HangUp()")
	case paymentstest.KindCallbackMade:
		p.callback(e.Callback)
	case paymentstest.KindSessionChanged:
		p.waits = e.State.Phase == paymentstest.PhaseCompleting
	case paymentstest.KindGatewayDecided:
		p.verdict(e.Gateway)
	}
}

func (p *player) step(text string) { p.test.Steps = append(p.test.Steps, text) }

// request adds a step that sends a request, if package payments can send it.
func (p *player) request(q *paymentstest.RequestEntry) {
	rec, kept := p.requests[q.Number]
	if !kept || rec.Form == nil || rec.Operation == paymentstest.Update || rec.Operation == "" {
		p.test.Notes = append(p.test.Notes, fmt.Sprintf("Request %d is left out: it violates the API's contract, or was not stored.", q.Number))
		return
	}
	p.onCall++
	if p.sent == nil {
		p.sent, p.steps, p.final = map[int]int{}, map[int]int{}, map[int]int{}
	}
	p.sent[q.Number] = p.onCall
	sid := strconv.Quote(rec.SID)
	if i := slices.Index(p.sessions, rec.SID); i >= 0 {
		sid, p.test.UsesSession = "session("+strconv.Itoa(i+1)+")", true
	}
	call, imports := goCall(rec, sid)
	p.test.UsesWire = p.test.UsesWire || imports != ""
	if b := base(rec.Form.Get("StatusCallback")); b != "" && !p.bases[b] {
		p.bases[b] = true
		p.test.Bases = append(p.test.Bases, b)
	}
	p.steps[q.Number] = len(p.test.Steps)
	p.test.UsesCall = true
	p.step("_, err = " + call)
}

// response adds the expected status to a request's step.
func (p *player) response(a *paymentstest.ResponseEntry) {
	at, sent := p.steps[a.Request]
	if !sent {
		return
	}
	p.test.Steps[at] += fmt.Sprintf("\nresponded(%q, err, %d)", p.requests[a.Request].Operation, a.Status)
	if a.Fault != "" {
		fault := goFault(a.Fault, a)
		p.test.Faults = append(p.test.Faults, fmt.Sprintf("%d: %s", p.sent[a.Request], fault))
	}
}

// fault records how a callback was delivered. Faults of requests are recorded with
// their responses.
func (p *player) fault(f *paymentstest.FaultEntry) {
	if f.Target != "callback" {
		return
	}
	n, isFinal := p.final[f.Callback]
	if !isFinal {
		if len(p.test.Notes) == 0 || !strings.HasPrefix(p.test.Notes[len(p.test.Notes)-1], "Partial callbacks") {
			p.test.Notes = append(p.test.Notes, "Partial callbacks are all delivered once.")
		}
		return
	}
	if delivery := goDelivery(f.Name); delivery != "" {
		p.test.Deliveries = append(p.test.Deliveries, fmt.Sprintf("%d: %s", n, delivery))
	}
}

// closed adds the keys of an entry, by the name of what was typed.
func (p *player) closed(prompt *paymentstest.PromptEntry) {
	switch prompt.Reason {
	case paymentstest.PromptComplete, paymentstest.PromptRefused:
		p.step(fmt.Sprintf("done(call.Type(%q))", prompt.Typed))
	case paymentstest.PromptTimeout:
		p.first(prompt.Count)
		p.step("time.Sleep(" + goDuration(prompt.Timeout) + ")\nsynctest.Wait()")
	case paymentstest.PromptStar:
		p.first(prompt.Count)
		p.step("done(call.Star())")
	case paymentstest.PromptHangUp, paymentstest.PromptSessionEnded, paymentstest.PromptReplaced:
		p.before(prompt.Count)
	}
}

// first adds a step that types the first n digits of an entry.
func (p *player) first(n int) {
	if n > 0 {
		p.step(fmt.Sprintf("done(call.TypeFirst(%d, %q))", n, "good"))
	}
}

// before inserts a step that types the first n digits of an entry before the last
// step, which ended the entry.
func (p *player) before(n int) {
	if n == 0 || len(p.test.Steps) == 0 {
		return
	}
	at := len(p.test.Steps) - 1
	p.test.Steps = slices.Insert(p.test.Steps, at, fmt.Sprintf("done(call.TypeFirst(%d, %q))", n, "good"))
	for number, step := range p.steps {
		if step >= at {
			p.steps[number]++
		}
	}
}

// callback records what a callback reports, unless it is partial.
func (p *player) callback(b *paymentstest.CallbackEntry) {
	if b.Number == 0 {
		return
	}
	event, err := callback.Parse(b.Form)
	if err != nil || event.Partial() {
		return
	}
	p.finals++
	if p.final == nil {
		p.final = map[int]int{}
	}
	p.final[b.Number] = p.finals
	p.test.Want = append(p.test.Want, said(event))
}

// said returns what a callback reports, in the form the exported test compares.
func said(e callback.Event) string {
	switch e.Kind {
	case callback.Completed:
		return strings.TrimSpace("completed " + string(e.Result) + " " + string(e.PayErrorCode))
	case callback.Updated:
		return strings.TrimSpace(string(e.Capture) + " " + string(e.ErrorType))
	}
	return string(e.Kind)
}

// verdict adds a verdict of the gateway. If the gateway took time, what happened
// meanwhile is already in the steps before.
func (p *player) verdict(g *paymentstest.GatewayEntry) {
	said := ""
	if g.Result != callback.ResultSuccess {
		said = fmt.Sprintf("Result: %q, Code: %d, ConnectorError: %q, ", g.Result, g.Code, g.ConnectorError)
	} else if g.Operation == "charge" {
		p.test.Charges++
	} else {
		p.test.Tokens++
	}
	waits := p.waits
	p.waits = false
	switch {
	case waits && g.Delay > 0 && !g.Held:
		p.step("time.Sleep(" + goDuration(g.Delay) + ") // the gateway decides\nsynctest.Wait()")
		said += "After: " + goDuration(g.Delay) + ", "
	case waits:
		p.test.UsesSession = true
		p.step(fmt.Sprintf("done(srv.Decide(session(%d), paymentstest.Verdict{%s}))", len(p.sessions), said))
		said = "Hold: true, "
	}
	p.test.Verdicts = append(p.test.Verdicts, "paymentstest.Verdict{"+said+"}")
}

// end removes verdicts that equal the default: approving test cards.
func (p *player) end() {
	approves := !slices.ContainsFunc(p.test.Verdicts, func(v string) bool { return v != "paymentstest.Verdict{}" })
	untested := slices.ContainsFunc(p.test.Steps, func(s string) bool { return strings.Contains(s, `"untested"`) || strings.Contains(s, `"other"`) })
	if approves && !untested {
		p.test.Verdicts = nil
	}
}

// goDuration writes a duration as a Go expression.
func goDuration(d time.Duration) string {
	for _, unit := range []struct {
		d    time.Duration
		name string
	}{{time.Minute, "time.Minute"}, {time.Second, "time.Second"}, {time.Millisecond, "time.Millisecond"}} {
		if d%unit.d == 0 {
			if d == unit.d {
				return unit.name
			}
			return fmt.Sprintf("%d * %s", d/unit.d, unit.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}

// cutDelay splits " after 3s" or " by 3s" off the end of a name.
func cutDelay(name string) (rest, delay string) {
	for _, word := range []string{" after ", " by "} {
		if i := strings.LastIndex(name, word); i >= 0 {
			if d, err := time.ParseDuration(name[i+len(word):]); err == nil {
				return name[:i], goDuration(d)
			}
		}
	}
	return name, ""
}
