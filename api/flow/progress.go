package flow

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unique"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Progress is one thing that happened in a session, as the agent's screen may
// show it: digits are masked, and there is no token. It can be sent as JSON.
type Progress struct {
	// Number counts the progress of a session from 1, so that a screen knows
	// where it stopped. It is 0 in what Capture returns.
	Number int `json:"number,omitempty"`
	// SID is the payment session.
	SID string `json:"session"`
	// Kind is started, updated or completed.
	Kind callback.Kind `json:"kind"`
	// At is when it happened by Twilio's clock, zero when it did not say.
	At time.Time `json:"at,omitzero"`

	// Capture is the field the caller is asked for.
	Capture payments.Capture `json:"capture,omitempty"`
	// Entering reports that the caller has not finished.
	Entering bool `json:"entering,omitempty"`
	// Entered is what the caller has entered so far. Of a card number the last
	// four digits show once it is complete, of an account number the last two,
	// of a security code none.
	Entered string `json:"entered,omitempty"`
	// CardType is the brand of the card, once it is known.
	CardType payments.CardType `json:"card_type,omitempty"`
	// Error is why the entry was refused, and Again whether the field can be
	// asked for again.
	Error callback.ErrorType `json:"error,omitempty"`
	Again bool               `json:"again,omitempty"`
	// Missing are the fields the session still needs, and Ready reports that it
	// needs none and can be completed.
	Missing []payments.Capture `json:"missing,omitempty"`
	Ready   bool               `json:"ready,omitempty"`

	// Result is how the session ended, with Twilio's Code of a failure.
	Result callback.Result `json:"result,omitempty"`
	Code   int             `json:"code,omitempty"`
}

// rank is the place of a callback among those of its session. Twilio numbers
// no callbacks and may deliver them late and out of order.
type rank struct {
	step    int // untold when the URL does not say
	final   bool
	date    time.Time
	entered int
}

// before reports whether r was overtaken by s: it was posted for an earlier request,
// or came earlier in the same entry. Where the URLs do not distinguish requests,
// dates decide; without dates nothing is known to be overtaken.
func (r rank) before(s rank) bool {
	if r.step != untold && s.step != untold {
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
	return r.step != untold && r.step == s.step && r.entered < s.entered
}

// describe returns what may be shown of a callback about a field.
func describe(e callback.Event, field payments.Capture) Progress {
	p := Progress{
		SID: e.SID, Kind: e.Kind, At: e.DateUpdated.Time,
		Capture: e.Capture, Entering: e.Kind == callback.Updated && !isFinal(e, field),
		Entered: entered(e, field), CardType: e.PaymentCardType.Reveal(),
		Error: e.ErrorType, Again: e.Retryable(),
		Missing: e.Missing(), Ready: e.CanComplete(), Result: e.Result, Code: codeOf(e),
	}
	if p.At.IsZero() {
		p.At = e.DateCreated.Time
	}
	if e.Kind == callback.Completed {
		p.Entered = entered(e, payments.CapturePaymentCardNumber) + entered(e, payments.CaptureBankAccountNumber)
	}
	return p.compact()
}

// compact returns p with texts that are shared with others like it: parts of a
// callback would keep all of it.
func (p Progress) compact() Progress {
	p.SID, p.Entered = shared(p.SID), strings.Clone(p.Entered)
	p.Kind, p.Capture, p.CardType, p.Error, p.Result = shared(p.Kind), shared(p.Capture), shared(p.CardType), shared(p.Error), shared(p.Result)
	for i, field := range p.Missing {
		p.Missing[i] = shared(field)
	}
	return p
}

func shared[T ~string](text T) T { return T(unique.Make(string(text)).Value()) }

// show adds a callback to the progress, unless a later one has overtaken it: a
// screen must not go backwards. The caller holds mu.
func (f *Flow) show(e callback.Event, step int) {
	p := describe(e, f.askedAt(step, e))
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

func (f *Flow) add(p Progress) {
	p.Number = len(f.progress) + 1
	if n := len(f.progress); n == cap(f.progress) { // append would double it
		grown := make([]Progress, n, n+max(8, n/4))
		copy(grown, f.progress)
		f.progress = grown
	}
	f.progress = append(f.progress, p)
}

func codeOf(e callback.Event) int {
	code, err := strconv.Atoi(strings.TrimSpace(e.PayErrorCode))
	if err != nil || code < 0 {
		return 0
	}
	return code
}
