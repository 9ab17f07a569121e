package payments

import (
	"errors"
	"strings"

	"github.com/twiliopay/twiliopay-go/generated/rules"
	"github.com/twiliopay/twiliopay-go/internal/rule"
	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// The rules for single fields are generated from the contract. Only rules between
// fields, which a schema cannot express, are written by hand.
var (
	createRules = rule.Compile[CreateParams](rules.CreateParams)
	updateRules = rule.Compile[UpdateParams](rules.UpdateParams)
)

func checkCreate(v *violations, p *CreateParams) {
	v.addAll(createRules.Check(p))
	// https://www.twilio.com/docs/api/errors/64014
	if p.PaymentMethod == PaymentMethodACHDebit && p.Parameter.Get("AVSName") == "" {
		v.add("Parameter", `must hold "AVSName" for ACH (64014)`)
	}
	// https://www.twilio.com/docs/api/errors/64017
	if p.PaymentMethod != PaymentMethodACHDebit && p.BankAccountType != "" {
		v.addOnce("BankAccountType", "is for PaymentMethod ach-debit only (64017)")
	}
}

func checkUpdate(v *violations, p *UpdateParams) {
	v.addAll(updateRules.Check(p))
	// https://www.twilio.com/docs/api/errors/64018
	if (p.Capture == "") == (p.Status == "") {
		v.addOnce("Capture", "or Status must be set, but not both (64018)")
	}
}

// Only valid SIDs go into a path, so no value, such as "..", can change it.
var (
	ruleAccount = sid.Account.Rule()
	ruleCall    = sid.Call.Rule()
	ruleKey     = sid.Key.Rule()
	rulePayment = sid.Payment.Rule()
)

// A ValidationError names a field that was refused before sending and the rule
// it breaks, never its value. The [*Error] of a call wraps one for each invalid
// field; errors.As finds the first, and errors.Is matches [ErrInvalidParams].
type ValidationError struct {
	Field string // its name in the contract, such as "ChargeAmount"
	Rule  string // such as "must be credit-card or ach-debit"
}

// Error returns field and rule.
func (e *ValidationError) Error() string { return e.Field + " " + e.Rule }

// Is reports whether target is [ErrInvalidParams].
func (e *ValidationError) Is(target error) bool { return target == ErrInvalidParams }

// violations are all violated rules of one call's parameters.
type violations []*ValidationError

func (v *violations) add(field, rule string) {
	*v = append(*v, &ValidationError{Field: field, Rule: rule})
}

// addOnce adds a violation unless the field already has one.
func (v *violations) addOnce(field, rule string) {
	for _, violation := range *v {
		if violation.Field == field {
			return
		}
	}
	v.add(field, rule)
}

func (v *violations) addAll(broken []rule.Violation) {
	for _, b := range broken {
		v.add(b.Field, b.Rule)
	}
}

// err returns the violations as one error, nil if there are none.
func (v violations) err() error {
	switch len(v) {
	case 0:
		return nil
	case 1:
		return v[0]
	}
	all := make([]error, len(v))
	for i, violation := range v {
		all[i] = violation
	}
	return oneLine{errors.Join(all...)}
}

// oneLine prints joined errors on one line.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.ReplaceAll(e.error.Error(), "\n", "; ") }

func (e oneLine) Unwrap() error { return e.error }
