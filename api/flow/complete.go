package flow

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// Complete submits what was captured to the payment gateway and returns when
// the charge was made or the token returned. A failed payment is an
// [*EndedError]: test for payments.ErrDeclined with errors.Is.
//
// Complete is sent once, by one machine. It is sent again only if Twilio is
// known not to have acted: it refused the request, as with
// payments.ErrIncomplete before every field was captured, or was never reached.
// If the response was lost, the context ended or the machine died, no machine
// sends it again, and the callback reports the outcome; until then the error is
// [ErrOutcomeUnknown], whatever the reason, such as that the bus has forgotten the
// session or the flow is closed. Calling Complete again, here or on another
// machine, waits again.
func (f *Flow) Complete(ctx context.Context) (*Result, error) {
	op := operation{Status: payments.StatusComplete}
	return observed(ctx, &f.config.hooks, f.info(op, "complete"), func(ctx context.Context) (*Result, error) {
		return f.complete(ctx, op)
	})
}

func (f *Flow) complete(ctx context.Context, op operation) (*Result, error) {
	s, ctx, err := f.begin(ctx, op)
	if err == nil {
		defer s.finish(ctx)
		err = s.complete(ctx)
	} else if errors.Is(err, ErrOutcomeUnknown) {
		return nil, err // which was waited for
	}
	switch ended := f.ended(ctx); {
	case errors.Is(ended, ErrSucceeded):
		return f.result(), nil
	case ended != nil:
		return nil, ended
	}
	return nil, f.stillUnknown(op, err)
}

// stillUnknown returns the error of a complete or cancel that failed in an open
// session. If complete was sent, or may have been, such a failure says nothing about
// the charge, so the outcome is unknown, unless another step waits for it.
func (f *Flow) stillUnknown(op operation, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil || errors.Is(err, ErrBusy) || errors.Is(err, ErrOutcomeUnknown) || !f.mayCompleteLocked(f.seen) {
		return err
	}
	return unknown(op, err)
}

// complete sends the request unless it was sent before, and waits for the end
// of the session.
func (s *step) complete(ctx context.Context) error {
	f, began := s.f, time.Now()
	wait, why := f.until, error(nil)
	if s.abandoned {
		wait, why = f.waitForCallback, errSentBefore
	} else if err := s.sendComplete(ctx); err != nil {
		if !mayHaveActed(err) {
			f.retract(s.fresh)
			return err
		}
		wait, why = f.waitForCallback, err
	}
	if err := wait(ctx, func() bool { return f.end != nil }); err != nil {
		return unknown(s.op, join(why, s.waited("the result", began, err)))
	}
	return nil
}

var errSentBefore = errors.New("it was sent before, or may have been")

// Complete is sent without the client's own retries, which its options may
// extend to lost responses. Here it is sent again only if it never reached
// Twilio or was rate limited.
const (
	completeTries = 4
	firstDelay    = 250 * time.Millisecond
)

// sendTime bounds how long after its claim complete may still be sent: three
// quarters of the smallest age at which [Reconcile] settles a session, to allow
// for clock differences.
const sendTime = smallestSettleAge * 3 / 4

// errLate means that complete was not sent because its claim is too old: the bus
// was slow, or the process was suspended.
var errLate = fmt.Errorf("flow: complete was not sent, because its claim is more than %s old: %w", sendTime, context.DeadlineExceeded)

func (s *step) sendComplete(ctx context.Context) error {
	ctx, cancel := context.WithDeadline(ctx, s.claimed.Add(sendTime))
	defer cancel()
	for try := 1; ; try++ {
		if s.isLate() {
			return errLate
		}
		err := s.update(ctx, payments.WithMaxRetries(0))
		if try == completeTries || !neverActed(err) || sleep.For(ctx, rand.N(firstDelay<<(try-1))) != nil { // #nosec G404 -- jitter is no secret
			return err
		}
	}
}

// isLate reports whether too much time has passed since the claim, by either
// clock: the monotonic one may stand still while a virtual machine is suspended.
func (s *step) isLate() bool {
	now := time.Now()
	return now.Sub(s.claimed) >= sendTime || now.Round(0).Sub(s.claimed.Round(0)) >= sendTime
}

// neverActed reports whether a failed request can safely be sent again: there
// was no connection, or too many requests at once.
func neverActed(err error) bool {
	e, ok := errors.AsType[*payments.Error](err)
	return ok && e.Attempts > 0 && !e.OutcomeUnknown() && (e.Status == 0 || e.Status == http.StatusTooManyRequests)
}
