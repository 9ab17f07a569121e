package flow

import (
	"context"
	"errors"
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// HTTPStatus returns the status with which a back end can respond to its own
// client for an error of [Start], [Resume] or a step, wrapped or not:
//
//	200  nil
//	400  the parameters are wrong: payments.ErrInvalidParams
//	402  nothing was paid: payments.ErrDeclined, ErrNotCharged
//	404  nothing is known of the session: ErrNoRecord, payments.ErrNotFound
//	409  not now: ErrBusy, ErrTakenOver, ErrCompleting, payments.ErrSessionInProgress, payments.ErrIncomplete
//	410  the session is over: another *EndedError, ErrExpired, ErrClosed
//	422  the caller's entry was refused: *EntryError; ask again if its field Again says so
//	502  Twilio refused for a reason the client cannot mend: another *payments.Error
//	503  too busy: payments.ErrRateLimited, ErrFull
//	504  the outcome is not known, or the step ran out of time: ErrOutcomeUnknown, the context's error
//	500  anything else
//
// A 504 is not a failure: after Complete a charge may have been made. Call the
// step again, as the package documentation describes, before you report to the
// client that nothing was paid. The error texts name fields and SIDs but no
// secrets.
func HTTPStatus(err error) int {
	if err == nil {
		return http.StatusOK
	}
	for _, class := range statuses {
		if class.holds(err) {
			return class.status
		}
	}
	return http.StatusInternalServerError
}

// statuses are tried in this order: a step whose outcome is unknown wraps the
// reason, and must not be reported as a refusal.
var statuses = []struct {
	status int
	holds  func(error) bool
}{
	{http.StatusGatewayTimeout, func(err error) bool {
		e, ok := errors.AsType[*payments.Error](err)
		return is(err, ErrOutcomeUnknown) || ok && e.OutcomeUnknown()
	}},
	{http.StatusUnprocessableEntity, as[*EntryError]},
	{http.StatusPaymentRequired, func(err error) bool { return is(err, payments.ErrDeclined, ErrNotCharged) }},
	{http.StatusGone, func(err error) bool { return as[*EndedError](err) || is(err, ErrExpired, ErrClosed) }},
	{http.StatusConflict, func(err error) bool {
		return is(err, ErrBusy, ErrTakenOver, ErrCompleting, payments.ErrSessionInProgress, payments.ErrIncomplete)
	}},
	{http.StatusNotFound, func(err error) bool { return is(err, ErrNoRecord, payments.ErrNotFound) }},
	{http.StatusBadRequest, func(err error) bool { return is(err, payments.ErrInvalidParams) }},
	{http.StatusServiceUnavailable, func(err error) bool { return is(err, payments.ErrRateLimited, ErrFull) }},
	{http.StatusGatewayTimeout, func(err error) bool { return is(err, context.DeadlineExceeded, context.Canceled) }},
	{http.StatusBadGateway, as[*payments.Error]},
}

func is(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
