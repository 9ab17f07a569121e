package flow

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Errors that explain why a step was not done. Match them, and those of package
// payments, with errors.Is: payments.ErrDeclined is a refusal by the gateway.
var (
	// ErrBusy: another step of the session is under way, here or on another
	// machine. Nothing was sent.
	ErrBusy = errors.New("flow: another step of the session is under way")
	// ErrTakenOver: another machine has started a step in the session and now
	// controls it. What this step sent before that was sent.
	ErrTakenOver = errors.New("flow: another machine has taken the session over")
	// ErrCompleting: complete was sent, or may have been, so only Complete and
	// Cancel may follow. Nothing was sent.
	ErrCompleting = errors.New("flow: the session is being completed")
	// ErrOutcomeUnknown: Twilio may have done what the step asked for, and no
	// callback has reported it. After Complete, a charge may have been made: call
	// Complete again, which sends nothing more and waits.
	ErrOutcomeUnknown = errors.New("flow: the outcome is unknown")
	// ErrNoRecord: the bus has no record of the session, and
	// WithStatusCallback was not given.
	ErrNoRecord = errors.New("flow: unknown session: the bus has no record of it; to resume it anyway pass WithStatusCallback")

	// ErrStar: the caller ended the session with the star key.
	ErrStar = errors.New("flow: the caller pressed star")
	// ErrHungUp: the caller hung up.
	ErrHungUp = errors.New("flow: the caller hung up")
	// ErrCancelled: the session was cancelled.
	ErrCancelled = errors.New("flow: the session was cancelled")
	// ErrSucceeded: the session has ended with success, so there is nothing
	// left to capture or cancel.
	ErrSucceeded = errors.New("flow: the session has succeeded")
	// ErrNotCharged: [Reconcile] has settled the session: the gateway has no
	// charge for it.
	ErrNotCharged = errors.New("flow: nothing was charged, according to the gateway")
)

// EntryError reports that the caller's entry was refused. The session is still
// open.
type EntryError struct {
	SID     string           // of the session
	Capture payments.Capture // the field
	Type    callback.ErrorType
	// Again reports whether the field can be asked for again. After the error type
	// invalid-card-number-security-code-capture-sequence, ask for the card
	// number first.
	Again bool
}

// Error returns the field and the error type.
func (e *EntryError) Error() string {
	text := fmt.Sprintf("flow: %s refused: %s", e.Capture, e.Type)
	if e.Again {
		text += ", ask again"
	}
	return text
}

// EndedError reports that the session ended in a way the step did not intend.
// Nothing more can be done in the session.
type EndedError struct {
	SID    string          // of the session
	Result callback.Result // how it ended
	// Code is Twilio's error code for a failure, 0 if there is none.
	Code int

	payment error // *callback.PaymentError, or nil
}

// Error describes the end, with result and code in parentheses.
func (e *EndedError) Error() string {
	text := "flow: the session has ended"
	switch {
	case errors.Is(e.payment, payments.ErrDeclined):
		text = "flow: the payment was declined"
	case e.payment != nil:
		text = "flow: the payment failed"
	}
	for _, known := range []error{ErrStar, ErrHungUp, ErrCancelled, ErrSucceeded, ErrNotCharged} {
		if e.Is(known) {
			text = known.Error()
		}
	}
	switch {
	case e.Result != "" && e.Code != 0:
		text += fmt.Sprintf(" (%s, code %d)", e.Result, e.Code)
	case e.Result != "":
		text += " (" + string(e.Result) + ")"
	}
	return text
}

// Is reports whether the result means target, one of [ErrStar], [ErrHungUp],
// [ErrCancelled], [ErrSucceeded] and [ErrNotCharged].
func (e *EndedError) Is(target error) bool {
	switch e.Result {
	case callback.ResultCallerInterruptedWithStar:
		return target == ErrStar
	case callback.ResultCallerHungUp:
		return target == ErrHungUp
	case callback.ResultTransactionCancelled:
		return target == ErrCancelled
	case callback.ResultSuccess:
		return target == ErrSucceeded
	case ResultNotCharged:
		return target == ErrNotCharged
	}
	return false
}

// Unwrap returns the *[callback.PaymentError] of a failed payment, which has
// the gateway's message.
func (e *EndedError) Unwrap() error { return e.payment }

func errCancelled(s Session) error {
	return &EndedError{SID: s.SID, Result: callback.ResultTransactionCancelled}
}

// unknown returns the error of a step whose outcome is unknown because of why.
func unknown(op operation, why error) error {
	return fmt.Errorf("%w: %s: %w", ErrOutcomeUnknown, op, why)
}

var errNoCallback = errors.New("no callback arrived in time")

// invalid returns the error for a value that cannot be sent, as package
// payments does.
func invalid(field, rule string) error {
	return fmt.Errorf("flow: %w", &payments.ValidationError{Field: field, Rule: rule})
}

// join combines the errors that are not nil into one, on one line.
func join(errs ...error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) < 2 {
		return errors.Join(errs...)
	}
	return joined(errs)
}

type joined []error

func (j joined) Error() string {
	texts := make([]string, len(j))
	for i, err := range j {
		texts[i] = err.Error()
		if i > 0 {
			texts[i] = strings.TrimPrefix(texts[i], "flow: ")
		}
	}
	return strings.Join(texts, "; ")
}

func (j joined) Unwrap() []error { return j }

// waited adds to a step's error what it waited for, since began, and which
// callback arrived last.
func (s *step) waited(what string, began time.Time, err error) error {
	f := s.f
	f.mu.Lock()
	defer f.mu.Unlock()
	received := "no callback of the session has arrived: does StatusCallback lead to flow.Handler?"
	if n := len(f.progress); n > 0 {
		last := f.progress[n-1].progress(n).summary()
		received = "Twilio has posted nothing about this request; the last callback was " + last
		if slices.Contains(f.confirmed, s.number) {
			received = "the last callback was " + last
		}
	}
	return fmt.Errorf("waited %s for %s; %s: %w", time.Since(began).Round(time.Millisecond), what, received, err)
}

// summary describes a callback in a few words.
func (p Progress) summary() string {
	words := []string{string(p.Kind)}
	switch {
	case p.Kind == callback.Completed:
		words = append(words, string(p.Result))
	case p.Capture != "":
		words = append(words, string(p.Capture))
	}
	if p.Entering {
		words = append(words, "(still entering)")
	}
	if p.Error != "" {
		words = append(words, "("+string(p.Error)+")")
	}
	return strings.Join(words, " ")
}
