package main

import "slices"

// What reading a response may get wrong.
var responseMutations = slices.Concat(
	in("api/payments", []Edit{
		{"call.read", `case a.status < http.StatusMultipleChoices:`, `case a.status == http.StatusCreated || a.status == http.StatusAccepted:`, "a session with 200 is lost"},
		{"call.read", `case a.status < http.StatusBadRequest:`, `case a.status < http.StatusOK:`, "a redirect is taken for a refusal"},
		{"call.decode", `!matches(&s.AccountSID, c.accountSID(), sid.Account)`, `s.AccountSID == "" && !matches(&s.AccountSID, c.accountSID(), sid.Account)`, "another account's session is taken"},
		{"call.decode", `!matches(&s.CallSID, c.callSID, sid.Call)`, `s.CallSID == "" && !matches(&s.CallSID, c.callSID, sid.Call)`, "another call's session is taken"},
		{"call.decode", `case !sid.Payment.Is(s.SID):`, `case s.SID == "" && c.update:`, "a session without a SID is success"},
		{"call.decode", `case !sid.Payment.Is(s.SID):`, `case s.SID == "":`, "a SID of any form is success"},
		{"call.decode", `strings.EqualFold(s.SID, c.sid)`, `sid.Payment.Is(s.SID)`, "another session's response is taken"},
		{"call.decode", `json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), s)`, `json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark))).Decode(s)`, "bytes after a response pass"},
		{"call.decode", `case err != nil && !isWrongType(err):`, `case err != nil:`, "a field of another type loses the session"},
		{"call.decode", `bytes.TrimPrefix(body, byteOrderMark)`, `bytes.TrimSpace(body)`, "a byte order mark loses the session"},
		{"call.read", `_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)`, ``, "a long response costs its connection"},
		{"maxBody", `maxBody  = 1 << 20`, `maxBody  = 1 << 30`, "responses are read without limit"},
		{"call.read", `defer func() { _ = resp.Body.Close() }()`, ``, "responses are not closed"},
		{"call.read", `a.cutShort = a.broken`, ``, "a response cut short is not noticed"},
		{"attemptResult.error", `e.Code, e.Details = r.code, secrets.hideIn(r.details)`, `e.Details = secrets.hideIn(r.details)`, "Twilio's code is lost"},
		{"attemptResult.error", `e.Message, e.MoreInfo = secrets.hide(r.message), r.moreInfo`, `e.Message, e.MoreInfo = r.message, r.moreInfo`, "a message repeats secrets"},
		{"attemptResult.error", `e.cause = redactCause(a.err, secrets)`, `e.cause = a.err`, "a cause repeats secrets"},
		{"readRefusal", `code >= 0 && code < 1e9`, `code < 1e9`, "codes below zero pass"},
		{"readRefusal", `if err != nil && !isWrongType(err) {`, `if err != nil {`, "a field of another type loses the refusal"},
		{"call.secrets", `sent.secret(), header`, `header`, "an auth token is not hidden"},
		{"secrets.addURL", `s.add(raw)`, ``, "a callback's host is shown"},
		{"secrets.addURL", `s.add(u.RawQuery, u.Fragment)`, ``, "a callback's query is shown"},
		{"maxNested", `maxNested = 3`, `maxNested = 0`, "an escaped secret is shown"},
		{"fold", `b[i] = c + 'a' - 'A'`, ``, "a secret in another case is shown"},
		{"call.secrets", `name == "Description" || !slices`, `!slices`, "a description is not hidden"},
		{"withoutUserInfo", `end > 0 && rest[end]`, `end > 1 && rest[end]`, "a user name of one letter before a host is shown"},
		{"Error.Error", `printable(e.Message, maxText)`, `e.Message`, "messages of any length and character are printed"},
		{"Error.Unwrap", `func (e *Error) Unwrap() error { return e.cause }`, `func (e *Error) Unwrap() error { return nil }`, "a cause is not found by errors.Is"},
		{"call.sids", `slog.String("operation", c.name)`, `slog.String("operation", c.name), slog.String("form", string(c.body))`, "forms are logged"},
	}),
	in("internal/paycode", []Edit{
		{"byCode", `case ChargeRejected, TokenRejected, CardRejected:`, `case ChargeRejected, CardRejected:`, "a declined token is no decline"},
		{"Is", `return false`, `return true`, "a Pay code under 400 means invalid parameters always"},
	}),
)
