package payments

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/twiliopay/twiliopay-go/internal/paycode"
)

// ErrAttemptTimeout is the cause of an [*Error] whose last attempt got no
// complete response within [WithAttemptTimeout]. Like a timeout of package net,
// it has a Timeout method that returns true. When the caller's own context or
// http.Client.Timeout ends the attempt, the cause matches
// context.DeadlineExceeded instead.
var ErrAttemptTimeout error = attemptTimeout{}

type attemptTimeout struct{}

func (attemptTimeout) Error() string { return "no response within the attempt timeout" }

func (attemptTimeout) Timeout() bool { return true }

// How many bytes of untrusted text are printed.
const (
	maxText = 512
	maxID   = 128
)

// Error is the error of every failed call.
//
// However it is printed, logged or marshalled, it shows no credentials, callback
// URLs, parameters or bodies; where Twilio's message repeats one of them, that
// part is replaced.
type Error struct {
	Op             string         // "create", "capture", "complete" or "cancel"; "update" for both or neither of Capture and Status
	Status         int            // HTTP status of the last attempt's response, 0 when it got none
	Code           int            // Twilio's error code, 0 when that response had none
	Message        string         // Twilio's message
	MoreInfo       string         // link to the code's page
	Details        map[string]any // Twilio's "details" object, redacted like Message; never printed
	Permissions    []string       // missing from the credentials, if Twilio names them (70051), such as "/twilio/voice/calls/update"
	RequestID      string         // that response's Twilio-Request-Id, which Twilio's support asks for; printable, cut after 128 bytes
	IdempotencyKey string         // the operation's key, to send it again
	Attempts       int            // attempts started; 0 when there was none

	outcomeUnknown bool
	cause          error
	raw            rawBody
}

// Raw returns the unchanged body of the last response, at most its first 64 KiB;
// nil when there was none. It is for details that this package does not know. It
// is never printed, because it may repeat parts of the request.
func (e *Error) Raw() []byte { return e.raw.bytes() }

// OutcomeUnknown reports whether Twilio may have acted although the call failed.
// Either an attempt was sent and got no decisive response, or a retried create
// found a session in progress, which may be the one it started.
//
// Wait for the status callback, which reports the outcome. Any operation but
// complete can instead be sent again with IdempotencyKey. If a create sent again
// fails with [ErrSessionInProgress], its first attempt may have started that
// session; only the callback shows whether it did.
func (e *Error) OutcomeUnknown() bool { return e.outcomeUnknown }

// Error describes the failure in one line. Text from outside is cut after 512
// bytes and unprintable characters are replaced; the fields have it in full.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("payments: " + e.Op)
	if e.Status != 0 {
		b.WriteString(": " + strconv.Itoa(e.Status))
	}
	if e.Code != 0 {
		b.WriteString(": code " + strconv.Itoa(e.Code))
	}
	if e.Message != "" {
		b.WriteString(": " + printable(e.Message, maxText))
	}
	if e.cause != nil {
		b.WriteString(": " + printable(e.cause.Error(), maxText))
	}
	if len(e.Permissions) > 0 {
		b.WriteString(": missing " + printable(strings.Join(e.Permissions, ", "), maxText))
	}
	var notes []string
	if e.RequestID != "" {
		notes = append(notes, "request "+printable(e.RequestID, maxID))
	}
	if e.Attempts > 1 {
		notes = append(notes, strconv.Itoa(e.Attempts)+" attempts")
	}
	if e.outcomeUnknown {
		notes = append(notes, "outcome unknown, key "+printable(e.IdempotencyKey, maxID))
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return b.String()
}

// Unwrap returns the cause, such as a [*ValidationError], a [*CredentialError], a
// transport's error or the context's. When Twilio refused, it returns nil.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether the status and code mean target, one of the Err values of
// this package.
func (e *Error) Is(target error) bool { return paycode.Is(e.Status, e.Code, target) }

// Format prints the result of Error for every verb.
func (e Error) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// MarshalJSON writes the fields that may be stored or shown: not Details, and only
// the text of the cause.
func (e Error) MarshalJSON() ([]byte, error) {
	var cause string
	if e.cause != nil {
		cause = e.cause.Error()
	}
	return json.Marshal(struct {
		Op             string   `json:"op"`
		Status         int      `json:"status,omitempty"`
		Code           int      `json:"code,omitempty"`
		Message        string   `json:"message,omitempty"`
		MoreInfo       string   `json:"more_info,omitempty"`
		Cause          string   `json:"cause,omitempty"`
		Permissions    []string `json:"permissions,omitempty"`
		RequestID      string   `json:"request_id,omitempty"`
		IdempotencyKey string   `json:"idempotency_key,omitempty"`
		Attempts       int      `json:"attempts"`
		OutcomeUnknown bool     `json:"outcome_unknown"`
	}{e.Op, e.Status, e.Code, e.Message, e.MoreInfo, cause, e.Permissions, e.RequestID, e.IdempotencyKey, e.Attempts, e.outcomeUnknown})
}

// MarshalText returns the result of Error. YAML and XML encoders use it; without
// it they would write all fields, Details included.
func (e Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// LogValue logs fields that hold no secrets: no message and no cause.
func (e Error) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("operation", e.Op), slog.Int("status", e.Status), slog.Int("code", e.Code),
		slog.String("request_id", e.RequestID), slog.String("idempotency_key", printable(e.IdempotencyKey, maxID)),
		slog.Int("attempts", e.Attempts), slog.Bool("outcome_unknown", e.outcomeUnknown),
	)
}

// printable returns s for one line of a log: cut after limit bytes, with a space
// for each unprintable character (line breaks, escapes, bidirectional marks).
func printable(s string, limit int) string {
	if len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = s[:limit] + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
