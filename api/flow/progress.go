package flow

import (
	"context"
	"iter"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unique"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/generated/rules"
	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// Progress is one thing that happened in a session, as the agent's screen may
// show it: digits are masked, and tokens are left out. It can be sent as JSON.
type Progress struct {
	// Number counts the progress of a session from 1, so that a screen can
	// resume where it stopped. It is 0 in the result of Capture.
	Number int `json:"number,omitempty"`
	// SID is the payment session.
	SID string `json:"session"`
	// Kind is started, updated or completed.
	Kind callback.Kind `json:"kind"`
	// At is when it happened by Twilio's clock, zero if the callback has no
	// date.
	At time.Time `json:"at,omitzero"`

	// Capture is the field the caller is asked for.
	Capture payments.Capture `json:"capture,omitempty"`
	// Entering reports that the caller has not finished.
	Entering bool `json:"entering,omitempty"`
	// Entered is what the caller has entered so far. It shows the last four
	// digits of a complete card number, the last two of an account number, and
	// none of a security code.
	Entered string `json:"entered,omitempty"`
	// CardType is the brand of the card, once it is known.
	CardType payments.CardType `json:"card_type,omitempty"`
	// Error is why the entry was refused, and Again whether the field can be
	// asked for again.
	Error callback.ErrorType `json:"error,omitempty"`
	Again bool               `json:"again,omitempty"`
	// Captured lists the fields that the session has, and Missing those it
	// still needs, as of this callback; Ready reports that it needs none and
	// can be completed.
	Captured []payments.Capture `json:"captured,omitempty"`
	Missing  []payments.Capture `json:"missing,omitempty"`
	Ready    bool               `json:"ready,omitempty"`

	// Result is how the session ended; Code is Twilio's error code of a
	// failure.
	Result callback.Result `json:"result,omitempty"`
	Code   int             `json:"code,omitempty"`
}

// rank orders a callback among those of its session. Twilio does not number
// callbacks and may deliver them late and out of order.
type rank struct {
	step    int // noStep if the URL does not name it
	final   bool
	date    time.Time
	entered int
}

// before reports whether s has overtaken r: r was posted for an earlier
// request, or earlier in the same entry. If the URLs do not distinguish
// requests, dates decide; without dates neither counts as overtaken.
func (r rank) before(s rank) bool {
	if r.step != noStep && s.step != noStep {
		switch {
		case r.step != s.step:
			return r.step < s.step
		case r.final != s.final:
			return s.final
		}
	}
	if !r.date.IsZero() && !s.date.IsZero() && !r.date.Equal(s.date) {
		return r.date.Before(s.date)
	}
	return r.step != noStep && r.step == s.step && r.entered < s.entered
}

// describe returns what may be shown of a callback about a field. The callback
// must have been applied to the session's state. The caller holds mu.
func (f *Flow) describe(e callback.Event, field payments.Capture) Progress {
	p := Progress{
		SID: e.SID, Kind: e.Kind, At: e.DateUpdated.Time,
		Capture: e.Capture, Entering: e.Kind == callback.Updated && !isFinal(e, field),
		Entered: entered(e, field), CardType: payments.CardType(maskParameter("PaymentCardType", string(e.PaymentCardType.Reveal()))),
		Error: e.ErrorType, Again: e.Retryable(),
		Captured: f.state.Captured(), Missing: e.Missing(), Ready: e.CanComplete(), Result: e.Result, Code: codeOf(e),
	}
	if p.At.IsZero() {
		p.At = e.DateCreated.Time
	}
	if e.Kind == callback.Completed {
		p.Entered = entered(e, payments.CapturePaymentCardNumber) + entered(e, payments.CaptureBankAccountNumber)
	}
	return p.compact()
}

// compact returns p with interned strings: substrings of a callback would keep
// all of it in memory.
func (p Progress) compact() Progress {
	p.SID, p.Entered = shared(p.SID), strings.Clone(p.Entered)
	p.Kind, p.Capture, p.CardType, p.Error, p.Result = shared(p.Kind), shared(p.Capture), shared(p.CardType), shared(p.Error), shared(p.Result)
	for _, fields := range [][]payments.Capture{p.Captured, p.Missing} {
		for i, field := range fields {
			fields[i] = shared(field)
		}
	}
	return p
}

func shared[T ~string](text T) T { return T(unique.Make(string(text)).Value()) }

// show adds a callback to the progress, unless a later one has overtaken it: a
// screen must not go backwards. The caller holds mu.
func (f *Flow) show(e callback.Event, step int) {
	p := f.describe(e, f.askedAt(step, e))
	r := rank{step: step, final: !p.Entering, date: p.At, entered: len(p.Entered)}
	if e.Kind == callback.Completed {
		r.step = math.MaxInt
	}
	if len(f.progress) > 0 && r.before(f.top) && e.Result != callback.ResultSuccess {
		return
	}
	f.top = r
	f.add(p)
}

// showCancelled adds that the session was cancelled.
func (f *Flow) showCancelled() {
	f.add(Progress{SID: f.session.SID, Kind: callback.Completed, Result: callback.ResultTransactionCancelled})
}

func (f *Flow) add(p Progress) { f.progress = append(withRoom(f.progress), f.keepShown(p)) }

// shown is a Progress as a flow stores it. While a caller presses keys,
// consecutive ones differ only in time and digits: they share the rest.
type shown struct {
	rest    *Progress
	at      time.Time
	entered string
}

// keepShown returns the stored form of a Progress.
func (f *Flow) keepShown(p Progress) shown {
	s := shown{at: p.At, entered: p.Entered}
	p.Number, p.At, p.Entered = 0, time.Time{}, ""
	if n := len(f.progress); n > 0 && f.progress[n-1].rest.equals(&p) {
		s.rest = f.progress[n-1].rest
	} else {
		p.Captured, p.Missing = slices.Clip(p.Captured), slices.Clip(p.Missing)
		s.rest = &p
	}
	return s
}

// equals compares all fields. A test changes each one.
func (p *Progress) equals(q *Progress) bool {
	return p.Number == q.Number && p.SID == q.SID && p.Kind == q.Kind && p.At.Equal(q.At) &&
		p.Capture == q.Capture && p.Entering == q.Entering && p.Entered == q.Entered && p.CardType == q.CardType &&
		p.Error == q.Error && p.Again == q.Again && slices.Equal(p.Captured, q.Captured) && slices.Equal(p.Missing, q.Missing) &&
		p.Ready == q.Ready && p.Result == q.Result && p.Code == q.Code
}

// progress returns a Progress that belongs to the caller, with its number.
func (s shown) progress(number int) Progress {
	p := *s.rest
	p.Number, p.At, p.Entered = number, s.at, s.entered
	p.Captured, p.Missing = slices.Clone(p.Captured), slices.Clone(p.Missing)
	return p
}

func codeOf(e callback.Event) int {
	code, err := strconv.Atoi(strings.TrimSpace(e.PayErrorCode))
	if err != nil || code < 0 {
		return 0
	}
	return code
}

// Events returns the progress of the session from its first callback, in order,
// each once. It leaves out late and repeated callbacks that a later one has
// overtaken. It ends after the end of the session (a success that Twilio posts
// after another end is included), when the context is done, when the flow is
// closed, and when the bus forgets the session. After an end that leaves the
// outcome of a complete unknown, such as a hang-up, it waits for that outcome.
//
// Any number of loops may run at the same time; each gets every item, at its
// own pace.
func (f *Flow) Events(ctx context.Context) iter.Seq[Progress] {
	return func(yield func(Progress) bool) {
		for next := 0; ; next++ {
			var p Progress
			var over bool
			if f.until(ctx, func() bool {
				if over = next == len(f.progress); !over {
					p = f.progress[next].progress(next + 1)
				}
				return !over || f.settled || f.end != nil && f.end.succeeded()
			}) != nil || over {
				return
			}
			if ctx.Err() != nil || !yield(p) {
				return
			}
		}
	}
}

// entered returns what may be shown of a field in a callback, masked. Twilio
// already masks card number, security code and account number; if it ever does
// not, they are masked here. A field that the contract does not call public is
// hidden.
func entered(e callback.Event, field payments.Capture) string {
	if field == "" {
		return ""
	}
	shown := rule.ShownFor(rules.Captures, string(field))
	return maskPart(e.Raw().Get(shown.Parameter), shown.Part)
}

// maskPart masks an entry except for the part that may be shown.
func maskPart(value string, part rule.Part) string {
	switch part {
	case rule.ShowAll:
		return value
	case rule.ShowLast4:
		return mask(value, 4, 12)
	case rule.ShowLast2:
		return mask(value, 2, 5)
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("xX*", r) {
			return r
		}
		return 'x'
	}, value)
}

// parts says how much may be shown of each callback parameter that holds what a
// caller typed.
var parts = func() map[string]rule.Part {
	parts := make(map[string]rule.Part, len(rules.Captures))
	for _, shown := range rules.Captures {
		parts[shown.Parameter] = shown.Part
	}
	return parts
}()

// maskParameter masks the value of a callback's parameter, unless the contract
// says that it may be stored unchanged.
func maskParameter(name, value string) string {
	part, typed := parts[name]
	switch {
	case rules.Clear[name] && !absorbs(name, value):
		return value
	case typed:
		return maskPart(value, part)
	case name == "PaymentError" || name == "ConnectorError":
		return cardNumbers.ReplaceAllStringFunc(value, func(number string) string { return mask(number, 4, 12) })
	}
	return maskPart(value, rule.ShowNothing)
}

// absorbs reports whether the value of a parameter may contain the parameter after
// it.
func absorbs(name, value string) bool {
	switch name {
	case "AccountSid", "CallSid", "Sid", "Required":
		return false // package callback checks these
	case "DateCreated", "DateUpdated", "PaymentConnector", "PaymentConfirmationCode":
		for parameter := range documented {
			if strings.Contains(value, parameter) {
				return true
			}
		}
		return false
	}
	return rule.MayHoldName(value)
}

// cardNumbers finds possible card numbers in a text: 12 digits or more,
// optionally with single spaces, dots or hyphens between them.
var cardNumbers = regexp.MustCompile(`[0-9](?:[ .-]?[0-9]){11,}`)

// mask replaces every digit except the last kept by x. In a text of fewer than
// whole characters, separators not counted, it replaces all of them: the last
// digits of a number that is still being entered are not the ones to show.
func mask(s string, kept, whole int) string {
	characters := 0
	for _, r := range s {
		if unicode.IsDigit(r) || strings.ContainsRune("xX*", r) {
			characters++
		}
	}
	if characters < whole {
		kept = 0
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsDigit(r) || strings.ContainsRune("xX*", r) {
			characters--
			if unicode.IsDigit(r) && characters >= kept {
				r = 'x'
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}
