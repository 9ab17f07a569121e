package main

import "slices"

// What the checks before the network may miss.
var validationMutations = slices.Concat(
	in("internal/rule", []Edit{
		{"Field.Text", `case !f.Minimum.allowsAtLeast(value), !f.Maximum.allowsAtMost(value):`, `case !f.Minimum.allowsAtLeast(value):`, "a text above the maximum passes"},
		{"Field.Text", `case f.Enum != nil && !slices.Contains(f.Enum, value):`, `case f.Enum != nil && value == "" && !slices.Contains(f.Enum, value):`, "an unknown value of an enum passes"},
		{"isURL", `u.Hostname() != "" &&`, ``, "a callback without a host passes"},
		{"isURL", `&& (u.Scheme == "http" || u.Scheme == "https")`, ``, "a callback of any scheme passes"},
		{"Field.Text", `case f.URL && !isURL(value):`, `case f.URL && value != "" && !isURL(value):`, "a missing callback does not say that a URL is needed"},
		{"checkInt", `if !f.Minimum.allowsAtLeast(text) || !f.Maximum.allowsAtMost(text) {`, `if !f.Minimum.allowsAtLeast(text) {`, "a timeout beyond 600 s passes"},
		{"checkInt", `if !f.Minimum.allowsAtLeast(text) || !f.Maximum.allowsAtMost(text) {`, `if !f.Maximum.allowsAtMost(text) {`, "a timeout below zero passes"},
		{"Bound.allowsAtMost", `return c < 0 || c == 0 && !b.Exclusive`, `return c < 0`, "a timeout of 600 s is refused"},
		{"Bound.allowsAtMost", `return c < 0 || c == 0 && !b.Exclusive`, `return c <= 0`, "an exclusive bound includes its value"},
		{"checkValid", `if err := v.Addr().Interface().(validator).Validate(); err != nil {`, `if err := v.Addr().Interface().(validator).Validate(); err == nil {`, "an amount that is none passes"},
		{"Runs.MatchString", `return at == len(s)`, `return true`, "a SID with more behind it reaches the path"},
		{"Runs.MatchString", `range []byte(s[at : at+run.Count]) {`, `range []byte(s[max(at, min(2, at+run.Count)) : at+run.Count]) {`, "a SID of another kind reaches the path"},
		{"Runs.MatchString", `allowed[c>>6]&(1<<(c&63)) == 0 {`, `c != '.' && c != '/' && allowed[c>>6]&(1<<(c&63)) == 0 {`, "dots and slashes reach the path"},
	}),
	in("api/payments", []Edit{
		{"checkUpdate", `if (p.Capture == "") == (p.Status == "") {`, `if p.Capture == "" && p.Status == "" {`, "capture and status pass together"},
		{"checkUpdate", `if (p.Capture == "") == (p.Status == "") {`, `if p.Capture != "" && p.Status != "" {`, "an update of nothing passes"},
		{"checkCreate", `p.Parameter.Get("AVSName") == ""`, `p.Parameter.IsZero()`, "ACH without a name passes"},
		{"checkCreate", `p.PaymentMethod != PaymentMethodACHDebit && p.BankAccountType != ""`, `p.PaymentMethod == PaymentMethodCreditCard && p.BankAccountType != ""`, "a bank account type passes without a method"},
		{"call.prepare", `if !sid.Call.Is(c.callSID) {`, `if len(c.callSID) != 34 {`, "a SID of other letters reaches the path"},
		{"call.prepare", `if !sid.Call.Is(c.callSID) {`, `if !c.unchecked && !sid.Call.Is(c.callSID) {`, "without validation any call SID reaches the path"},
		{"call.prepare", `if c.update && !sid.Payment.Is(c.sid) {`, `if c.update && c.sid == "" {`, "any session SID reaches the path"},
		{"call.prepare", `if !c.unchecked {`, `if c.unchecked {`, "checks are made when they are not wanted"},
	}),
)
