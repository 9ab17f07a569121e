package main

const (
	validateFile = "api/payments/validate.go"
	ruleFile     = "internal/rule/rule.go"
	boundFile    = "internal/rule/value.go"
	runsFile     = "internal/rule/runs.go"
	sidFile      = "api/payments/validate.go"
	callFile     = "api/payments/call.go"
)

// What the checks before the network may miss.
var validationMutations = []Mutation{
	{ruleFile, `case !f.Minimum.allowsAtLeast(value), !f.Maximum.allowsAtMost(value):`, `case !f.Minimum.allowsAtLeast(value):`, "an amount of a million passes"},
	{ruleFile, `case f.Enum != nil && !slices.Contains(f.Enum, value):`, `case false:`, "an unknown value of an enum passes"},
	{ruleFile, `u.Hostname() != "" && `, ``, "a callback without a host passes"},
	{ruleFile, ` && (u.Scheme == "http" || u.Scheme == "https")`, ``, "a callback of any scheme passes"},
	{ruleFile, `case f.URL && !isURL(value):`, `case f.URL && value != "" && !isURL(value):`, "an update without a callback passes"},
	{boundFile, `if !f.Minimum.allowsAtLeast(text) || !f.Maximum.allowsAtMost(text) {`, `if !f.Minimum.allowsAtLeast(text) {`, "a timeout beyond 600 s passes"},
	{boundFile, `if !f.Minimum.allowsAtLeast(text) || !f.Maximum.allowsAtMost(text) {`, `if !f.Maximum.allowsAtMost(text) {`, "a timeout below zero passes"},
	{boundFile, `return c < 0 || c == 0 && !b.Exclusive`, `return c < 0`, "a timeout of 600 s is refused"},
	{boundFile, `return c < 0 || c == 0 && !b.Exclusive`, `return c <= 0`, "an exclusive bound includes its value"},
	{boundFile, `if err := v.Addr().Interface().(validator).Validate(); err != nil {`, `if err := v.Addr().Interface().(validator).Validate(); err == nil {`, "an amount that is none passes"},
	{validateFile, `if (p.Capture == "") == (p.Status == "") {`, `if p.Capture == "" && p.Status == "" {`, "capture and status pass together"},
	{validateFile, `if (p.Capture == "") == (p.Status == "") {`, `if p.Capture != "" && p.Status != "" {`, "an update of nothing passes"},
	{validateFile, `p.Parameter.Get("AVSName") == ""`, `p.Parameter.IsZero()`, "ACH without a name passes"},
	{validateFile, `p.PaymentMethod != PaymentMethodACHDebit && p.BankAccountType != ""`, `p.PaymentMethod == PaymentMethodCreditCard && p.BankAccountType != ""`, "a bank account type passes without a method"},
	{runsFile, `return at == len(s)`, `return true`, "a SID with more behind it reaches the path"},
	{runsFile, `range []byte(s[at : at+run.Count]) {`, `range []byte(s[max(at, min(2, at+run.Count)) : at+run.Count]) {`, "a SID of another kind reaches the path"},
	{runsFile, `allowed[c>>6]&(1<<(c&63)) == 0 {`, `c != '.' && c != '/' && allowed[c>>6]&(1<<(c&63)) == 0 {`, "dots and slashes reach the path"},
	{sidFile, `return of.Text(s) == ""`, `return of.MinLength == len(s)`, "a SID of other letters reaches the path"},
	{callFile, `if !isSID(c.callSID, callSIDs) {`, `if !c.unchecked && !isSID(c.callSID, callSIDs) {`, "without validation any call SID reaches the path"},
	{callFile, `if c.update && !isSID(c.sid, paymentSIDs) {`, `if c.update && c.sid == "" {`, "any session SID reaches the path"},
	{callFile, `if !c.unchecked {`, `if c.unchecked {`, "checks are made when they are not wanted"},
}
