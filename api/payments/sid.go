package payments

import (
	"github.com/twiliopay/twiliopay-go/generated/rules"
	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// SIDs are checked by the patterns of the contract. Nothing else reaches a path,
// so that no value can climb out of it.
var (
	accountSIDs = &rules.AccountSid
	callSIDs    = &rules.CallSid
	paymentSIDs = &rules.Sid

	// Of API keys the contract says nothing: they are credentials. Their SIDs
	// have the form of all others.
	keySIDs = &rule.Field{Name: "KeySid", Required: true, Pattern: rule.Runs{
		{Set: "S", Count: 1}, {Set: "K", Count: 1}, {Set: "0123456789ABCDEFabcdef", Count: 32},
	}}

	ruleAccount = accountSIDs.Text("")
	ruleCall    = callSIDs.Text("")
	ruleKey     = keySIDs.Text("")
	rulePayment = paymentSIDs.Text("")
)

func isSID(s string, of *rule.Field) bool { return of.Text(s) == "" }
