package flow

import (
	"fmt"
	"io"
	"net/url"
	"strconv"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Outcome is the payment gateway's account of a session whose complete was
// sent, or may have been. Create one with [Charged], [Declined] or
// [NotCharged]; the zero Outcome means that the gateway does not know.
type Outcome struct {
	kind outcomeKind
	text wire.Hidden[string] // confirmation code, or the gateway's reason
}

type outcomeKind string

const (
	charged    outcomeKind = "charged"
	declined   outcomeKind = "declined"
	notCharged outcomeKind = "not-charged"
)

// Charged is the outcome of a session that was charged. The code is the
// gateway's reference for the charge; it becomes [Result].ConfirmationCode.
func Charged(confirmationCode string) Outcome {
	return Outcome{charged, wire.Hide(confirmationCode)}
}

// Declined is the outcome of a session whose charge the gateway refused. The
// reason is the gateway's own and may be empty. Complete returns an error that
// matches payments.ErrDeclined.
func Declined(reason string) Outcome {
	return Outcome{declined, wire.Hide(maskParameter("ConnectorError", reason))}
}

// NotCharged is the outcome of a session that the gateway has no charge for and
// will have none: complete never reached it. Complete returns an error that
// matches [ErrNotCharged]. It is permanent: no complete is sent in the session
// again; start another. Should a success arrive after all, it counts.
func NotCharged() Outcome { return Outcome{kind: notCharged} }

// IsKnown reports whether the gateway knows the outcome.
func (o Outcome) IsKnown() bool { return o.kind != "" }

// IsCharged reports whether the caller was charged.
func (o Outcome) IsCharged() bool { return o.kind == charged }

// Text returns the confirmation code of a charge, or the reason of a refusal.
func (o Outcome) Text() wire.Hidden[string] { return o.text }

// String returns charged, declined, not-charged or unknown.
func (o Outcome) String() string {
	if o.kind == "" {
		return "unknown"
	}
	return string(o.kind)
}

// Format prints what String returns, for every verb.
func (o Outcome) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, o.String()) }

// MarshalText writes what String returns.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// ResultNotCharged is how a session ended that [Reconcile] settled as
// [NotCharged]. Twilio posts no such result.
const ResultNotCharged callback.Result = "not-charged"

// settlement is an outcome as stored in a record.
type settlement struct {
	Kind outcomeKind `json:"outcome"`
	Text string      `json:"text,omitempty"`
}

func (s settlement) outcome() Outcome { return Outcome{s.Kind, wire.Hide(s.Text)} }

// settledNote is the message that reports a settlement to all machines. Its
// body is what Twilio would have posted.
func (r *record) settledNote(s Session) Message {
	form := url.Values{"AccountSid": {s.AccountSID}, "CallSid": {s.CallSID}, "Sid": {s.SID}}
	switch r.Settled.Kind {
	case charged:
		form.Set("Result", string(callback.ResultSuccess))
		form.Set("PaymentConfirmationCode", r.Settled.Text)
	case declined:
		form.Set("Result", string(callback.ResultPaymentConnectorError))
		form.Set("PayErrorCode", strconv.Itoa(payments.CodeChargeRejected))
		form.Set("ConnectorError", r.Settled.Text)
	default:
		form.Set("Result", string(ResultNotCharged))
	}
	return Message{Session: s, ID: "settled", Flow: r.Flow, Note: NoteSettled, Body: wire.Hide(form.Encode()), Final: true}
}
