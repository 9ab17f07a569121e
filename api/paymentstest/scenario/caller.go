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
)

// What a caller does instead of typing an entry.
const (
	doNothing  = "nothing"
	unfinished = "unfinished" // the first digit, and then nothing
)

var acts = []string{doNothing, unfinished, doStar, doHangUp}

// confirmation is the field of a file for the question whether to go on.
const confirmation = "confirmation"

// Answers to the confirmation, as [paymentstest.Call.Type] takes them.
const (
	confirm = "confirm"
	refuse  = "refuse"
)

// good is an entry that is taken, for every field.
const good = "good"

// caller is what the caller does each time a field is asked for. The last answer
// stays; a field that is not there gets a good entry.
type caller map[string]answers

type answers []string

func (c *caller) bind(n *node, field string, p *problems) {
	if n.kind != "an object" {
		p.add(n.line, field, "must be an object, not %s", n.kind)
		return
	}
	*c = caller{}
	known := append(captures(), confirmation)
	for _, m := range unique(n, field, p) {
		if !slices.Contains(known, m.name) {
			p.add(m.line, join(field, m.name), "there is no such field: it must be %s", oneOf(known))
			continue
		}
		(*c)[m.name] = readAnswers(m.value, join(field, m.name), m.name, p)
	}
}

// readAnswers reads one answer or a list.
func readAnswers(n *node, field, capture string, p *problems) answers {
	items := n.items
	if n.kind != "a list" {
		items = []*node{n}
	}
	if len(items) == 0 {
		p.add(n.line, field, "must not be empty")
	}
	var list answers
	for i, item := range items {
		at := field
		if n.kind == "a list" {
			at += "[" + strconv.Itoa(i) + "]"
		}
		switch {
		case item.kind != "text":
			p.add(item.line, at, "must be text, not %s", item.kind)
		case !isAnswer(item.text, capture):
			rule := "must be " + oneOf(answerNames(capture))
			if capture != confirmation {
				rule = "must be keys to press, or " + oneOf(answerNames(capture))
			}
			p.add(item.line, at, "%s", rule)
		}
		list = append(list, item.text)
	}
	return list
}

func isAnswer(text, capture string) bool {
	return slices.Contains(answerNames(capture), text) || capture != confirmation && isKeys(text)
}

// answerNames are what can be answered without digits.
func answerNames(capture string) []string {
	if capture == confirmation {
		return []string{confirm, refuse, doNothing, doStar, doHangUp}
	}
	return append(paymentstest.TypedNames(payments.Capture(capture)), acts...)
}

// isKeys reports whether a text is keys of a telephone.
func isKeys(text string) bool {
	return text != "" && len(text) <= 64 && strings.Trim(text, "0123456789*# -") == "" && strings.ContainsAny(text, "0123456789*#")
}

// MarshalJSON writes an answer that is alone without a list.
func (a answers) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return json.Marshal(a[0])
	}
	return json.Marshal([]string(a))
}

// play is the caller as a script, until ctx is done. It counts for each call how
// often a field was asked for.
func (s *Scenario) play(ctx context.Context) paymentstest.Caller {
	var count counter
	return func(call *paymentstest.Call, p paymentstest.Prompt) {
		field := string(p.Capture)
		if p.Confirm {
			field = confirmation
		}
		n := count.next(call.SID + " " + field)
		enter(ctx, call, s.file.Caller.answer(field, n-1), s.pace)
	}
}

// answer is what is answered the nth time, from 0.
func (c caller) answer(field string, n int) string {
	list := c[field]
	switch {
	case len(list) > 0:
		return list[min(n, len(list)-1)]
	case field == confirmation:
		return confirm
	}
	return good
}

// enter does what an answer says. An error means that nothing is asked any more,
// which happens to callers who are too slow.
func enter(ctx context.Context, call *paymentstest.Call, answer string, pace time.Duration) {
	if pace > 0 && !isKeys(answer) && !slices.Contains(acts, answer) {
		_ = call.TypeSlowly(ctx, answer, pace)
		return
	}
	if pause(ctx, pace); ctx.Err() != nil {
		return
	}
	switch {
	case answer == doNothing:
	case answer == doStar:
		_ = call.Star()
	case answer == doHangUp:
		call.HangUp()
	case answer == unfinished:
		_ = call.TypeFirst(1, good)
	case !isKeys(answer):
		_ = call.Type(answer)
	case !strings.ContainsAny(answer, "*#"):
		answer += "#"
		fallthrough
	default:
		press(ctx, call, strings.NewReplacer(" ", "", "-", "").Replace(answer), pace)
	}
}

// press presses keys until nothing is asked any more: # may follow an entry that
// has ended by itself.
func press(ctx context.Context, call *paymentstest.Call, keys string, pace time.Duration) {
	if pace == 0 {
		_ = call.Press(keys)
		return
	}
	for i := range len(keys) {
		if i > 0 {
			pause(ctx, pace)
		}
		if ctx.Err() != nil || call.Press(keys[i:i+1]) != nil {
			return
		}
	}
}
