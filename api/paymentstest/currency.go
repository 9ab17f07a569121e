package paymentstest

import (
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// How many decimals the currencies of ISO 4217 have that do not have two.
var decimals = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
	"RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// checkAmount refuses an amount with decimals its currency does not have. The
// contract has seen to the rest. An exponent, which JSON numbers may have and
// amounts of money never do, is refused as well.
func (t terms) checkAmount() *answer {
	if t.amount == "" {
		return nil
	}
	allowed, listed := decimals[t.currency]
	if !listed {
		allowed = 2
	}
	_, fraction, _ := strings.Cut(string(t.amount), ".")
	if len(fraction) > allowed || strings.ContainsAny(string(t.amount), "eE-") {
		return invalid(payments.CodeInvalidChargeAmount, "invalid charge amount")
	}
	return nil
}
