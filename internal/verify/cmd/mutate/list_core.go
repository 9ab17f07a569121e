package main

// What the simulator's rules of Twilio may get wrong.
var coreMutations = in("api/paymentstest/internal/core", []Edit{
	{"Machine.replay", `case use.request != request:`, `case false:`, "a key that is used for another request gets the first response"},
	{"Machine.keep", `m.keys[id] = use`, `_ = use`, "a repeated request takes effect twice"},
	{"Machine.identify", `account: r.AccountSID, `, ``, "accounts share their idempotency keys"},
	{"Machine.checkCall", `if c.accountSID != "" && c.accountSID != r.AccountSID {`, `if false {`, "an account starts a session on another's call"},
	{"Machine.checkCall", `if open := c.open(); open != nil {`, `if open := c.open(); open != nil && false {`, "a call has two sessions"},
	{"Machine.complete", `if len(s.required(false)) > 0 {`, `if false {`, "an incomplete session is charged"},
	{"Machine.complete", `if !s.params.confirm {`, `if true {`, "a caller is not asked to confirm"},
	{"Decided.apply", `if s == nil || !s.deciding {`, `if s == nil {`, "a verdict charges twice"},
	{"Decided.apply", `if e.result == callback.ResultSuccess {`, `if true {`, "a declined payment is charged"},
	{"Machine.pay", `if s.params.charges() {`, `if true {`, "a token is charged"},
	{"Key.apply", `case s == nil || s.deciding:`, `case s == nil:`, "a key ends a session that the gateway decides"},
	{"Key.apply", `if len(s.entry.digits) > 0 {`, `if true {`, "a # without digits ends the entry"},
	{"TimerFired.apply", `|| s.entry.timer != t.N`, ``, "a timer that was replaced ends the entry"},
	{"mask", `return maskAccount(digits)`, `return digits`, "an account number is shown"},
	{"maskCard", `strings.Repeat("x", len(number)-4) + number[len(number)-4:]`, `strings.Repeat("x", len(number)-5) + number[len(number)-5:]`, "five digits of a card are shown"},
	{"maskPartial", `case rule.ShowLast2:
		return strings.Repeat("*", len(digits))`, `case rule.ShowLast2:
		return digits`, "an account number is shown while it is typed"},
	{"keyName", `return digitKey`, `return string(key)`, "the journal shows digits"},
	{"Machine.end", `s.values, s.matched, s.asked = nil, nil, nil`, ``, "a session that is over keeps its digits"},
	{"session.accepts", `again && !slices.Contains(s.params.matching, field)`, `again && len(s.params.matching) > 99 && !slices.Contains(s.params.matching, field)`, "a matcher is accepted that was not asked for"},
	{"session.tooEarly", `case field == payments.CaptureSecurityCode && !card:`, `case field == "" && !card:`, "a security code is asked for before the card"},
	{"checkAmount", `if len(fraction) > allowed`, `if len(fraction) > max(allowed, 4)`, "yen have decimals"},
	{"Machine.room", `m.forget(m.ended[0])`, ``, "ended sessions are never forgotten"},
	{"Machine.stamp", `if next := s.stamped.Add(time.Millisecond); t.Before(next) {`, `if next := s.stamped; t.Before(next) {`, "two callbacks have one date"},
	{"Machine.expire", `!s.over && !s.deciding && `, `!s.over && `, "a session expires while the gateway decides"},
})
