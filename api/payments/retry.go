package payments

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// Exponential backoff with full jitter: the wait after attempt n is random, below
// firstDelay·2ⁿ⁻¹ and maxDelay. A Retry-After, capped at maxRetryAfter, replaces it.
const (
	firstDelay    = 250 * time.Millisecond
	maxDelay      = 8 * time.Second
	maxRetryAfter = 30 * time.Second
)

// attempts sends the request until it succeeds or the table in the package
// documentation allows no retry.
func (c *call) attempts(ctx context.Context) (*Session, *Error) {
	// Whether any attempt so far left its outcome unknown, and whether any may
	// have reached Twilio.
	var unknown, reached bool
	a := &attemptResult{}
	if a.err = ctx.Err(); a.err != nil {
		return nil, c.fail(ctx, a, 0, false)
	}
	renewed := 0 // attempts with new credentials after a 401, which do not count as retries
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
		a = &attemptResult{} // for leave, if a hook panics
		func() {
			defer func() { c.backoff.leave(turn, c.accountSID(), a.status) }()
			a = c.observed(ctx, number, broken)
		}()
		took := time.Since(began)

		unknown = unknown || a.undecided() || c.name == opCreate && reached && a.code() == CodeInvalidOperation
		reached = reached || !a.neverSent
		if a.status == http.StatusUnauthorized && c.cached != nil && renewed == 0 && ctx.Err() == nil {
			c.refused, renewed = &refusedAuth{c.cached, time.Now()}, 1
			c.note(ctx, a, number, took, 0)
			continue
		}
		delay, again := c.next(ctx, a, number-renewed)
		c.note(ctx, a, number, took, delay)
		if a.session != nil {
			return a.session, nil
		}
		if a.timedOut && !a.neverSent {
			leaveConnections(c.http)
		}
		if !again {
			return nil, c.fail(ctx, a, number, unknown)
		}
		if err := sleep.For(ctx, delay); err != nil {
			a.err = joined(err, a.err)
			return nil, c.fail(ctx, a, number, unknown)
		}
	}
}

// undecided reports whether Twilio may or may not have acted on the attempt.
func (a *attemptResult) undecided() bool {
	switch {
	case a.session != nil, a.neverSent:
		return false
	case a.status == http.StatusRequestTimeout:
		return true
	}
	return a.status < http.StatusBadRequest || a.status >= http.StatusInternalServerError
}

// next reports whether another attempt follows, and after which wait.
func (c *call) next(ctx context.Context, a *attemptResult, number int) (time.Duration, bool) {
	if a.session != nil || number > c.maxRetries || ctx.Err() != nil || !c.mayRepeat(a) {
		return 0, false
	}
	delay := delayAfter(a.header, number)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
		return 0, false // this failure says more than context.DeadlineExceeded would
	}
	return delay, true
}

// delayAfter returns the wait after an attempt with the given response headers.
func delayAfter(response http.Header, number int) time.Duration {
	if delay := retryAfter(response); delay > 0 {
		return delay
	}
	return rand.N(min(maxDelay, firstDelay<<min(number-1, 10))) // #nosec G404 -- jitter is no secret
}

// isTemporary reports whether a later attempt may succeed after this status.
func isTemporary(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// mayRepeat implements the retry column of the table in the package documentation.
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

// retryAfter reads Retry-After, in seconds or as a date, capped at maxRetryAfter.
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

// joined returns the error that ended the wait together with the last attempt's.
func joined(wait, attempt error) error {
	if attempt == nil {
		return wait
	}
	return oneLine{errors.Join(wait, attempt)}
}

// note logs an attempt and records it in ResponseInfo.
func (c *call) note(ctx context.Context, a *attemptResult, number int, took, delay time.Duration) {
	c.logAttempt(ctx, a, number, took, delay)
	if c.info == nil {
		return
	}
	c.info.Status, c.info.Header, c.info.RequestID = a.status, a.header, a.requestID
	c.info.raw = keepRaw(a.body)
	c.info.Attempts = append(c.info.Attempts, Attempt{Status: a.status, Duration: took, Delay: delay})
}
