package main

const (
	retryFile   = "api/payments/retry.go"
	attemptFile = "api/payments/attempt.go"
	bodyFile    = "api/payments/attempt.go"
	backoffFile = "api/payments/backoff.go"

	unprocessedFile = "api/payments/unprocessed.go"
)

// What sending again may get wrong.
var retryMutations = []Mutation{
	{retryFile, `return c.retryComplete || c.name != opComplete && c.name != opUpdate`, `return true`, "a completion of unknown outcome is sent again"},
	{retryFile, `return c.retryComplete || c.name`, `return c.name`, "WithRetryComplete does nothing"},
	{retryFile, `c.name != opComplete && c.name != opUpdate`, `c.name == opCreate`, "captures of unknown outcome are not sent again"},
	{retryFile, "	case a.neverSent, a.status == http.StatusTooManyRequests:\n\t\treturn true\n", "	case a.neverSent:\n\t\treturn true\n", "429 is not sent again"},
	{retryFile, "	case a.neverSent, a.status == http.StatusTooManyRequests:\n\t\treturn true\n", "	case a.status == http.StatusTooManyRequests:\n\t\treturn true\n", "a completion that was never sent is not sent again"},
	{retryFile, `a.status == http.StatusServiceUnavailable, a.status == http.StatusGatewayTimeout:`, `a.status == http.StatusGatewayTimeout:`, "503 is not sent again"},
	{retryFile, `a.status == http.StatusInternalServerError, a.status`, `a.status`, "500 is not sent again"},
	{retryFile, `case a.status == http.StatusRequestTimeout, a.status`, `case a.status`, "408 is not sent again"},
	{retryFile, "	default:\n\t\treturn false\n", "	case a.status == http.StatusNotFound:\n\tdefault:\n\t\treturn false\n", "404 is sent again"},
	{retryFile, `a.status == 0, a.cutShort:`, `a.status == 0:`, "an answer cut short is not sent again"},
	{retryFile, `number > c.maxRetries`, `number >= c.maxRetries`, "one retry is missing"},
	{retryFile, `number > c.maxRetries`, `number > c.maxRetries+1`, "there is one retry too many"},
	{retryFile, ` || ctx.Err() != nil || !c.mayRepeat(a)`, ` || !c.mayRepeat(a)`, "a caller who has left is not noticed"},
	{retryFile, `unknown = unknown || a.undecided()`, `unknown = a.undecided()`, "an earlier unknown outcome is forgotten"},
	{retryFile, ` || c.name == opCreate && reached && a.code() == CodeInvalidOperation`, ``, "a session of its own is taken for another's"},
	{retryFile, `c.name == opCreate && reached && a.code()`, `c.name == opCreate && a.code()`, "another's session is taken for its own"},
	{retryFile, `case a.session != nil, a.neverSent:`, `case a.session != nil:`, "what was never sent leaves the outcome unknown"},
	{retryFile, "	case a.status == http.StatusRequestTimeout:\n\t\treturn true\n", "	case a.status == http.StatusRequestTimeout:\n\t\treturn false\n", "408 is said to be decided"},
	{retryFile, `a.status >= http.StatusInternalServerError`, `a.status > http.StatusInternalServerError`, "500 is said to be decided"},
	{retryFile, `return a.status < http.StatusBadRequest || `, `return `, "a connection that broke is said to be decided"},
	{retryFile, `firstDelay    = 250 * time.Millisecond`, `firstDelay    = 2500 * time.Millisecond`, "waits are ten times as long"},
	{retryFile, `maxDelay      = 8 * time.Second`, `maxDelay      = 80 * time.Second`, "waits have no cap"},
	{retryFile, `maxRetryAfter = 30 * time.Second`, `maxRetryAfter = 30 * time.Minute`, "Retry-After has no cap"},
	{retryFile, `delay := retryAfter(a.header)`, `delay := 0 * retryAfter(a.header)`, "Retry-After is not honoured"},
	{retryFile, `return min(time.Until(date), maxRetryAfter)`, `_ = date`, "a date in Retry-After is not honoured"},
	{retryFile, `time.Until(deadline) <= delay`, `time.Until(deadline) <= 0`, "a wait begins that outlasts the deadline"},
	{retryFile, `rand.N(min(maxDelay, firstDelay<<min(number-1, 10)))`, `rand.N(firstDelay)`, "waits do not grow"},
	{attemptFile, `if a.neverSent = form.never(); a.neverSent {`, `if a.neverSent = true; a.neverSent {`, "a broken connection counts as never sent"},
	{attemptFile, `a.err, a.neverSent = err, true`, `a.err = err`, "what was not processed leaves the outcome unknown"},
	{attemptFile, `if form.once() {`, `if true {`, "what a middleware sent twice is known by its second failure"},
	{unprocessedFile, ` && strings.HasSuffix(text, "; REFUSED_STREAM; received from peer")`, ``, "any reset of a stream counts as not processed"},
	{unprocessedFile, `if fmt.Sprintf("%T", err) == "http.nothingWrittenError" {`, `if fmt.Sprintf("%T", err) == "" {`, "a connection that took nothing leaves the outcome unknown"},
	{retryFile, `a = c.attempt(ctx, a.broken)`, `a = c.attempt(ctx, false)`, "a retry goes to the next dead connection"},
	{transportFile, `t.DisableKeepAlives = true`, ``, "a connection for one attempt is kept"},
	{transportFile, `t.HTTP2.SendPingTimeout, t.HTTP2.PingTimeout = pingAfter, pingTimeout`, ``, "silent connections are not noticed"},
	{backoffFile, `w.limit, w.halved = max(1, w.limit/2), w.halved+1`, `_ = w`, "further 429s slow nothing down"},
	{backoffFile, `b.start(account, float64(underWay)/2)`, `_ = underWay`, "a 429 slows no other call down"},
	{backoffFile, `t.bound.limit += 1 / t.bound.limit`, ``, "calls that were slowed down stay so"},
	{backoffFile, `timer := time.NewTimer(maxTurn)`, `timer := time.NewTimer(1000 * maxTurn)`, "a call waits for its turn without end"},
	{attemptFile, `req.ContentLength, req.GetBody = int64(len(c.body)), nil`, `req.ContentLength = int64(len(c.body))`, "net/http sends the form again by itself"},
	{bodyFile, `s.read.Store(true)`, `s.read.Store(false)`, "what another transport sent is not noticed"},
	{bodyFile, `return s.writes.Load() == 0`, `return true`, "what net/http's transport sent is not noticed"},
	{bodyFile, `return s.writes.Load() == 0`, `return false`, "what net/http's transport never sent is not noticed"},
	{attemptFile, `if c.attemptTimeout > 0 {`, `if c.attemptTimeout < 0 {`, "an attempt may take for ever"},
	{attemptFile, `case parent.Err() != nil:`, `case parent.Err() != nil && ctx.Err() == nil:`, "the caller's deadline is taken for the attempt's"},
	{callFile, "		return opComplete\n", "		return opCancel\n", "a completion is retried as a cancellation is"},
}
