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

// ErrAttemptTimeout is the cause of an [*Error] whose last attempt got no response
// within [WithAttemptTimeout]. Its method Timeout returns true, as net.Error's. A
// deadline of the caller's own context, and that of an http.Client with a
// Timeout, is context.DeadlineExceeded instead.
var ErrAttemptTimeout error = attemptTimeout{}

type attemptTimeout struct{}

func (attemptTimeout) Error() string { return "no response within the attempt's time" }

func (attemptTimeout) Timeout() bool { return true }

// How much of a text that came from outside is printed.
const (
	maxText = 512
	maxID   = 128
)

// Error is what every failed call returns: all that is known of it.
//
// However it is printed, logged or marshalled, it shows neither credentials nor
// the callback URL, parameters or bodies; where Twilio's message repeats one of
// them, that part is replaced.
type Error struct {
	Op             string         // "create", "capture", "complete" or "cancel"; "update" when neither is known
	Status         int            // HTTP status of the last response, 0 when there was none
	Code           int            // Twilio's error code, 0 when the response had none
	Message        string         // Twilio's message
	MoreInfo       string         // link to the code's page
	Details        map[string]any // whatever else Twilio said, redacted as Message is; not part of what Error prints
	Permissions    []string       // that the credentials lack, where Twilio names them (70051), such as "/twilio/voice/calls/update"
	RequestID      string         // Twilio-Request-Id of the last response, at most 128 printable bytes: what Twilio's support asks for
	IdempotencyKey string         // the operation's key: send again with it
	Attempts       int            // attempts begun; 0 when there was none

	outcomeUnknown bool
	cause          error
	raw            rawBody
}

// Raw returns the body of the last response as it came, at most its first 64
// KiB; nil when there was none. It is for details that this package does not
// know. Nothing prints it: it may repeat what the request held.
func (e *Error) Raw() []byte { return e.raw.bytes() }

// OutcomeUnknown reports whether Twilio may have acted although the call
// failed: an attempt was sent and ended without a decisive response, or a create
// that was sent again met a session in progress, which may be its own.
//
// The way out is to wait for the status callback, which reports the outcome, or,
// for everything but complete, to send the same operation again with
// IdempotencyKey. A create that you send again by its
// key and that fails with [ErrSessionInProgress] may have met the session it
// started the first time: this call cannot know, the callback can.
func (e *Error) OutcomeUnknown() bool { return e.outcomeUnknown }

// Error describes the failure in one line. What came from outside is cut to 512
// bytes, and unprintable characters are replaced; the fields have it whole.
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

// Unwrap returns the cause: a [*ValidationError], a transport's error, or the
// context's. A refusal by Twilio has none.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether the failure means target, one of the Err values of this
// package.
func (e *Error) Is(target error) bool { return paycode.Is(e.Status, e.Code, target) }

// Format prints Error's line for every verb.
func (e Error) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// MarshalJSON writes what may be stored or shown: no Details, and of the cause
// its text.
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

// MarshalText writes Error's line: what YAML and XML show. Without it they would
// write the fields, Details too.
func (e Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// LogValue logs the fields of the log's allow-list.
func (e Error) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("operation", e.Op), slog.Int("status", e.Status), slog.Int("code", e.Code),
		slog.String("request_id", e.RequestID), slog.String("idempotency_key", printable(e.IdempotencyKey, maxID)),
		slog.Int("attempts", e.Attempts), slog.Bool("outcome_unknown", e.outcomeUnknown),
	)
}

// printable returns s fit for one line of a log: at most limit bytes, and in
// place of what does not print (line breaks, escapes, marks that change the
// direction of text) a space.
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
