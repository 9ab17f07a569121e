// Package sid checks Twilio's SIDs, by the patterns of the contract. Nothing else
// becomes part of a path, a key or a subject.
package sid

import (
	"github.com/twiliopay/twiliopay-go/generated/rules"
	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// Kind is what a SID names.
type Kind struct{ field *rule.Field }

// The kinds of SIDs that this module has to do with. Of API keys the contract says
// nothing, since they are credentials, nor of the ids of requests, which stand in a
// header. Their SIDs have the form of all others.
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

// Name is how the contract names a SID of the kind.
func (k Kind) Name() string { return k.field.Name }

// Is reports whether s is a SID of the kind. The pattern is first, because it can
// fail without building the text of a rule.
func (k Kind) Is(s string) bool { return k.field.Pattern.MatchString(s) && k.field.Text(s) == "" }

// Rule says which form a SID of the kind has.
func (k Kind) Rule() string { return k.field.Text("") }
