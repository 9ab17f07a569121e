// Package sid checks Twilio's SIDs against the patterns of the contract. Only text
// that passes becomes part of a path, a key or a subject.
package sid

import (
	"github.com/twiliopay/twiliopay-go/generated/rules"
	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// Kind is a kind of SID.
type Kind struct{ field *rule.Field }

// The kinds of SIDs that this module uses. API keys are credentials and request ids
// are in a header, so the contract has no patterns for them; they have the same form
// as the others.
var (
	Account = Kind{&rules.AccountSid}
	Call    = Kind{&rules.CallSid}
	Payment = Kind{&rules.Sid}
	Request = Kind{&rule.Field{Name: "RequestSid", Required: true, Pattern: rule.Runs{
		{Set: "R", Count: 1}, {Set: "Q", Count: 1}, {Set: "0123456789ABCDEFabcdef", Count: 32},
	}}}
	Key = Kind{&rule.Field{Name: "KeySid", Required: true, Pattern: rule.Runs{
		{Set: "S", Count: 1}, {Set: "K", Count: 1}, {Set: "0123456789ABCDEFabcdef", Count: 32},
	}}}
)

// Name returns the name that the contract uses for a SID of the kind.
func (k Kind) Name() string { return k.field.Name }

// Is reports whether s is a SID of the kind. The pattern is first, because it can
// fail without building the text of a rule.
func (k Kind) Is(s string) bool { return k.field.Pattern.MatchString(s) && k.field.Text(s) == "" }

// Rule returns the form of a SID of the kind, in words.
func (k Kind) Rule() string { return k.field.Text("") }
