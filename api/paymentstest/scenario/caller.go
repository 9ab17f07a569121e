package scenario

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// What a caller may do instead of typing an entry.
const (
	doNothing  = "nothing"
	unfinished = "unfinished" // the first digit, then nothing
)

var withoutEntry = []string{doNothing, unfinished, doStar, doHangUp}

// confirmation is the field of a file for the prompt to confirm the payment.
const confirmation = "confirmation"

// Reactions to the confirmation, as [paymentstest.Call.Type] takes them.
const (
	confirm = "confirm"
	refuse  = "refuse"
)

// good is a valid entry of any field.
const good = "good"

// caller has the caller's actions by field, one per prompt. The last one repeats. A
// field that is not listed gets a good entry.
type caller map[string]actions

type actions []string

func (c *caller) bind(n *node, field string, p *problems) {
	if n.kind != "an object" {
		p.add(n.line, field, "must be an object, not %s", n.kind)
		return
	}
	*c = caller{}
	known := append(captures(), confirmation)
	for _, m := range unique(n, field, p) {
		if !slices.Contains(known, m.name) {
			p.add(m.line, join(field, m.name), "unknown field: must be %s", oneOf(known))
			continue
		}
		(*c)[m.name] = readActions(m.value, join(field, m.name), m.name, p)
	}
}

// readActions reads one action or a list of them.
func readActions(n *node, field, capture string, p *problems) actions {
	items := n.items
	if n.kind != "a list" {
		items = []*node{n}
	}
	if len(items) == 0 {
		p.add(n.line, field, "must not be empty")
	}
	var list actions
	for i, item := range items {
		at := field
		if n.kind == "a list" {
			at += "[" + strconv.Itoa(i) + "]"
		}
		switch {
		case item.kind != "text":
			p.add(item.line, at, "must be text, not %s", item.kind)
		case !isAction(item.text, capture):
			rule := "must be " + oneOf(actionNames(capture))
			if capture != confirmation {
				rule = "must be keys to press, or " + oneOf(actionNames(capture))
			}
			p.add(item.line, at, "%s", rule)
		}
		list = append(list, item.text)
	}
	return list
}

func isAction(text, capture string) bool {
	return slices.Contains(actionNames(capture), text) || capture != confirmation && isKeys(text)
}

// actionNames returns the actions that have a name.
func actionNames(capture string) []string {
	if capture == confirmation {
		return []string{confirm, refuse, doNothing, doStar, doHangUp}
	}
	return append(paymentstest.TypedNames(payments.Capture(capture)), withoutEntry...)
}

// isKeys reports whether a text consists of telephone keys.
func isKeys(text string) bool {
	return text != "" && len(text) <= 64 && strings.Trim(text, "0123456789*# -") == "" && strings.ContainsAny(text, "0123456789*#")
}

// MarshalJSON writes a single action without a list.
func (a actions) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return json.Marshal(a[0])
	}
	return json.Marshal([]string(a))
}

// play returns the caller as a script that stops when ctx is done. It counts the
// prompts of each field separately for each call.
func (s *Scenario) play(ctx context.Context) paymentstest.Caller {
	var count counter
	return func(call *paymentstest.Call, p paymentstest.Prompt) {
		field := string(p.Capture)
		if p.Confirm {
			field = confirmation
		}
		n := count.next(call.SID + " " + field)
		enter(ctx, call, s.file.Caller.action(field, n-1), s.pace)
	}
}

// action returns the action for the nth prompt of a field, counted from 0.
func (c caller) action(field string, n int) string {
	list := c[field]
	switch {
	case len(list) > 0:
		return list[min(n, len(list)-1)]
	case field == confirmation:
		return confirm
	}
	return good
}

// enter performs an action. It ignores errors: they mean that the prompt has ended,
// which happens to callers who are too slow.
func enter(ctx context.Context, call *paymentstest.Call, action string, pace time.Duration) {
	if pace > 0 && !isKeys(action) && !slices.Contains(withoutEntry, action) {
		_ = call.TypeSlowly(ctx, action, pace)
		return
	}
	if _ = sleep.For(ctx, pace); ctx.Err() != nil {
		return
	}
	switch {
	case action == doNothing:
	case action == doStar:
		_ = call.Star()
	case action == doHangUp:
		call.HangUp()
	case action == unfinished:
		_ = call.TypeFirst(1, good)
	case !isKeys(action):
		_ = call.Type(action)
	case !strings.ContainsAny(action, "*#"):
		action += "#"
		fallthrough
	default:
		press(ctx, call, strings.NewReplacer(" ", "", "-", "").Replace(action), pace)
	}
}

// press presses keys until the prompt ends: # may follow an entry that has already
// ended.
func press(ctx context.Context, call *paymentstest.Call, keys string, pace time.Duration) {
	if pace == 0 {
		_ = call.Press(keys)
		return
	}
	for i := range len(keys) {
		if i > 0 {
			_ = sleep.For(ctx, pace)
		}
		if ctx.Err() != nil || call.Press(keys[i:i+1]) != nil {
			return
		}
	}
}
