package core

import (
	"fmt"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// The invariants of all effects, whatever the inputs were.

func (x *explorer) check(e Event, in Input) {
	switch v := e.(type) {
	case SessionOpened:
		x.open[v.State.SID] = true
		x.sessions = append(x.sessions, v.State.SID)
	case SessionChanged:
		if !x.open[v.State.SID] {
			x.t.Errorf("session %s changes and is not open", v.State.SID)
		}
		x.deciding[v.State.SID] = v.State.Phase == Completing
	case SessionEnded:
		x.ended(v.State.SID, in)
	case PromptOpened:
		if x.prompts[v.Prompt.SID] || !x.open[v.Prompt.SID] {
			x.t.Errorf("a second prompt, or none of an open session: %s", describe(v))
		}
		x.prompts[v.Prompt.SID], x.typed[v.Prompt.SID] = true, ""
	case PromptClosed:
		if !x.prompts[v.Prompt.SID] {
			x.t.Errorf("no such prompt: %s", describe(v))
		}
		x.prompts[v.Prompt.SID] = false
	case SetTimer:
		if v.After <= 0 || !x.prompts[v.SID] {
			x.t.Errorf("a timer without a prompt: %s", describe(v))
		}
		x.timers[v.SID] = v.N
	case StopTimer:
		if x.timers[v.SID] == 0 {
			x.t.Error("no timer is running")
		}
		if fired, timed := in.(TimerFired); timed && fired.N != x.timers[v.SID] {
			x.t.Errorf("timer %d ends an entry whose timer is %d", fired.N, x.timers[v.SID])
		}
		delete(x.timers, v.SID)
	case AskGateway:
		if !x.completed[v.Payment.SID] && !completes(in, v.Payment.SID) {
			x.t.Error("the gateway is asked without a complete")
		}
	case Charged:
		x.pay(v.Payment.SID, in)
	case Tokenized:
		x.pay(v.Payment.SID, in)
	case Callback:
		x.callback(v)
	case Response:
		if r, is := in.(Request); is && v.Committed && r.Operation == Complete {
			x.completed[r.SID] = true
		}
	}
}

func completes(in Input, sid string) bool {
	r, is := in.(Request)
	return is && r.Operation == Complete && r.SID == sid
}

func (x *explorer) ended(sid string, in Input) {
	if !x.open[sid] {
		x.t.Errorf("session %s ends twice", sid)
	}
	if _, decided := in.(Decided); x.deciding[sid] != decided {
		x.t.Errorf("%T ends a session whose payment is with the gateway: %t", in, x.deciding[sid])
	}
	if x.prompts[sid] || x.timers[sid] != 0 {
		x.t.Errorf("session %s ends with a prompt or a timer", sid)
	}
	if s := x.m.sessions[sid]; s != nil && (s.values != nil || s.entry != nil || s.key != "" || s.params.description != "") {
		x.t.Errorf("session %s is over and keeps digits, a key or a description", sid)
	}
	x.open[sid] = false
}

func (x *explorer) pay(sid string, in Input) {
	if _, decided := in.(Decided); !decided || !x.completed[sid] || x.paid[sid] || !x.open[sid] {
		x.t.Errorf("%T pays: completed %t, paid before %t, open %t", in, x.completed[sid], x.paid[sid], x.open[sid])
	}
	x.paid[sid] = true
}

// callback checks that every callback can be parsed, is about an open session, and
// reports a success only if the gateway has paid.
func (x *explorer) callback(c Callback) {
	e, err := callback.Parse(c.Form)
	if err != nil {
		x.t.Fatal(err)
	}
	if !x.open[c.SID] && e.Kind != callback.Started {
		x.t.Errorf("session %s is not open: %v", c.SID, c.Form)
	}
	if c.Last != (e.Kind == callback.Completed) || e.Succeeded() != (c.Last && x.paid[c.SID]) {
		x.t.Errorf("last %t, paid %t, and the callback is %v", c.Last, x.paid[c.SID], e.Kind)
	}
}

// searchDigits searches an effect for numbers of six digits or more that callers
// have typed.
func (x *explorer) searchDigits(e Event) {
	text := fmt.Sprintf("%+v", e)
	for digits := range x.hidden {
		if len(digits) >= 6 && !x.clear[digits] && strings.Contains(text, digits) {
			x.t.Fatalf("%T shows %s: %s", e, digits, text)
		}
	}
}
