package callback

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/paycode"
)

// PaymentError is a failed payment; see [Event.Err]. By its code it matches the
// sentinel errors of package payments:
//
//	errors.Is(err, payments.ErrDeclined) // the gateway declined
//
// The codes are 64001 to 64024 of https://www.twilio.com/docs/api/errors. Printed,
// logged or as JSON, it shows no text of the gateway.
type PaymentError struct {
	// SessionSID is the payment session that failed.
	SessionSID string
	// Result is how the session ended; empty when the callback had none.
	Result Result
	// Code is Twilio's error code, PayErrorCode as a number; 0 when the callback
	// had none or it is not a number.
	Code int

	message, connector wire.Hidden[string]
}

// Err returns a *[PaymentError] when the event reports a failed payment: the
// session completed without success, or the event has an error code, a payment
// error or a connector error. Otherwise it returns nil. A wrong entry by the
// caller is not a failed payment: see ErrorType and [Event.Retryable].
func (e Event) Err() error {
	if e.Succeeded() || e.Kind != Completed && e.PayErrorCode == "" && e.PaymentError.IsZero() && e.ConnectorError.IsZero() {
		return nil
	}
	code, err := strconv.Atoi(strings.TrimSpace(e.PayErrorCode))
	if err != nil || code < 0 {
		code = 0
	}
	return &PaymentError{
		SessionSID: e.SID,
		Result:     e.Result,
		Code:       code,
		message:    e.PaymentError,
		connector:  e.ConnectorError,
	}
}

// Succeeded reports whether the session completed with success: the charge was
// made or the token returned.
func (e Event) Succeeded() bool {
	return e.Kind == Completed && e.Result == ResultSuccess
}

// Error returns the result and the code, and no text of Twilio or the gateway.
func (e *PaymentError) Error() string {
	text := "payment failed"
	if e.Result != "" {
		text += ": " + string(e.Result)
	}
	if e.Code != 0 {
		text += ", code " + strconv.Itoa(e.Code)
	}
	return text
}

// Is reports whether the code means target, one of the sentinel errors of package
// payments.
func (e *PaymentError) Is(target error) bool { return paycode.Is(0, e.Code, target) }

// Message returns Twilio's parameter PaymentError, unescaped: some connectors
// escape it as in a URL. It is free text: do not log it unchecked.
func (e *PaymentError) Message() string {
	message := e.message.Reveal()
	if plain, err := url.PathUnescape(message); err == nil {
		return plain
	}
	return message
}

// ConnectorError returns the gateway's own code or message, unchanged. It is free
// text: do not log it unchecked.
func (e *PaymentError) ConnectorError() string {
	return e.connector.Reveal()
}

// Format prints the result of Error for every verb.
func (e *PaymentError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// LogValue logs session, result and code.
func (e *PaymentError) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("session", e.SessionSID), slog.String("result", string(e.Result)), slog.Int("code", e.Code))
}

// MarshalJSON writes session, result and code.
func (e *PaymentError) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"session": e.SessionSID, "result": e.Result, "code": e.Code})
}
