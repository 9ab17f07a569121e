package console

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// Script is a scripted caller, known by a name.
type Script struct {
	Name string `json:"name"`
	// Label says what the caller does.
	Label string `json:"label"`

	types    string // a test card, or another name that Call.Type takes
	mistypes bool   // types the first entry of every field wrongly
	code     func(*paymentstest.Call)
	says     bool // anything at all
}

var scripts = []Script{
	{Name: "visa", Label: "has a Visa test card", types: "visa", says: true},
	{Name: "mastercard", Label: "has a Mastercard test card", types: "mastercard", says: true},
	{Name: "amex", Label: "has an American Express test card", types: "amex", says: true},
	{Name: "ach", Label: "has a test bank account", types: "ach", says: true},
	{Name: "clumsy", Label: "mistypes every field once", types: "visa", mistypes: true, says: true},
	{Name: "untested", Label: "has a valid card that is not a test card", types: "untested", says: true},
	{Name: "star", Label: "presses * when asked for the security code", types: "visa", says: true, code: func(c *paymentstest.Call) { _ = c.Star() }},
	{Name: "hang-up", Label: "hangs up when asked for the security code", types: "visa", says: true, code: (*paymentstest.Call).HangUp},
	{Name: "silent", Label: "presses nothing"},
}

// Scripts returns the scripted callers.
func Scripts() []Script { return slices.Clone(scripts) }

// Caller returns the scripted caller with a name. The caller pauses before each
// key and stops when ctx is done.
func Caller(ctx context.Context, name string, pause time.Duration) (paymentstest.Caller, error) {
	at := slices.IndexFunc(scripts, func(s Script) bool { return s.Name == name })
	if at < 0 {
		return nil, fmt.Errorf("console: unknown caller %q: must be one of %s", name, scriptNames())
	}
	return scripts[at].caller(ctx, pause), nil
}

func scriptNames() string { return namesOf(scripts, func(s Script) string { return s.Name }) }

func (s Script) caller(ctx context.Context, pause time.Duration) paymentstest.Caller {
	return func(call *paymentstest.Call, ask paymentstest.Prompt) {
		switch {
		case !s.says:
		case ask.Confirm:
			_ = call.TypeSlowly(ctx, "confirm", pause)
		case s.code != nil && ask.Capture == payments.CaptureSecurityCode:
			if sleep.For(ctx, pause) == nil {
				s.code(call)
			}
		case s.mistypes && ask.Times == 1:
			_ = call.TypeSlowly(ctx, "too-short", pause)
		default:
			s.typeIn(ctx, call, ask, pause)
		}
	}
}

// typeIn types what the caller has for the field. That is nothing for a field of
// the other payment method.
func (s Script) typeIn(ctx context.Context, call *paymentstest.Call, ask paymentstest.Prompt, pause time.Duration) {
	names := paymentstest.TypedNames(ask.Capture)
	name := s.types
	if name == "untested" && !slices.Contains(names, name) {
		name = "good"
	}
	if slices.Contains(names, name) {
		_ = call.TypeSlowly(ctx, name, pause)
	}
}
