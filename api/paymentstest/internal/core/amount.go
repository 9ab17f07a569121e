package core

import (
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// decimals lists the currencies of ISO 4217 that do not have two decimals.
var decimals = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
	"RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// checkAmount refuses an amount with more decimals than its currency has, and one
// with an exponent: JSON numbers may have one, amounts of money do not. The contract
// has checked the rest.
func checkAmount(amount wire.Amount, currency string) *refusal {
	if amount == "" {
		return nil
	}
	allowed, listed := decimals[currency]
	if !listed {
		allowed = 2
	}
	_, fraction, _ := strings.Cut(string(amount), ".")
	if len(fraction) > allowed || strings.ContainsAny(string(amount), "eE-") {
		return refuse(payments.CodeInvalidChargeAmount, "invalid charge amount")
	}
	return nil
}

// isPositive reports whether an amount is charged: without one, or with zero, a
// token is made.
func isPositive(amount wire.Amount) bool { return strings.ContainsAny(string(amount), "123456789") }
