package payments

import (
	"net/url"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

// The limits of the contract. A test compares them with it.
const maxTimeout = 600

const (
	ruleEnum     = "must be one of the values of its type"
	ruleCallback = "must be an absolute http or https URL"
)

func checkCreate(v *violations, p *CreateParams) {
	checkCallback(v, p.StatusCallback)
	if p.ChargeAmount != "" && p.ChargeAmount.Validate() != nil {
		v.add("ChargeAmount", wire.ErrAmount.Error())
	}
	v.enum("PaymentMethod", p.PaymentMethod == "" || p.PaymentMethod.Valid())
	v.enum("BankAccountType", p.BankAccountType == "" || p.BankAccountType.Valid())
	v.enum("TokenType", p.TokenType == "" || p.TokenType.Valid())
	v.enum("Confirmation", p.Confirmation == "" || p.Confirmation.Valid())
	if p.MinPostalCodeLength < 0 {
		v.add("MinPostalCodeLength", "must be at least 0")
	}
	if p.Timeout < 0 || p.Timeout > maxTimeout {
		v.add("Timeout", "must be from 0 to 600 seconds")
	}
	if p.PaymentMethod == PaymentMethodACHDebit && p.Parameter["AVSName"] == "" {
		v.add("Parameter", `must hold "AVSName" for ACH (64014)`)
	}
	if p.PaymentMethod != PaymentMethodACHDebit && p.BankAccountType != "" {
		v.add("BankAccountType", "goes with PaymentMethod ach-debit alone (64017)")
	}
}

func checkUpdate(v *violations, p *UpdateParams) {
	checkCallback(v, p.StatusCallback)
	v.enum("Capture", p.Capture == "" || p.Capture.Valid())
	v.enum("Status", p.Status == "" || p.Status.Valid())
	if (p.Capture == "") == (p.Status == "") {
		v.add("Capture", "or Status must be set, and not both (64018)")
	}
}

func checkCallback(v *violations, callback string) {
	u, err := url.Parse(callback)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		v.add("StatusCallback", ruleCallback)
	}
}
