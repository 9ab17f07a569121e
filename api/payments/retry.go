package payments

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// The wait after attempt n is random between nothing and firstDelay·2ⁿ⁻¹, at
// most maxDelay, unless Retry-After says otherwise.
const (
	firstDelay    = 250 * time.Millisecond
	maxDelay      = 8 * time.Second
	maxRetryAfter = 30 * time.Second
)

// attempts sends the request until it succeeds, fails for good, or may not be
// sent again by the table in the package documentation.
func (c *call) attempts(ctx context.Context) (*Session, *Error) {
	var unknown, reached bool // of all attempts so far: may have acted; had a response or may have had one
	a := &attemptResult{}
	if a.err = ctx.Err(); a.err != nil {
		return nil, c.fail(ctx, a, 0, false)
	}
	renewed := 0 // attempts after a 401 with credentials of a source; they are no retries
	for number := 1; ; number++ {
		if err := c.authorize(ctx, c.refused); err != nil {
			a.err = joined(err, a.err)
			return nil, c.fail(ctx, a, number-1, unknown)
		}
		turn, err := c.backoff.enter(ctx, c.accountSID())
		if err != nil {
			a.err = joined(err, a.err)
			return nil, c.fail(ctx, a, number-1, unknown)
		}
		began := time.Now()
		broken := a.broken
		a = &attemptResult{} // should a hook panic
		func() {
			defer func() { c.backoff.leave(turn, c.accountSID(), a.status) }()
			a = c.observed(ctx, number, broken)
		}()
		took := time.Since(began)

		unknown = unknown || a.undecided() || c.name == opCreate && reached && a.code() == CodeInvalidOperation
		reached = reached || !a.neverSent
		if a.status == http.StatusUnauthorized && c.cached != nil && renewed == 0 && ctx.Err() == nil {
			c.refused, renewed = c.cached, 1
			c.note(ctx, a, number, took, 0)
			continue
		}
		delay, again := c.next(ctx, a, number-renewed)
		c.note(ctx, a, number, took, delay)
		if a.session != nil {
			return a.session, nil
		}
		if a.timedOut && !a.neverSent {
			c.http.CloseIdleConnections() // those of other calls may be as dead
		}
		if !again {
			return nil, c.fail(ctx, a, number, unknown)
		}
		if err := sleep(ctx, delay); err != nil {
			a.err = joined(err, a.err)
			return nil, c.fail(ctx, a, number, unknown)
		}
	}
}

// undecided reports whether the attempt leaves open what Twilio did.
func (a *attemptResult) undecided() bool {
	switch {
	case a.session != nil, a.neverSent:
		return false
	case a.status == http.StatusRequestTimeout:
		return true
	}
	return a.status < http.StatusBadRequest || a.status >= http.StatusInternalServerError
}

// next says whether another attempt follows, and after which wait.
func (c *call) next(ctx context.Context, a *attemptResult, number int) (time.Duration, bool) {
	if a.session != nil || number > c.maxRetries || ctx.Err() != nil || !c.mayRepeat(a) {
		return 0, false
	}
	delay := delayAfter(a.header, number)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
		return 0, false // the response in hand is worth more than a deadline that passed
	}
	return delay, true
}

// delayAfter is the wait after an attempt.
func delayAfter(response http.Header, number int) time.Duration {
	if delay := retryAfter(response); delay > 0 {
		return delay
	}
	return rand.N(min(maxDelay, firstDelay<<min(number-1, 10))) // #nosec G404 -- jitter is no secret
}

// isTemporary reports whether a status says that a later attempt may succeed.
func isTemporary(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// mayRepeat is the table of the package documentation.
func (c *call) mayRepeat(a *attemptResult) bool {
	switch {
	case a.neverSent, a.status == http.StatusTooManyRequests:
		return true
	case a.status == 0, a.cutShort, isTemporary(a.status):
	default:
		return false
	}
	return c.retryComplete || c.name != opComplete && c.name != opUpdate
}

// retryAfter reads Retry-After, seconds or a date, to at most maxRetryAfter.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if value == "" {
		return 0
	}
	seconds, err := strconv.ParseUint(value, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || seconds > uint64(maxRetryAfter/time.Second):
		return maxRetryAfter
	case err == nil:
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(time.Until(date), maxRetryAfter)
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// joined keeps what the last attempt failed of beside the end of the wait.
func joined(wait, attempt error) error {
	if attempt == nil {
		return wait
	}
	return oneLine{errors.Join(wait, attempt)}
}

// note keeps what happened for ResponseInfo and the log.
func (c *call) note(ctx context.Context, a *attemptResult, number int, took, delay time.Duration) {
	c.logAttempt(ctx, a, number, took, delay)
	if c.info == nil {
		return
	}
	c.info.Status, c.info.Header, c.info.RequestID = a.status, a.header, a.requestID()
	c.info.raw = keepRaw(a.body)
	c.info.Attempts = append(c.info.Attempts, Attempt{Status: a.status, Duration: took, Delay: delay})
}
