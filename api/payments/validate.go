package payments

import (
	"github.com/twiliopay/twiliopay-go/generated/rules"
	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// What the contract says of each field is data, generated from it. By hand
// stand only the rules between fields, which no schema can say.
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
		v.addOnce("BankAccountType", "goes with PaymentMethod ach-debit alone (64017)")
	}
}

func checkUpdate(v *violations, p *UpdateParams) {
	v.addAll(updateRules.Check(p))
	// https://www.twilio.com/docs/api/errors/64018
	if (p.Capture == "") == (p.Status == "") {
		v.addOnce("Capture", "or Status must be set, and not both (64018)")
	}
}
