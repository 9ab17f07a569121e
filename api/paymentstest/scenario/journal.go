package scenario

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// FromJournal records one call as a scenario that replays it and expects the same
// results. The entries are those of [paymentstest.Server.Entries] of that call, from
// its first one; entries that belong to no call are ignored.
//
// The file has names for the caller's entries, never digits. It has no Description,
// and only the names of Parameter. Requests without effect that were not retried are
// left out, and so are the server's [paymentstest.Assumptions]. The error names what
// the format cannot express, such as a fault with a custom status.
func FromJournal(entries []paymentstest.Entry) (*Scenario, error) {
	r := recording{caller: caller{}, paid: map[string]*paymentstest.GatewayEntry{}}
	for _, e := range entries {
		switch {
		case e.Kind == paymentstest.KindMissed:
			return nil, fmt.Errorf("scenario: %w", errForgotten)
		case e.Call == "":
			continue
		case r.call == "":
			r.call = e.Call
		case r.call != e.Call:
			return nil, errors.New("scenario: the entries belong to several calls: pass those of one call")
		}
		if err := r.read(e); err != nil {
			return nil, fmt.Errorf("scenario: entry %d: %w", e.Number, err)
		}
	}
	if len(r.requests) == 0 {
		return nil, errors.New("scenario: no payment was started on the call")
	}
	if r.requests[0].step.verb != doCreate {
		return nil, fmt.Errorf("scenario: %w", errForgotten)
	}
	return &Scenario{name: "saved", file: r.file()}, nil
}

var errForgotten = errors.New("the entries do not start with the first request of the call: the journal may have dropped it; see paymentstest.WithHistory")

// recording is the state of reading a call's entries.
type recording struct {
	call      string
	payment   payment
	requests  []*request
	caller    caller
	prompt    *paymentstest.PromptEntry // the open prompt
	open      bool                      // a session is open
	gateway   []verdict
	pending   bool // the gateway is deciding
	overtaken bool // a request arrived while the gateway was deciding
	paid      map[string]*paymentstest.GatewayEntry
	callbacks []made
	timeout   time.Duration // the longest of all prompts
}

// request is a request on the call or, with number 0, something that the caller did
// between prompts.
type request struct {
	step   step
	number int
	key    string
	fault  *requestFault
	done   bool // it took effect, or was refused
}

// made is a callback and how it was delivered.
type made struct {
	number int
	event  callback.Event
	fault  callbackFault
}

func (r *recording) read(e paymentstest.Entry) error {
	if e.Session != "" && len(r.requests) == 0 && e.Kind != paymentstest.KindRequestReceived {
		return errForgotten
	}
	switch e.Kind {
	case paymentstest.KindRequestReceived:
		return r.received(e.Request)
	case paymentstest.KindResponseSent:
		r.responded(e.Response)
	case paymentstest.KindPromptOpened:
		r.prompt, r.timeout = e.Prompt, max(r.timeout, e.Prompt.Timeout)
	case paymentstest.KindPromptClosed:
		r.closed(e.Prompt)
	case paymentstest.KindSessionOpened, paymentstest.KindSessionEnded:
		r.open = e.Kind == paymentstest.KindSessionOpened
	case paymentstest.KindKeyPressed:
		if e.Key.Key == "*" && !e.Key.Lost && r.prompt == nil && r.open {
			r.requests = append(r.requests, &request{step: step{verb: doStar}, done: true})
		}
	case paymentstest.KindCallEnded:
		if r.prompt == nil && r.open {
			r.requests = append(r.requests, &request{step: step{verb: doHangUp}, done: true})
		}
	case paymentstest.KindGatewayAsked:
		r.pending = true
	case paymentstest.KindGatewayDecided:
		return r.decided(e.Session, e.Gateway)
	case paymentstest.KindCallbackMade:
		return r.callback(e.Callback)
	case paymentstest.KindFaultFired:
		return r.fired(e.Fault)
	}
	return nil
}

func (r *recording) received(q *paymentstest.RequestEntry) error {
	if !slices.Contains(operations, operation(q.Operation)) {
		return nil // violates the contract; the client that plays a file cannot send it
	}
	if len(r.requests) == 0 {
		p, err := paymentOf(q.Form)
		if err != nil {
			return err
		}
		r.payment = payment{p}
	}
	r.overtaken = r.overtaken || r.pending
	r.requests = append(r.requests, &request{
		step: step{verb: string(q.Operation), capture: q.Form.Get("Capture")}, key: q.IdempotencyKey, number: q.Number,
	})
	return nil
}

// numbered returns the request with a number, searching from the last one.
func (r *recording) numbered(n int) *request {
	for _, q := range slices.Backward(r.requests) {
		if q.number == n {
			return q
		}
	}
	return &request{} // ignored
}

func (r *recording) responded(a *paymentstest.ResponseEntry) {
	q := r.numbered(a.Request)
	q.done = a.Committed || a.Replayed || a.Fault == ""
	if a.Status >= 400 && a.Fault == "" {
		q.step.refused = a.Code
	}
	if q.fault != nil {
		q.fault.RetryAfter = a.Header.Get("Retry-After")
	}
}

// closed records the caller's action when a prompt ends.
func (r *recording) closed(p *paymentstest.PromptEntry) {
	r.prompt = nil
	field := string(p.Capture)
	if p.Confirm {
		field = confirmation
	}
	action := doNothing
	switch {
	case p.Reason == paymentstest.PromptStar:
		action = doStar
	case p.Reason == paymentstest.PromptHangUp:
		action = doHangUp
	case p.Typed != "" && isAction(p.Typed, field):
		action = p.Typed
	case p.Reason == paymentstest.PromptTimeout:
		action = unfinished
	}
	r.caller[field] = append(r.caller[field], action)
}

// decided records a verdict. A decline by TEST mode is recorded as an approval,
// since TEST mode declines the replay too.
func (r *recording) decided(session string, g *paymentstest.GatewayEntry) error {
	if g.Held && g.Result == "" {
		return nil // a person decides later
	}
	r.pending = false
	v := verdict{Verdict: approve, After: duration(g.Delay)}
	switch {
	case g.Code != 0 && !isTestMode(g.Code):
		v.Verdict, v.Code, v.ConnectorError = decline, g.Code, g.ConnectorError
	case g.Code == 0 && g.Result != callback.ResultSuccess:
		return fmt.Errorf("a scenario file cannot express the gateway's result %s", g.Result)
	}
	if g.Code == 0 && v.After == 0 && r.untested() {
		v.After = duration(time.Millisecond) // any delay bypasses TEST mode
	}
	r.gateway = append(r.gateway, v)
	r.paid[session] = g
	return nil
}

// untested reports whether TEST mode would decline the last card or account, so the
// server must have been in live mode.
func (r *recording) untested() bool {
	for _, field := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureBankAccountNumber} {
		if list := r.caller[string(field)]; len(list) > 0 && list[len(list)-1] == "untested" {
			return true
		}
	}
	return false
}

func (r *recording) callback(c *paymentstest.CallbackEntry) error {
	if c.Number == 0 {
		return nil // sent by hand
	}
	event, err := callback.Parse(c.Form)
	r.callbacks = append(r.callbacks, made{number: c.Number, event: event})
	return err
}

// fired records a fault.
func (r *recording) fired(f *paymentstest.FaultEntry) error {
	if f.Target == "request" {
		fault, err := requestFaultOf(f)
		r.numbered(f.Request).fault = fault
		return err
	}
	for i := range r.callbacks {
		if r.callbacks[i].number == f.Callback {
			var err error
			r.callbacks[i].fault, err = callbackFaultOf(f.Name)
			return err
		}
	}
	return nil
}
