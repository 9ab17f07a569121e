package prism

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// Faults are what Prism 5.14.2 is known to get wrong.
var Faults = []validators.Fault{
	{
		Validator: "prism", Name: "numbers of JavaScript", Accepts: true, Document: validators.Vendor,
		Why:           "reads numbers as JavaScript does: +7, 0x7, a space around them, nothing at all",
		SampleRequest: with("Timeout=0x7"),
		Request: func(r validators.Request) bool {
			return any(r, looseNumber, "ChargeAmount", "MinPostalCodeLength", "Timeout")
		},
	},
	{
		Validator: "prism", Name: "colon in a secret", Accepts: false, Document: validators.Vendor,
		Why:           "ignores HTTP Basic credentials with more than one colon; a password may contain colons",
		SampleRequest: changed(func(r *validators.Request) { r.Header.Set("Authorization", basic("SK:a:b")) }),
		Request: func(r validators.Request) bool {
			text, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Authorization"), "Basic "))
			return err == nil && strings.Count(string(text), ":") > 1
		},
	},
}

func with(field string) *validators.Request {
	return changed(func(r *validators.Request) { r.Body += "&" + field })
}

func changed(change func(*validators.Request)) *validators.Request {
	r := validators.Request{
		Method: http.MethodPost,
		Target: "/2010-04-01/Accounts/AC00000000000000000000000000000001/Calls/CA00000000000000000000000000000001/Payments.json",
		Header: http.Header{"Authorization": {basic("AC:token")}, "Content-Type": {"application/x-www-form-urlencoded"}},
		Body:   "IdempotencyKey=k&StatusCallback=https%3A%2F%2Fpay.example.com%2Fstatus",
	}
	change(&r)
	return &r
}

func basic(pair string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) }

// any reports whether one of the fields has a value for which ok returns true.
func any(r validators.Request, ok func(string) bool, fields ...string) bool {
	form, _ := url.ParseQuery(r.Body)
	for _, field := range fields {
		for _, value := range form[field] {
			if ok(value) {
				return true
			}
		}
	}
	return false
}

func looseNumber(s string) bool { return !json.Valid([]byte(s)) || strings.TrimSpace(s) != s }
