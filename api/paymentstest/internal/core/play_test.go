package core

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	testAccount = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	testCall    = "CA00000000000000000000000000000001"
)

var testStart = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// player gives a machine inputs written as text, on one call:
//
//	create FORM, capture FIELD, complete, cancel, update FORM   requests
//	again                                                       the last request, unchanged
//	press KEYS, enter DIGITS                                    keys in one go; enter ends with #
//	wait                                                        until the timer fires
//	pass DURATION                                               only time
//	verdict [CODE]                                              of the gateway
//	hang up
type player struct {
	t       testing.TB
	m       *Machine
	now     time.Time
	sid     string
	keys    int
	last    Request
	timer   SetTimer
	running bool
	all     []Effect // of all steps
}

func newPlayer(t testing.TB, c Config) *player {
	return &player{t: t, m: New(c), now: testStart}
}

// play returns the effects of the last step in words.
func (p *player) play(steps ...string) []string {
	p.t.Helper()
	var effects []Effect
	for _, step := range steps {
		effects = p.step(step)
	}
	return describeAll(effects)
}

func (p *player) step(step string) []Effect {
	p.t.Helper()
	word, rest, _ := strings.Cut(step, " ")
	switch word {
	case "create", "capture", "complete", "cancel", "update":
		return p.request(Operation(word), rest)
	case "again":
		return p.apply(p.last)
	case "press":
		return p.press(rest)
	case "enter":
		return append(p.press(rest), p.apply(EndEntry{CallSID: testCall})...)
	case "hang":
		return p.apply(HangUp{CallSID: testCall})
	case "wait":
		if !p.running {
			p.t.Fatal("no timer is set")
		}
		p.now, p.running = p.now.Add(p.timer.After), false
		return p.apply(TimerFired{SID: p.timer.SID, N: p.timer.N})
	case "pass":
		d, err := time.ParseDuration(rest)
		if err != nil {
			p.t.Fatal(err)
		}
		p.now = p.now.Add(d)
		return nil
	case "verdict":
		code, _ := strconv.Atoi(rest)
		return p.apply(Decided{SID: p.sid, Verdict: Verdict{Code: code}})
	}
	p.t.Fatalf("no step %q", step)
	return nil
}

// request sends a request with a key and a StatusCallback of its own.
func (p *player) request(op Operation, rest string) []Effect {
	p.t.Helper()
	if op == Capture {
		rest = "Capture=" + rest
	}
	form, err := url.ParseQuery(rest)
	if err != nil {
		p.t.Fatal(err)
	}
	p.keys++
	for name, value := range map[string]string{"IdempotencyKey": fmt.Sprint("key-", p.keys), "StatusCallback": "https://pay.example.com/" + string(op)} {
		if !form.Has(name) {
			form.Set(name, value)
		}
	}
	p.last = Request{Operation: op, AccountSID: testAccount, CallSID: testCall, Path: "/path", Form: form}
	if op != Create {
		p.last.SID = p.sid
	}
	effects := p.apply(p.last)
	if r := effects[len(effects)-1].Event.(Response); op == Create && r.Committed {
		p.sid = r.Session.SID
	}
	return effects
}

func (p *player) press(keys string) []Effect {
	var effects []Effect
	for i := range len(keys) {
		effects = append(effects, p.apply(Key{CallSID: testCall, Key: keys[i], Follows: i > 0})...)
	}
	return effects
}

func (p *player) apply(in Input) []Effect {
	effects := p.m.Apply(p.now, in)
	for i, e := range effects {
		if e.Cause >= i {
			p.t.Errorf("effect %d has the cause %d", i, e.Cause)
		}
		switch v := e.Event.(type) {
		case SetTimer:
			p.timer, p.running = v, true
		case StopTimer:
			p.running = false
		}
	}
	p.all = append(p.all, effects...)
	return effects
}

func describeAll(effects []Effect) []string {
	var lines []string
	for _, e := range effects {
		line := describe(e.Event)
		if e.Cause != Root {
			line = "> " + line
		}
		if e.Assumption != "" {
			line += " [" + e.Assumption + "]"
		}
		lines = append(lines, line)
	}
	return lines
}

// describe is an event in words. "> " marks one that another effect caused,
// [brackets] the assumption.
func describe(e Event) string {
	switch v := e.(type) {
	case CallSeen:
		return "call seen"
	case CallEnded:
		return "call ended"
	case CallForgotten:
		return "call forgotten"
	case SessionOpened:
		return "session opened"
	case SessionChanged:
		return strings.TrimSpace("session " + string(v.State.Phase) + " " + string(v.State.Capture))
	case SessionEnded:
		return strings.TrimSpace("session ended " + string(v.State.Result))
	case SessionForgotten:
		return "session forgotten"
	case PromptOpened:
		return "asked " + describePrompt(v.Prompt)
	case PromptClosed:
		return strings.TrimSpace("no longer asked " + describePrompt(v.Prompt) + ": " + string(v.Reason) + " " + strings.TrimSpace(v.Typed+" "+string(v.Error)))
	case KeyPressed:
		if v.Lost != NotLost {
			return "key " + v.Key + " lost: " + [...]string{"", "not asked", "not in progress", "no such key"}[v.Lost]
		}
		if v.Count == 0 {
			return "key " + v.Key
		}
		return fmt.Sprint("key ", v.Key, " ", v.Count)
	case Callback:
		return "callback to " + strings.TrimPrefix(v.URL, "https://pay.example.com/") + describeForm(v.Form)
	case SetTimer:
		return "timer " + v.After.String()
	case StopTimer:
		return "timer stopped"
	case AskGateway:
		text := "gateway asked for " + strings.TrimSpace(string(v.Payment.Amount)+" "+string(v.Payment.TokenType)) + " " + v.Payment.LastDigits
		if v.TestMode.Declines() {
			text += fmt.Sprint(" refused ", v.TestMode.Code)
		}
		return text
	case GatewayDecided:
		return strings.TrimSpace("gateway decided " + string(v.Verdict.ResultOf()))
	case Charged:
		return "charged " + string(v.Payment.Amount) + " " + v.Payment.Currency
	case Tokenized:
		return "token " + string(v.Payment.TokenType)
	case Full:
		return "full"
	case Response:
		text := fmt.Sprint("response ", v.Status)
		if v.Code != 0 {
			text += fmt.Sprint(" ", v.Code)
		}
		if v.Replayed {
			text += " replayed"
		}
		return text
	}
	return fmt.Sprintf("%T", e)
}

func describePrompt(p Prompt) string {
	if p.Confirm {
		return "to confirm " + p.LastDigits
	}
	return fmt.Sprint(p.Capture, " ", p.Times)
}

// describeForm omits what is the same in all callbacks of a session.
func describeForm(form url.Values) string {
	text := ""
	for _, name := range slices.Sorted(maps.Keys(form)) {
		switch name {
		case "AccountSid", "CallSid", "Sid", "DateCreated", "DateUpdated", "PaymentConnector", "PaymentMethod", "ChargeAmount", "TokenType", "Capture":
			continue
		}
		if value := form.Get(name); value != "" {
			text += " " + name + "=" + value
		}
	}
	return text
}

// scene is a list of steps and the effects of the last one.
type scene struct {
	name   string
	assume Assumptions
	live   bool
	steps  []string
	want   []string
}

func playScenes(t *testing.T, scenes []scene) {
	t.Helper()
	for _, tt := range scenes {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPlayer(t, Config{Seed: 1, Assumptions: tt.assume, Live: tt.live})
			got := p.play(tt.steps...)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("effects of %q (-want +got):\n%s", tt.steps[len(tt.steps)-1], diff)
			}
		})
	}
}
