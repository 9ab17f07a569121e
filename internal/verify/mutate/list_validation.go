package main

const (
	validateFile = "api/payments/validate.go"
	sidFile      = "api/payments/sid.go"
	callFile     = "api/payments/call.go"
)

// What the checks before the network may miss.
var validationMutations = []Mutation{
	{validateFile, `const maxTimeout = 600`, `const maxTimeout = 6000`, "a timeout beyond 600 s passes"},
	{validateFile, `p.Timeout < 0 || p.Timeout > maxTimeout`, `p.Timeout > maxTimeout`, "a timeout below zero passes"},
	{validateFile, `p.Timeout > maxTimeout`, `p.Timeout >= maxTimeout`, "a timeout of 600 s is refused"},
	{validateFile, `p.MinPostalCodeLength < 0`, `p.MinPostalCodeLength < -1`, "a length below zero passes"},
	{validateFile, `p.ChargeAmount.Validate() != nil`, `p.ChargeAmount == "x"`, "an amount that is none passes"},
	{validateFile, `p.PaymentMethod == "" || p.PaymentMethod.Valid()`, `true`, "an unknown payment method passes"},
	{validateFile, `p.BankAccountType == "" || p.BankAccountType.Valid()`, `true`, "an unknown bank account type passes"},
	{validateFile, `p.TokenType == "" || p.TokenType.Valid()`, `true`, "an unknown token type passes"},
	{validateFile, `p.Confirmation == "" || p.Confirmation.Valid()`, `true`, "an unknown confirmation passes"},
	{validateFile, `p.Capture == "" || p.Capture.Valid()`, `true`, "an unknown capture passes"},
	{validateFile, `p.Status == "" || p.Status.Valid()`, `true`, "an unknown status passes"},
	{validateFile, `if (p.Capture == "") == (p.Status == "") {`, `if p.Capture == "" && p.Status == "" {`, "capture and status pass together"},
	{validateFile, `if (p.Capture == "") == (p.Status == "") {`, `if p.Capture != "" && p.Status != "" {`, "an update of nothing passes"},
	{validateFile, `u.Hostname() == "" || `, ``, "a callback without a host passes"},
	{validateFile, ` || u.Scheme != "http" && u.Scheme != "https"`, ``, "a callback of any scheme passes"},
	{validateFile, `p.Parameter["AVSName"] == ""`, `p.Parameter == nil`, "ACH without a name passes"},
	{validateFile, `p.PaymentMethod != PaymentMethodACHDebit && p.BankAccountType != ""`, `p.PaymentMethod == PaymentMethodCreditCard && p.BankAccountType != ""`, "a bank account type passes without a method"},
	{sidFile, `len(s) != len(prefix)+32`, `len(s) < len(prefix)+32`, "a SID with more behind it reaches the path"},
	{sidFile, ` || s[:len(prefix)] != prefix`, ``, "a SID of another kind reaches the path"},
	{sidFile, `c > 'f'`, `c > 'z'`, "a SID of other letters reaches the path"},
	{sidFile, `(c < '0' || c > '9')`, `(c < '.' || c > '9')`, "dots and slashes reach the path"},
	{callFile, `if !isSID(c.callSID, prefixCall) {`, `if !c.unchecked && !isSID(c.callSID, prefixCall) {`, "without validation any call SID reaches the path"},
	{callFile, `if c.update && !isSID(c.sid, prefixPayment) {`, `if c.update && c.sid == "" {`, "any session SID reaches the path"},
	{callFile, `if !c.unchecked {`, `if c.unchecked {`, "checks are made when they are not wanted"},
}
