package paymentstest

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// RequestEntry is a request as received. [Server.Requests] has the same request under
// Number.
type RequestEntry struct {
	Number int    `json:"number"`
	Method string `json:"method"`
	// Path is as received, with "(not a SID)" in place of a malformed SID.
	Path       string    `json:"path"`
	Operation  Operation `json:"operation,omitempty"`
	AccountSID string    `json:"account,omitempty"`
	// IdempotencyKey is the key, or its SHA-256 if it is longer than 32 bytes.
	IdempotencyKey string `json:"idempotencyKey,omitempty"`
	// Attempt counts requests for the same operation with the same key, from 1.
	Attempt int `json:"attempt,omitempty"`
	// Header has only headers about content, user agent and tracing.
	Header http.Header `json:"header,omitempty"`
	// Body is at most 16 KiB. Body and Form are empty if the contract or the
	// credentials refuse the request.
	Body      string     `json:"body,omitempty"`
	Form      url.Values `json:"form,omitempty"`
	Truncated bool       `json:"truncated,omitempty"`
	// Violation is the field and the rule of the contract that the request violates.
	Violation string `json:"violation,omitempty"`
}

// ResponseEntry is the server's response to a request.
type ResponseEntry struct {
	// Request is the number of the request.
	Request int `json:"request"`
	// Status is zero if none was sent.
	Status int         `json:"status"`
	Header http.Header `json:"header,omitempty"`
	// Body is the part that was sent, at most 16 KiB.
	Body      string `json:"body,omitempty"`
	Truncated bool   `json:"truncated,omitempty"`
	// Duration is the time since the request's header.
	Duration time.Duration `json:"duration"`
	// Code is Twilio's error code.
	Code int `json:"code,omitempty"`
	// Committed and Replayed are as in [Request].
	Committed bool `json:"committed,omitempty"`
	Replayed  bool `json:"replayed,omitempty"`
	// Fault is the name of an injected fault, see [Fault.String].
	Fault string `json:"fault,omitempty"`
}

// PromptEntry is a question to the caller.
type PromptEntry struct {
	// Capture is the field asked for, empty when the caller is to confirm.
	Capture payments.Capture `json:"capture,omitempty"`
	// Times counts how often the session has asked for the field, from 1.
	Times   int  `json:"times,omitempty"`
	Confirm bool `json:"confirm,omitempty"`
	// Timeout is how long the caller may wait between two digits.
	Timeout time.Duration `json:"timeout"`
	// Scripted reports whether a [Caller] hears the question.
	Scripted bool `json:"scripted,omitempty"`
	// Reason is why the prompt was closed, empty while it is open. ErrorType is that
	// of the callback about it.
	Reason    PromptReason       `json:"reason,omitempty"`
	ErrorType callback.ErrorType `json:"errorType,omitempty"`
	// Typed is the name of a finished entry, as [Call.Type] accepts it; Count is how
	// many digits it had.
	Typed string `json:"typed,omitempty"`
	Count int    `json:"count,omitempty"`
}

// PromptReason is why a prompt was closed.
type PromptReason string

// The reasons.
const (
	PromptComplete     PromptReason = "complete"      // the entry was accepted, or the caller confirmed
	PromptRefused      PromptReason = "refused"       // the entry was not accepted, see ErrorType
	PromptTimeout      PromptReason = "timeout"       // the next digit was late
	PromptReplaced     PromptReason = "replaced"      // the application asked for something else
	PromptStar         PromptReason = "star"          // the caller pressed *
	PromptHangUp       PromptReason = "hang-up"       // the caller hung up
	PromptSessionEnded PromptReason = "session-ended" // by complete, cancel, or the end of its lifetime
)

// KeyEntry is a key that the caller pressed.
type KeyEntry struct {
	// Key is "#" or "*", or "•" for any digit.
	Key string `json:"key"`
	// Count is how many digits the entry has with this one, and Masked shows each of
	// them as "•".
	Count  int    `json:"count,omitempty"`
	Masked string `json:"masked,omitempty"`
	// Deadline is when the next digit is due, zero if none is.
	Deadline time.Time `json:"deadline,omitzero"`
	// Lost reports that the key did nothing, because nothing was asked.
	Lost bool `json:"lost,omitempty"`
}

// CallbackEntry is a status callback. [Server.Callbacks] has the same callback under
// Number.
type CallbackEntry struct {
	// Number counts callbacks from 1; zero for one of [Server.Send].
	Number int    `json:"number,omitempty"`
	URL    string `json:"url"`
	// Event is the kind of the callback.
	Event callback.Kind `json:"event"`
	// Form is what is posted, without the values of the parameters in Withheld: tokens
	// and confirmation codes.
	Form     url.Values `json:"form"`
	Withheld []string   `json:"withheld,omitempty"`
	// Token is the header I-Twilio-Idempotency-Token, Signature the header
	// X-Twilio-Signature, empty for none.
	Token     string `json:"token,omitempty"`
	Signature string `json:"signature,omitempty"`
	// Signed is the signed text, with "…" for what is withheld.
	Signed string `json:"signed,omitempty"`
}

// AttemptEntry is one post of a callback.
type AttemptEntry struct {
	// Callback is the number of the callback; zero for one of [Server.Send].
	Callback int `json:"callback,omitempty"`
	// Number counts the posts of the callback from 1; zero if it was not posted.
	Number int    `json:"number,omitempty"`
	URL    string `json:"url"`
	// Status is the application's response, zero for none.
	Status int `json:"status,omitempty"`
	// Header has the response's content, redirect and tracing headers, and Body the
	// first 4 KiB, with "…" for credentials and for what [CallbackEntry] withholds.
	Header    http.Header   `json:"header,omitempty"`
	Body      string        `json:"body,omitempty"`
	Truncated bool          `json:"truncated,omitempty"`
	Duration  time.Duration `json:"duration,omitempty"`
	// Error is why there was no response, or why there is no further post.
	Error string `json:"error,omitempty"`
}

// GatewayEntry is a payment that the gateway is asked for, or its verdict on one.
type GatewayEntry struct {
	// Operation is "charge" or "tokenize".
	Operation string                 `json:"operation"`
	Connector string                 `json:"connector"`
	Method    payments.PaymentMethod `json:"method"`
	Amount    wire.Amount            `json:"amount,omitempty"`
	Currency  string                 `json:"currency,omitempty"`
	TokenType payments.TokenType     `json:"tokenType,omitempty"`
	// Result, Code and ConnectorError are the verdict, empty when it is asked.
	Result         callback.Result `json:"result,omitempty"`
	Code           int             `json:"code,omitempty"`
	ConnectorError string          `json:"connectorError,omitempty"`
	// Delay is how long the gateway took. Held reports that it waited for
	// [Server.Decide].
	Delay time.Duration `json:"delay,omitempty"`
	Held  bool          `json:"held,omitempty"`
}

// FaultEntry is something that goes wrong on purpose.
type FaultEntry struct {
	// Target is "request", "callback" or, for rules, "gateway".
	Target string `json:"target"`
	// Name is that of the fault, see [Fault.String] and [Delivery.String]; empty when
	// rules are set.
	Name string `json:"name,omitempty"`
	// Operation and Request are those of the faulty request, Callback is the number of
	// the callback.
	Operation Operation `json:"operation,omitempty"`
	Request   int       `json:"request,omitempty"`
	Callback  int       `json:"callback,omitempty"`
	// TookEffect reports that the request is acted on nevertheless.
	TookEffect bool `json:"tookEffect,omitempty"`
	// Rules is how many injectors or rules are now set or armed.
	Rules int `json:"rules,omitempty"`
}

// The targets of a [FaultEntry].
const (
	targetRequest  = "request"
	targetCallback = "callback"
	targetGateway  = "gateway"
)

// The parts print as little as an entry.

// Format prints number and operation for every verb.
func (r RequestEntry) Format(f fmt.State, _ rune) { part(f, "request", r.Number, string(r.Operation)) }

// Format prints number and status for every verb.
func (r ResponseEntry) Format(f fmt.State, _ rune) {
	part(f, "response", r.Request, fmt.Sprint(r.Status))
}

// Format prints number and kind for every verb.
func (c CallbackEntry) Format(f fmt.State, _ rune) { part(f, "callback", c.Number, string(c.Event)) }

// Format prints number and status for every verb.
func (a AttemptEntry) Format(f fmt.State, _ rune) {
	part(f, "attempt", a.Number, fmt.Sprint(a.Status))
}

func part(f fmt.State, name string, number int, detail string) {
	_, _ = fmt.Fprintf(f, "%s %d %s", name, number, detail)
}
