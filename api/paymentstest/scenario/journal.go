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

// FromJournal makes a scenario of what has happened on one call: one that plays
// the same and expects what came. The entries are those of
// [paymentstest.Server.Entries], of one call from its beginning; entries of no call
// are passed over.
//
// What the caller has typed is named, and no digit of it written. Descriptions are
// left out, and of Parameter only the names are kept. Requests that nothing came of,
// and that were not sent again, are left out too. The server's [paymentstest.Assumptions]
// are not in a file. The error names what a file cannot say, such as a fault with a
// status of its own.
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
			return nil, errors.New("scenario: the entries are of several calls: give those of one")
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

var errForgotten = errors.New("the entries do not begin with the first request of the call, which the journal may have forgotten")

// recording is what is known of a call so far.
type recording struct {
	call      string
	payment   payment
	requests  []*request
	caller    caller
	prompt    *paymentstest.PromptEntry // that is open
	open      bool                      // a session is
	gateway   []verdict
	pending   bool // the gateway has yet to decide
	overtaken bool // a request came meanwhile
	paid      map[string]*paymentstest.GatewayEntry
	callbacks []made
	timeout   time.Duration // the longest between two digits
}

// request is a request that the call has seen, or with the number 0 something the
// caller did while nothing was asked.
type request struct {
	step   step
	number int
	key    string
	fault  *requestFault
	done   bool // it took effect, or was refused
}

// made is a callback that was made.
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
		r.answered(e.Prompt)
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
		return r.broke(e.Fault)
	}
	return nil
}

func (r *recording) received(q *paymentstest.RequestEntry) error {
	if !slices.Contains(operations, operation(q.Operation)) {
		return nil // the contract refuses it, and so does the client that plays a file
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

// numbered is the request with a number, which is one of the last.
func (r *recording) numbered(n int) *request {
	for _, q := range slices.Backward(r.requests) {
		if q.number == n {
			return q
		}
	}
	return &request{} // one that is passed over
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

// answered notes what the caller did when a question ended.
func (r *recording) answered(p *paymentstest.PromptEntry) {
	r.prompt = nil
	field := string(p.Capture)
	if p.Confirm {
		field = confirmation
	}
	answer := doNothing
	switch {
	case p.Reason == paymentstest.PromptStar:
		answer = doStar
	case p.Reason == paymentstest.PromptHangUp:
		answer = doHangUp
	case p.Typed != "" && isAnswer(p.Typed, field):
		answer = p.Typed
	case p.Reason == paymentstest.PromptTimeout:
		answer = unfinished
	}
	r.caller[field] = append(r.caller[field], answer)
}

// decided notes a verdict. What TEST mode has declined it declines again by
// itself.
func (r *recording) decided(session string, g *paymentstest.GatewayEntry) error {
	if g.Held && g.Result == "" {
		return nil // a person will decide
	}
	r.pending = false
	v := verdict{Verdict: approve, After: duration(g.Delay)}
	switch {
	case g.Code != 0 && !isTestMode(g.Code):
		v.Verdict, v.Code, v.ConnectorError = decline, g.Code, g.ConnectorError
	case g.Code == 0 && g.Result != callback.ResultSuccess:
		return fmt.Errorf("the gateway decided %s, which a file cannot say", g.Result)
	}
	if g.Code == 0 && v.After == 0 && r.untested() {
		v.After = duration(time.Millisecond) // TEST mode has no say in this one
	}
	r.gateway = append(r.gateway, v)
	r.paid[session] = g
	return nil
}

// untested reports whether the last card or account is none that TEST mode takes:
// the server was in live mode.
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
		return nil // made by hand
	}
	event, err := callback.Parse(c.Form)
	r.callbacks = append(r.callbacks, made{number: c.Number, event: event})
	return err
}

// broke notes a fault.
func (r *recording) broke(f *paymentstest.FaultEntry) error {
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
