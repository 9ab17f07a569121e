package main

const (
	responseFile = "api/payments/response.go"
	refusalFile  = "api/payments/response.go"
	redactFile   = "api/payments/redact.go"
	decodeFile   = "api/payments/redact_decode.go"
	errorsFile   = "api/payments/errors.go"
	logFile      = "api/payments/log.go"
	paycodeFile  = "internal/paycode/paycode.go"
)

// What reading an answer may get wrong.
var answerMutations = []Mutation{
	{responseFile, `case a.status < http.StatusMultipleChoices:`, `case a.status == http.StatusCreated || a.status == http.StatusAccepted:`, "a session with 200 is lost"},
	{responseFile, `case a.status < http.StatusBadRequest:`, `case a.status < http.StatusOK:`, "a redirect is taken for a refusal"},
	{responseFile, `!strings.EqualFold(s.AccountSID, c.accountSID())`, `s.AccountSID == ""`, "another account's session is taken"},
	{responseFile, `!strings.EqualFold(s.CallSID, c.callSID)`, `s.CallSID == ""`, "another call's session is taken"},
	{responseFile, `case !isSID(s.SID, paymentSIDs):`, `case s.SID == "" && c.update:`, "a session without a SID is success"},
	{responseFile, `case !isSID(s.SID, paymentSIDs):`, `case s.SID == "":`, "a SID of any form is success"},
	{responseFile, `!strings.EqualFold(s.SID, c.sid)`, `strings.EqualFold(s.SID, "")`, "another session's answer is taken"},
	{responseFile, `json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), s)`, `json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark))).Decode(s)`, "bytes after an answer pass"},
	{responseFile, `case err != nil && !isWrongType(err):`, `case err != nil:`, "a field of another type loses the session"},
	{responseFile, `json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), s)`, `json.Unmarshal(bytes.TrimSpace(body), s)`, "a byte order mark loses the session"},
	{responseFile, `_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)`, ``, "a long answer costs its connection"},
	{responseFile, `maxBody  = 1 << 20`, `maxBody  = 1 << 30`, "answers are read without limit"},
	{responseFile, `defer func() { _ = resp.Body.Close() }()`, ``, "answers are not closed"},
	{responseFile, `a.cutShort = a.broken`, ``, "an answer cut short is not noticed"},
	{responseFile, `e.Code, e.Details, e.Permissions = r.code, secrets.hideIn(r.details), r.permissions`, `e.Details, e.Permissions = secrets.hideIn(r.details), r.permissions`, "Twilio's code is lost"},
	{responseFile, `e.Message, e.MoreInfo = secrets.hide(r.message), r.moreInfo`, `e.Message, e.MoreInfo = r.message, r.moreInfo`, "a message repeats secrets"},
	{responseFile, `e.cause = redactCause(a.err, secrets)`, `e.cause = a.err`, "a cause repeats secrets"},
	{refusalFile, `code >= 0 && code < 1e9`, `code < 1e9`, "codes below zero pass"},
	{refusalFile, `if err != nil && !isWrongType(err) {`, `if err != nil {`, "a field of another type loses the refusal"},
	{redactFile, `c.auth.secret(), header`, `header`, "an auth token is not hidden"},
	{redactFile, `s.add(raw)`, ``, "a callback's host is shown"},
	{redactFile, `s.add(u.RawQuery, u.Fragment)`, ``, "a callback's query is shown"},
	{decodeFile, `maxNested = 3`, `maxNested = 0`, "an escaped secret is shown"},
	{decodeFile, `b[i] = c + 'a' - 'A'`, ``, "a secret in another case is shown"},
	{redactFile, `name == "Description" || !slices`, `!slices`, "a description is not hidden"},
	{redactFile, `end > 0 && rest[end]`, `end > 1 && rest[end]`, "a user name of one letter before a host is shown"},
	{errorsFile, `printable(e.Message, maxText)`, `e.Message`, "messages of any length and character are printed"},
	{errorsFile, `func (e *Error) Unwrap() error { return e.cause }`, `func (e *Error) Unwrap() error { return nil }`, "a cause is not found by errors.Is"},
	{logFile, `slog.String("operation", c.name)`, `slog.String("operation", c.name), slog.String("form", string(c.body))`, "forms are logged"},
	{paycodeFile, `case ChargeRejected, TokenRejected, CardRejected:`, `case ChargeRejected, CardRejected:`, "a declined token is no decline"},
	{paycodeFile, `return false // the code`, `return true // the code`, "a Pay code under 400 means invalid parameters always"},
}
