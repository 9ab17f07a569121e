package main

// What a retry may get wrong.
var retryMutations = in("api/payments", []Edit{
	{"call.mayRepeat", `return c.retryComplete || c.name != opComplete && c.name != opUpdate`, `return true`, "a completion of unknown outcome is sent again"},
	{"call.mayRepeat", `return c.retryComplete || c.name`, `return c.name`, "WithRetryComplete does nothing"},
	{"call.mayRepeat", `c.name != opComplete && c.name != opUpdate`, `c.name == opCreate`, "captures of unknown outcome are not sent again"},
	{"call.mayRepeat", `case a.neverSent, a.status == http.StatusTooManyRequests:
		return true`, `case a.neverSent:
		return true`, "429 is not sent again"},
	{"call.mayRepeat", `case a.neverSent, a.status == http.StatusTooManyRequests:
		return true`, `case a.status == http.StatusTooManyRequests:
		return true`, "a completion that was never sent is not sent again"},
	{"isTemporary", `http.StatusServiceUnavailable, http.StatusGatewayTimeout:`, `http.StatusGatewayTimeout:`, "503 is not sent again"},
	{"isTemporary", `http.StatusInternalServerError, http.StatusBadGateway`, `http.StatusBadGateway`, "500 is not sent again"},
	{"isTemporary", `http.StatusRequestTimeout, http.StatusInternalServerError`, `http.StatusInternalServerError`, "408 is not sent again"},
	{"call.mayRepeat", `default:
		return false`, `case a.status == http.StatusNotFound:
	default:
		return false`, "404 is sent again"},
	{"call.mayRepeat", `a.status == 0, a.cutShort, isTemporary(a.status):`, `a.status == 0, isTemporary(a.status):`, "a response cut short is not sent again"},
	{"call.next", `number > c.maxRetries`, `number >= c.maxRetries`, "one retry is missing"},
	{"call.next", `number > c.maxRetries`, `number > c.maxRetries+1`, "there is one retry too many"},
	{"call.next", `|| ctx.Err() != nil || !c.mayRepeat(a)`, `|| !c.mayRepeat(a)`, "a caller who has left is not noticed"},
	{"call.attempts", `unknown = unknown || a.undecided()`, `unknown = a.undecided()`, "an earlier unknown outcome is forgotten"},
	{"call.attempts", `|| c.name == opCreate && reached && a.code() == CodeInvalidOperation`, ``, "a session of its own is taken for another's"},
	{"call.attempts", `c.name == opCreate && reached && a.code()`, `c.name == opCreate && a.code()`, "another's session is taken for its own"},
	{"attemptResult.undecided", `case a.session != nil, a.neverSent:`, `case a.session != nil:`, "what was never sent leaves the outcome unknown"},
	{"attemptResult.undecided", `case a.status == http.StatusRequestTimeout:
		return true`, `case a.status == http.StatusRequestTimeout:
		return false`, "408 counts as a known outcome"},
	{"attemptResult.undecided", `a.status >= http.StatusInternalServerError`, `a.status > http.StatusInternalServerError`, "500 counts as a known outcome"},
	{"attemptResult.undecided", `return a.status < http.StatusBadRequest ||`, `return`, "a broken connection counts as a known outcome"},
	{"firstDelay", `firstDelay    = 250 * time.Millisecond`, `firstDelay    = 2500 * time.Millisecond`, "waits are ten times as long"},
	{"maxDelay", `maxDelay      = 8 * time.Second`, `maxDelay      = 80 * time.Second`, "waits have no cap"},
	{"maxRetryAfter", `maxRetryAfter = 30 * time.Second`, `maxRetryAfter = 30 * time.Minute`, "Retry-After has no cap"},
	{"delayAfter", `delay := retryAfter(response)`, `delay := 0 * retryAfter(response)`, "Retry-After is not honored"},
	{"retryAfter", `return min(time.Until(date), maxRetryAfter)`, `_ = date`, "a date in Retry-After is not honored"},
	{"call.next", `time.Until(deadline) <= delay`, `time.Until(deadline) <= 0`, "a wait begins that outlasts the deadline"},
	{"delayAfter", `rand.N(min(maxDelay, firstDelay<<min(number-1, 10)))`, `rand.N(firstDelay)`, "waits do not grow"},
	{"attemptResult.classify", `if a.neverSent = form.never(); a.neverSent {`, `if a.neverSent = true; a.neverSent {`, "a broken connection counts as never sent"},
	{"attemptResult.classify", `a.err, a.neverSent = err, true`, `a.err = err`, "what was not processed leaves the outcome unknown"},
	{"attemptResult.classify", `if form.once() {`, `if true {`, "a request that a middleware sent twice counts as never sent by its second failure"},
	{"reasonUnprocessed", `&& strings.HasSuffix(text, "; REFUSED_STREAM; received from peer")`, ``, "any reset of a stream counts as not processed"},
	{"reasonUnprocessed", `if fmt.Sprintf("%T", err) == "http.nothingWrittenError" {`, `if fmt.Sprintf("%T", err) == "" {`, "a connection that took nothing leaves the outcome unknown"},
	{"call.observed", `c.last = c.attempt(ctx, renew)`, `c.last = c.attempt(ctx, false)`, "a retry goes to the next dead connection"},
	{"roundTrip", `once.DisableKeepAlives = true`, ``, "a connection for one attempt is kept"},
	{"NewTransport", `t.HTTP2.SendPingTimeout, t.HTTP2.PingTimeout = pingAfter, pingTimeout`, ``, "silent connections are not noticed"},
	{"backoff.leave", `w.limit, w.halved = max(1, w.limit/2), w.halved+1`, `_ = w`, "further 429s slow nothing down"},
	{"backoff.leave", `b.start(account, float64(underWay)/2)`, `_ = underWay`, "a 429 slows no other call down"},
	{"backoff.leave", `t.bound.limit += 1 / t.bound.limit`, ``, "calls that were slowed down stay so"},
	{"backoff.wait", `timer := time.NewTimer(maxTurn)`, `timer := time.NewTimer(1000 * maxTurn)`, "a call waits for its turn without end"},
	{"call.request", `r.ContentLength = int64(len(c.body))`, `r.ContentLength, r.GetBody = int64(len(c.body)), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(c.body))), nil }`, "net/http sends the form again by itself"},
	{"sending.Read", `s.read.Store(true)`, `s.read.Store(false)`, "what another transport sent is not noticed"},
	{"sending.never", `return s.writes.Load() == 0`, `return true`, "what net/http's transport sent is not noticed"},
	{"sending.never", `return s.writes.Load() == 0`, `return false`, "what net/http's transport never sent is not noticed"},
	{"call.attempt", `if c.attemptTimeout > 0 {`, `if c.attemptTimeout < 0 {`, "an attempt may take for ever"},
	{"call.attempt", `case parent.Err() != nil:`, `case parent.Err() != nil && ctx.Err() == nil:`, "the caller's deadline is taken for the attempt's"},
	{"updateName", `return opComplete`, `return opCancel`, "a completion is retried as a cancellation is"},
})
