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

// RequestEntry is a request as it came in. [Server.Requests] has the same request
// under Number.
type RequestEntry struct {
	Number int    `json:"number"`
	Method string `json:"method"`
	// Path is as received; a segment that should be a SID and is not is "(not a SID)".
	Path       string    `json:"path"`
	Operation  Operation `json:"operation,omitempty"`
	AccountSID string    `json:"account,omitempty"`
	// IdempotencyKey stands as it came up to 32 bytes, and by its SHA-256 beyond.
	IdempotencyKey string `json:"idempotencyKey,omitempty"`
	// Attempt counts requests for the same operation with the same key, from 1.
	Attempt int `json:"attempt,omitempty"`
	// Header has content, user agent and tracing headers only.
	Header http.Header `json:"header,omitempty"`
	// Body, up to 16 KiB of it, and Form are empty when the contract or the
	// credentials refuse the request.
	Body      string     `json:"body,omitempty"`
	Form      url.Values `json:"form,omitempty"`
	Truncated bool       `json:"truncated,omitempty"`
	// Violation is why the contract refuses the request: a field and a rule.
	Violation string `json:"violation,omitempty"`
}

// ResponseEntry is how the server has responded to a request.
type ResponseEntry struct {
	// Request is the number of the request.
	Request int `json:"request"`
	// Status is zero when no status was sent.
	Status int         `json:"status"`
	Header http.Header `json:"header,omitempty"`
	// Body is what was sent of it, up to 16 KiB.
	Body      string `json:"body,omitempty"`
	Truncated bool   `json:"truncated,omitempty"`
	// Duration is the time from the request's header to here.
	Duration time.Duration `json:"duration"`
	// Code is Twilio's error code.
	Code int `json:"code,omitempty"`
	// Committed and Replayed are as in [Request].
	Committed bool `json:"committed,omitempty"`
	Replayed  bool `json:"replayed,omitempty"`
	// Fault names the fault that was injected, as [Fault.String] does.
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
	// Scripted says that a [Caller] hears the question.
	Scripted bool `json:"scripted,omitempty"`
	// Reason is why the prompt was closed, empty while it is open. ErrorType is what
	// the callback said about it.
	Reason    PromptReason       `json:"reason,omitempty"`
	ErrorType callback.ErrorType `json:"errorType,omitempty"`
	// Typed names what was typed, as [Call.Type] accepts it, once the entry is whole;
	// Count is how many digits there were.
	Typed string `json:"typed,omitempty"`
	Count int    `json:"count,omitempty"`
}

// PromptReason is why a prompt was closed.
type PromptReason string

// The reasons.
const (
	PromptComplete     PromptReason = "complete"      // the entry was accepted, or the caller confirmed
	PromptRefused      PromptReason = "refused"       // the entry was not accepted, see ErrorType
	PromptTimeout      PromptReason = "timeout"       // the next digit did not come in time
	PromptReplaced     PromptReason = "replaced"      // the application asked for something else
	PromptStar         PromptReason = "star"          // the caller pressed *
	PromptHangUp       PromptReason = "hang-up"       // the caller hung up
	PromptSessionEnded PromptReason = "session-ended" // complete, cancel, or the end of the session's lifetime
)

// KeyEntry is a key that the caller pressed.
type KeyEntry struct {
	// Key is "#" or "*", or "•" for any digit.
	Key string `json:"key"`
	// Count is how many digits the entry has with this one, and Masked the entry as
	// so many "•".
	Count  int    `json:"count,omitempty"`
	Masked string `json:"masked,omitempty"`
	// Deadline is when the next digit has to come; zero when none is waited for.
	Deadline time.Time `json:"deadline,omitzero"`
	// Lost says that nothing was asked, so that the key does nothing.
	Lost bool `json:"lost,omitempty"`
}

// CallbackEntry is a status callback that was made. [Server.Callbacks] has the
// same callback under Number.
type CallbackEntry struct {
	// Number counts callbacks from 1; zero for one of [Server.Send].
	Number int    `json:"number,omitempty"`
	URL    string `json:"url"`
	// Event is what the callback is about.
	Event callback.Kind `json:"event"`
	// Form is what is posted. The values of the parameters that Withheld names,
	// which are tokens and confirmation codes, are not in it.
	Form     url.Values `json:"form"`
	Withheld []string   `json:"withheld,omitempty"`
	// Token is the header I-Twilio-Idempotency-Token, Signature the header
	// X-Twilio-Signature, empty where there is none.
	Token     string `json:"token,omitempty"`
	Signature string `json:"signature,omitempty"`
	// Signed is the text that the signature is of, with "…" for what is withheld.
	Signed string `json:"signed,omitempty"`
}

// AttemptEntry is one post of a callback.
type AttemptEntry struct {
	// Callback is the number of the callback; zero for one of [Server.Send].
	Callback int `json:"callback,omitempty"`
	// Number counts the posts of the callback from 1; zero when it was not posted.
	Number int    `json:"number,omitempty"`
	URL    string `json:"url"`
	// Status is what the application responded with, zero when it did not.
	Status int `json:"status,omitempty"`
	// Header has the response's content, redirect and tracing headers, and Body the
	// first 4 KiB, with "…" for credentials and for what [CallbackEntry] withholds.
	Header    http.Header   `json:"header,omitempty"`
	Body      string        `json:"body,omitempty"`
	Truncated bool          `json:"truncated,omitempty"`
	Duration  time.Duration `json:"duration,omitempty"`
	// Error is why there was no response, or why the callback is not posted again.
	Error string `json:"error,omitempty"`
}

// GatewayEntry is a payment that the gateway is asked for, or its verdict.
type GatewayEntry struct {
	// Operation is "charge" or "tokenize".
	Operation string                 `json:"operation"`
	Connector string                 `json:"connector"`
	Method    payments.PaymentMethod `json:"method"`
	Amount    wire.Amount            `json:"amount,omitempty"`
	Currency  string                 `json:"currency,omitempty"`
	TokenType payments.TokenType     `json:"tokenType,omitempty"`
	// Result, Code and ConnectorError are the verdict, once there is one.
	Result         callback.Result `json:"result,omitempty"`
	Code           int             `json:"code,omitempty"`
	ConnectorError string          `json:"connectorError,omitempty"`
	// Delay is how long the gateway takes; Held that it waits for [Server.Decide].
	Delay time.Duration `json:"delay,omitempty"`
	Held  bool          `json:"held,omitempty"`
}

// FaultEntry is something that goes wrong on purpose.
type FaultEntry struct {
	// Target is "request", "callback" or, for rules, "gateway".
	Target string `json:"target"`
	// Name is the fault's, as [Fault.String] and [Delivery.String] have it; empty
	// where a rule was set that chooses later.
	Name string `json:"name,omitempty"`
	// Operation and Request are those of the request it happened to, Callback is the
	// number of the callback.
	Operation Operation `json:"operation,omitempty"`
	Request   int       `json:"request,omitempty"`
	Callback  int       `json:"callback,omitempty"`
	// TookEffect says that the request is acted on nevertheless.
	TookEffect bool `json:"tookEffect,omitempty"`
	// Rules is how many injectors or rules were set; zero: there are none any more.
	Rules int `json:"rules,omitempty"`
}

// The targets of a [FaultEntry].
const (
	targetRequest  = "request"
	targetCallback = "callback"
	targetGateway  = "gateway"
)

// The parts print as little as their entry does.

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
