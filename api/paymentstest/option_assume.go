package paymentstest

import (
	"net/http"
	"time"

	"github.com/twiliopay/twiliopay-go/generated"
)

// WithFinishedSessionError sets the answer to an update of a session that has
// ended. Default 404 with code 20404.
func WithFinishedSessionError(status, code int) Option {
	return func(c *config) error {
		if status < http.StatusBadRequest || status > 599 {
			return optionError("WithFinishedSessionError status", "must be from 400 to 599")
		}
		c.finishedStatus, c.finishedCode = status, code
		return nil
	}
}

// WithCancelResult sets the Result of the callback after a cancel, by the
// application or by the caller who does not confirm. Empty leaves the parameter
// out. Default transaction-cancelled.
func WithCancelResult(result generated.Result) Option {
	return func(c *config) error {
		c.cancelResult = result
		return nil
	}
}

// EndToCreateURL sends the callback about * and hanging up to the StatusCallback
// of create. Default: to that of the last request taken.
func EndToCreateURL() Option {
	return func(c *config) error {
		c.endToCreateURL = true
		return nil
	}
}

// WithSessionLifetime ends a session, without a callback, that gets no request
// for d of the server's time. Default 0: sessions stay open.
func WithSessionLifetime(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return optionError("WithSessionLifetime duration", "must not be negative")
		}
		c.lifetime = d
		return nil
	}
}

// RecaptureForgetsSecurityCode makes a second capture of the card number require
// the security code again. Default: the code stays captured.
func RecaptureForgetsSecurityCode() Option {
	return func(c *config) error {
		c.recaptureCode = true
		return nil
	}
}

// HideMatchers leaves the matcher captures out of Required. Completing without
// them is refused all the same. Default: Required lists them.
func HideMatchers() Option {
	return func(c *config) error {
		c.hideMatchers = true
		return nil
	}
}

// WithFinalPartialResult sets PartialResult of a finished entry, such as
// "false". Default empty: the parameter is absent.
func WithFinalPartialResult(value string) Option {
	return func(c *config) error {
		c.finalPartial = value
		return nil
	}
}

// DashedCardMask masks card numbers as the vendor's documentation shows them,
// xxxx-xxxxxx-x4001. Default: as the captured payloads do, xxxxxxxxxxx4001.
func DashedCardMask() Option {
	return func(c *config) error {
		c.dashedMask = true
		return nil
	}
}

// ReportSessionInProgress adds a callback with ErrorType session-in-progress to
// the refusal of a second session, 64021. Default: the refusal alone.
func ReportSessionInProgress() Option {
	return func(c *config) error {
		c.reportInProgress = true
		return nil
	}
}

// ReuseKeys lets one IdempotencyKey serve many operations, as Twilio's own demos
// do: create, complete and cancel are replayed when they come again unchanged,
// captures always act. Default: a key that comes with another request is
// refused.
func ReuseKeys() Option {
	return func(c *config) error {
		c.reuseKeys = true
		return nil
	}
}

// IgnoreConnectionOverrides takes no notice of the fragment of a StatusCallback,
// such as #rc=3&rp=5xx. Default: it is obeyed.
func IgnoreConnectionOverrides() Option {
	return func(c *config) error {
		c.ignoreOverrides = true
		return nil
	}
}
